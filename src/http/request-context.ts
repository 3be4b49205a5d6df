/** What every request has: an id that stands in the log and on error pages, a logger, a language. */
import type { Context, Middleware } from 'koa';
import type { Logger } from 'pino';
import { newId } from '../secrets.ts';
import { chooseLocale, type Locale } from './locale.ts';

/** Sets `ctx.state.requestId`, `.log` and `.locale`. */
export function requestContext(log: Logger, fallback: Locale): Middleware {
  return async (ctx, next) => {
    const requestId = newId();
    ctx.state.requestId = requestId;
    lazily(ctx.state, 'log', () => log.child({ request: requestId }));
    ctx.state.locale = requestLocale(ctx, fallback);
    ctx.set('X-Request-Id', requestId);
    await next();
    if (!log.isLevelEnabled('debug')) return;
    const { method, status } = ctx;
    ctx.state.log.debug({ method, route: ctx._matchedRoute ?? null, status }, 'request');
  };
}

/** Most requests log nothing, so their logger is made when it is asked for. */
function lazily<T>(state: object, name: string, make: () => T): void {
  let made: T | undefined;
  Object.defineProperty(state, name, { get: () => (made ??= make()), enumerable: true });
}

/** The language of a page: what the site asked for, else the browser, else the contract, else the installation. */
export function requestLocale(
  ctx: Context,
  fallback: Locale,
  wishes: { uiLocales?: string; contract?: Locale } = {},
): Locale {
  const acceptLanguage = ctx.get('Accept-Language') || undefined;
  const uiLocales =
    wishes.uiLocales ?? (typeof ctx.query.ui_locales === 'string' ? ctx.query.ui_locales : undefined);
  return chooseLocale({ uiLocales, acceptLanguage, contract: wishes.contract, fallback });
}
