/** What the site answers a browser with: its pages, in the language of the request. */
import type { Context } from 'koa';
import type { Locale } from '../../http/locale.ts';
import { show } from '../../http/render.ts';
import { sampleWords } from './messages.ts';
import type { SampleSiteOptions } from './options.ts';
import { homePage, type ProblemLocals, problemPage, sessionPage } from './pages.ts';
import { isUnreachable } from './provider.ts';
import { sessionLocals } from './session-locals.ts';
import type { Session } from './sessions.ts';

/** Language and name of the site for this request. */
export function speak(ctx: Context, locale: Locale): void {
  ctx.state.locale = locale;
  ctx.state.brand = { name: sampleWords(locale)('brand'), logoUrl: null, themeUrl: null };
}

/** Signed in: the claims, and what else the session can do. */
export async function showSession(ctx: Context, session: Session, options: SampleSiteOptions): Promise<void> {
  if (session.locale) speak(ctx, session.locale);
  // The logout form ends at the provider, and Chromium holds form-action against redirects as well.
  ctx.state.formTargets = [new URL(options.issuer).origin];
  const locals = sessionLocals(session, options, otherLocale(ctx));
  session.refreshed = false;
  await show(ctx, sessionPage, locals);
}

/** Signed out; `signedOut`: just now. */
export async function showHome(ctx: Context, options: SampleSiteOptions, signedOut: boolean): Promise<void> {
  const locale: Locale = ctx.state.locale;
  await show(ctx, homePage, {
    words: sampleWords,
    loginUrl: ctx.query.ui_locales === undefined ? '/login' : `/login?ui_locales=${locale}`,
    languageUrl: `/?ui_locales=${otherLocale(ctx)}`,
    note: options.note?.[locale] ?? [],
    inboxUrl: options.inboxUrl ?? null,
    signedOut,
  });
}

/** 503 for an error that says that the provider gave no answer. @throws any other error */
export async function showUnreachable(ctx: Context, error: unknown): Promise<void> {
  if (!isUnreachable(error)) throw error;
  ctx.state.log.warn({ err: error }, 'the provider cannot be reached');
  await showProblem(ctx, { problem: 'unreachable' }, 503);
}

type Problem = Pick<ProblemLocals, 'problem'> & Partial<Pick<ProblemLocals, 'error' | 'description'>>;

/** Why a login did not work, with a way to start again. */
export async function showProblem(ctx: Context, found: Problem, status = 400): Promise<void> {
  const { problem, error = null, description = null } = found;
  const locals = { words: sampleWords, problem, error, description, loginUrl: '/login' };
  await show(ctx, problemPage, locals, status);
}

function otherLocale(ctx: Context): Locale {
  return ctx.state.locale === 'ja' ? 'en' : 'ja';
}
