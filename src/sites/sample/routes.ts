import { timingSafeEqual } from 'node:crypto';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Configuration } from 'openid-client';
import { readForm, refuseOtherSites } from '../../http/forms.ts';
import { chooseLocale } from '../../http/locale.ts';
import { refusedPage } from '../../http/pages.ts';
import { show } from '../../http/render.ts';
import { seeOther } from '../../http/see-other.ts';
import { showHome, showProblem, showSession, showUnreachable } from './answers.ts';
import { loginQuery, readLoginRequest } from './login-request.ts';
import { InvalidLogoutToken, type LogoutSubject } from './logout-token.ts';
import type { SampleSiteOptions } from './options.ts';
import { isUnreachable, type Provider } from './provider.ts';
import type { Session, Sessions } from './sessions.ts';
import * as signIn from './sign-in.ts';
import * as transactions from './transactions.ts';

const SESSION_COOKIE = 'sample_session';
/** Logins that one browser may have under way. */
const MOST_TRANSACTIONS = 5;

/** What the routes work with. */
export interface SampleParts {
  options: SampleSiteOptions;
  provider: Provider;
  sessions: Sessions;
  sealer: transactions.TransactionSealer;
  verifyLogoutToken: (token: string) => Promise<LogoutSubject>;
}

/** All routes of the site. */
export function sampleRoutes(parts: SampleParts): Router {
  const router = new Router();
  const reaching = (handle: (ctx: Context, parts: SampleParts) => Promise<void>) => (ctx: Context) =>
    handle(ctx, parts).catch((error) => showUnreachable(ctx, error));
  router.get('/', (ctx) => {
    const session = parts.sessions.find(ctx.cookies.get(SESSION_COOKIE));
    return session ? showSession(ctx, session, parts.options) : showHome(ctx, parts.options, false);
  });
  router.get('/signed-out', (ctx) => showHome(ctx, parts.options, true));
  router.get('/login', reaching(login));
  router.post('/login', (ctx) => loginByPost(ctx, parts));
  router.get('/callback', reaching(callback));
  router.post('/userinfo', reaching(callProvider(signIn.showUserinfo)));
  router.post('/refresh', reaching(callProvider(signIn.refreshTokens)));
  router.post('/logout', (ctx) => logout(ctx, parts));
  router.post('/backchannel-logout', (ctx) => backchannelLogout(ctx, parts));
  return router;
}

async function login(ctx: Context, { options, provider, sealer }: SampleParts): Promise<void> {
  const request = readLoginRequest(new URLSearchParams(ctx.querystring), options);
  if (request.kind === 'refused') return showProblem(ctx, { problem: 'bad_request' });
  const config = await provider.configuration();
  const { url, transaction } = await signIn.beginSignIn(config, `${options.origin}/callback`, request.wish);
  const underWay = [...transactions.transactionCookies(ctx.get('Cookie')).keys()];
  for (const name of underWay.slice(0, 1 - MOST_TRANSACTIONS)) setCookie(ctx, name, null);
  const sealed = await sealer.seal(transaction);
  const name = transactions.transactionCookie(transaction.state);
  setCookie(ctx, name, sealed, transactions.TRANSACTION_LIFETIME);
  seeOther(ctx, url.href);
}

/**
 * A login that another site initiates by POST (OpenID Connect Core section 4). It goes on as a GET, with which the browser
 * sends the site's cookies: those of a POST from elsewhere it keeps back.
 */
async function loginByPost(ctx: Context, { options }: SampleParts): Promise<void> {
  const form = await readForm(ctx);
  const request = readLoginRequest(new URLSearchParams([...form]), options);
  if (request.kind === 'refused') return showProblem(ctx, { problem: 'bad_request' });
  seeOther(ctx, `/login?${loginQuery(request.wish)}`);
}

