import { timingSafeEqual } from 'node:crypto';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Configuration } from 'openid-client';
import { readForm, refuseOtherSites } from '../../http/forms.ts';
import { chooseLocale, type Locale } from '../../http/locale.ts';
import { refusedPage } from '../../http/pages.ts';
import { show } from '../../http/render.ts';
import { readLoginRequest } from './login-request.ts';
import { InvalidLogoutToken, type LogoutSubject } from './logout-token.ts';
import { sampleWords } from './messages.ts';
import type { SampleSiteOptions } from './options.ts';
import { homePage, type ProblemLocals, problemPage, sessionPage } from './pages.ts';
import { isUnreachable, type Provider } from './provider.ts';
import { sessionLocals } from './session-locals.ts';
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
  router.get('/', (ctx) => showStart(ctx, parts));
  router.get('/signed-out', (ctx) => showHome(ctx, parts, true));
  router.get('/login', reaching(login));
  router.get('/callback', reaching(callback));
  router.post('/userinfo', reaching(callProvider(signIn.callUserinfo)));
  router.post('/refresh', reaching(callProvider(signIn.refreshTokens)));
  router.post('/logout', (ctx) => logout(ctx, parts));
  router.post('/backchannel-logout', (ctx) => backchannelLogout(ctx, parts));
  return router;
}

/** Language and name of the site for this request. */
export function speak(ctx: Context, locale: Locale): void {
  ctx.state.locale = locale;
  ctx.state.brand = { name: sampleWords(locale)('brand'), logoUrl: null, themeUrl: null };
}

async function showStart(ctx: Context, parts: SampleParts): Promise<void> {
  const session = parts.sessions.find(ctx.cookies.get(SESSION_COOKIE));
  if (!session) return showHome(ctx, parts, false);
  if (session.locale) speak(ctx, session.locale);
  // The logout form ends at the provider, and Chromium holds form-action against redirects as well.
  ctx.state.formTargets = [new URL(parts.options.issuer).origin];
  const locals = sessionLocals(session, parts.options, otherLocale(ctx));
  session.refreshed = false;
  await show(ctx, sessionPage, locals);
}

async function showHome(ctx: Context, { options }: SampleParts, signedOut: boolean): Promise<void> {
  const locale: Locale = ctx.state.locale;
  await show(ctx, homePage, {
    words: sampleWords,
    loginUrl: ctx.query.ui_locales === undefined ? '/login' : `/login?ui_locales=${locale}`,
    languageUrl: `/?ui_locales=${otherLocale(ctx)}`,
    note: options.note?.[locale] ?? null,
    inboxUrl: options.inboxUrl ?? null,
    signedOut,
  });
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
      setCookie(ctx, SESSION_COOKIE, sessions.start({ ...outcome.session, locale }).id);
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

async function showUnreachable(ctx: Context, error: unknown): Promise<void> {
  if (!isUnreachable(error)) throw error;
  ctx.state.log.warn({ err: error }, 'the provider cannot be reached');
  await showProblem(ctx, { problem: 'unreachable' }, 503);
}

type Problem = Pick<ProblemLocals, 'problem'> & Partial<Pick<ProblemLocals, 'error' | 'description'>>;

async function showProblem(ctx: Context, found: Problem, status = 400): Promise<void> {
  const { problem, error = null, description = null } = found;
  await show(
    ctx,
    problemPage,
    { words: sampleWords, problem, error, description, loginUrl: '/login' },
    status,
  );
}

function otherLocale(ctx: Context): Locale {
  return ctx.state.locale === 'ja' ? 'en' : 'ja';
}

/** Sets a cookie for the whole site (seconds; without them until the browser closes), or deletes it. */
function setCookie(ctx: Context, name: string, value: string | null, lifetime?: number): void {
  const age = lifetime === undefined ? {} : { maxAge: lifetime * 1000 };
  ctx.cookies.set(name, value, { httpOnly: true, sameSite: 'lax', overwrite: true, signed: false, ...age });
}

function seeOther(ctx: Context, location: string): void {
  ctx.status = 303;
  ctx.redirect(location);
}
