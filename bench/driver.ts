import { createHash, randomBytes } from 'node:crypto';
import type { Agent } from 'node:http';
import { Browser, type Landing } from './browser.ts';
import { formWith } from './forms.ts';
import { verifyIdToken } from './id-token.ts';
import { type Client, type Endpoints, REDIRECT_URI, type Tokens, tokens } from './relying-site.ts';
import type { SmtpSink } from './smtp-sink.ts';
import { BENCH_PASSWORD } from './target.ts';

const MAIL_TIMEOUT_MS = 20_000;

/** Who logs in where. */
export interface LoginPlan {
  /** How the client's users log in. */
  method: 'otp' | 'password' | 'password+otp';
  agent: Agent;
  endpoints: Endpoints;
  client: Client;
  sink: SmtpSink;
  user: { id: string; email: string };
  /** IP address of the browser, as a reverse proxy passes it on. */
  address: string;
}

export interface LoginResult {
  /** Sum of the request latencies, token request included, mail wait excluded, in milliseconds. */
  waitedMs: number;
  tokens: Tokens;
}

interface Request {
  url: URL;
  state: string;
  nonce: string;
  verifier: string;
}

function random(): string {
  return randomBytes(24).toString('base64url');
}

function authorizationRequest(endpoints: Endpoints, client: Client): Request {
  const [state, nonce, verifier] = [random(), random(), random() + random()];
  const url = new URL(endpoints.authorization);
  url.search = new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'openid email',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return { url, state, nonce, verifier };
}

/** Fills the form that has the first of the fields on the page where the browser is, and sends it. */
function fill(browser: Browser, at: Landing, fields: Record<string, string>): Promise<Landing> {
  const [field = ''] = Object.keys(fields);
  if (at.kind === 'left') throw new Error(`sent away to ${at.url} where the form for ${field} was due`);
  const form = formWith(at.answer.body, field);
  if (!form || at.answer.status !== 200) {
    throw new Error(
      `${at.answer.status} and no form for ${field} at ${at.url}: ${at.answer.body.slice(0, 2000)}`,
    );
  }
  const all = [...form.hidden, ...Object.entries(fields)];
  return browser.submit(new URL(form.action, at.url), new URLSearchParams(all));
}

/** The authorization code in the callback (RFC 6749 4.1.2, iss of RFC 9207 where it is sent). */
function codeFromCallback(at: Landing, issuer: string, state: string): string {
  if (at.kind === 'page')
    throw new Error(`${at.answer.status} at ${at.url}: ${at.answer.body.slice(0, 2000)}`);
  const { searchParams } = at.url;
  const code = searchParams.get('code');
  const iss = searchParams.get('iss') ?? issuer;
  if (
    !code ||
    searchParams.get('state') !== state ||
    iss !== issuer ||
    !at.url.href.startsWith(REDIRECT_URI)
  ) {
    throw new Error(`not the callback that was due: ${at.url}`);
  }
  return code;
}

/** From the first page to the callback: user ID, with the password where there is one, and the code from the mail. */
async function answerPages(browser: Browser, first: Landing, plan: LoginPlan): Promise<Landing> {
  const { method, sink, user } = plan;
  const password: Record<string, string> = method === 'otp' ? {} : { password: BENCH_PASSWORD };
  const mailed = method === 'password' ? undefined : sink.nextCode(user.email, MAIL_TIMEOUT_MS);
  mailed?.catch(() => {});
  const next = await fill(browser, first, { user_id: user.id, ...password });
  return mailed ? fill(browser, next, { code: await mailed }) : next;
}

/**
 * One whole login of a browser without cookies: authorization endpoint, the pages, callback, token endpoint, ID token
 * verified. Throws when any step answers otherwise.
 */
export async function login(plan: LoginPlan): Promise<LoginResult> {
  const { agent, endpoints, client } = plan;
  const request = authorizationRequest(endpoints, client);
  const browser = new Browser(agent, endpoints.authorization.origin, plan.address);
  const callback = await answerPages(browser, await browser.open(request.url), plan);
  const code = codeFromCallback(callback, endpoints.issuer, request.state);
  const start = performance.now();
  const received = await tokens(agent, endpoints, client, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: request.verifier,
  });
  const waitedMs = browser.waitedMs + performance.now() - start;
  const expected = { issuer: endpoints.issuer, audience: client.id, nonce: request.nonce };
  verifyIdToken(received.id_token ?? '', endpoints.keys, expected);
  return { waitedMs, tokens: received };
}