async function callback(ctx: Context, { options, provider, sealer, sessions }: SampleParts): Promise<void> {
  const state = typeof ctx.query.state === 'string' ? ctx.query.state : '';
  const name = transactions.transactionCookie(state);
  const transaction = await sealer.open(transactions.transactionCookies(ctx.get('Cookie')).get(name), state);
  // What a stranger's link says is not shown: only an answer to this browser's own request is.
  if (!transaction) return showProblem(ctx, { problem: 'not_begun' });
  setCookie(ctx, name, null);
  const config = await provider.configuration();
  const url = new URL(`/callback?${ctx.querystring}`, options.origin);
  const outcome = await signIn.finishSignIn(config, url, transaction);
  switch (outcome.kind) {
    case 'failed':
      return showProblem(ctx, { problem: 'provider_said_no', ...outcome });
    case 'too-weak':
      return showProblem(ctx, { problem: 'too_weak' });
    case 'signed-in': {
      sessions.end(ctx.cookies.get(SESSION_COOKIE));
      const { uiLocales } = transaction;
      const locale = uiLocales === undefined ? undefined : chooseLocale({ uiLocales, fallback: 'ja' });
      const session = sessions.start({ ...outcome.session, locale });
      // The login stands without userinfo as well.
      await signIn.callUserinfo(config, session).catch((err) => ctx.state.log.warn({ err }, 'no userinfo'));
      setCookie(ctx, SESSION_COOKIE, session.id);
      return seeOther(ctx, transaction.returnTo);
    }
  }
}

function callProvider(call: (config: Configuration, session: Session) => Promise<void>) {
  return async (ctx: Context, parts: SampleParts): Promise<void> => {
    const session = await sessionOfOwnForm(ctx, parts);
    if (session === 'forged') return;
    if (!session) return seeOther(ctx, '/');
    try {
      await call(await parts.provider.configuration(), session);
    } catch (error) {
      const refusal = signIn.refusalIn(error);
      if (!refusal) throw error;
      return showProblem(ctx, { problem: 'provider_said_no', ...refusal });
    }
    seeOther(ctx, '/');
  };
}

async function logout(ctx: Context, parts: SampleParts): Promise<void> {
  const session = await sessionOfOwnForm(ctx, parts);
  if (session === 'forged') return;
  if (!session) return seeOther(ctx, '/');
  parts.sessions.end(session.id);
  setCookie(ctx, SESSION_COOKIE, null);
  const landing = `${parts.options.origin}/signed-out`;
  // Without the provider the user is at least logged out here.
  const config = await parts.provider.configuration().catch(() => undefined);
  seeOther(ctx, config ? signIn.logoutUrl(config, session, landing).href : landing);
}

/** OpenID Connect Back-Channel Logout 1.0 sections 2.5 to 2.8: called by the provider, not by a browser. */
async function backchannelLogout(ctx: Context, { sessions, verifyLogoutToken }: SampleParts): Promise<void> {
  const form = await readForm(ctx);
  try {
    sessions.endAll(await verifyLogoutToken(form.get('logout_token') ?? ''));
    ctx.status = 200;
    ctx.body = '';
  } catch (error) {
    if (!(error instanceof InvalidLogoutToken) && !isUnreachable(error)) throw error;
    ctx.status = error instanceof InvalidLogoutToken ? 400 : 503;
    ctx.body = { error: 'invalid_request', error_description: (error as Error).message };
  }
}

/** The session of a POST by the site's own form; answers 403 and says `forged` when it is not. */
async function sessionOfOwnForm(ctx: Context, parts: SampleParts): Promise<Session | undefined | 'forged'> {
  refuseOtherSites(ctx, parts.options.origin);
  const token = Buffer.from((await readForm(ctx)).get('csrf') ?? '');
  const session = parts.sessions.find(ctx.cookies.get(SESSION_COOKIE));
  if (!session) return undefined;
  const expected = Buffer.from(session.csrf);
  if (token.length === expected.length && timingSafeEqual(token, expected)) return session;
  await show(ctx, refusedPage, { reason: 'forged_request', reference: ctx.state.requestId }, 403);
  return 'forged';
}

/** Sets a cookie for the whole site (seconds; without them until the browser closes), or deletes it. */
function setCookie(ctx: Context, name: string, value: string | null, lifetime?: number): void {
  const age = lifetime === undefined ? {} : { maxAge: lifetime * 1000 };
  ctx.cookies.set(name, value, { httpOnly: true, sameSite: 'lax', overwrite: true, signed: false, ...age });
}
