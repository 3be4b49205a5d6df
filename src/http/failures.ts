/** What a person or a program gets when a request cannot be answered: a page, or JSON where no page is wanted. */
import type { Context, Middleware } from 'koa';
import { SekishoError } from '../errors.ts';
import { faultPage, notFoundPage, refusedPage, unavailablePage } from './pages.ts';
import { show } from './render.ts';

/** Catches everything that the routes throw. Faults are logged with the request's id, which the page shows. */
export function failures(): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      const silent = ctx.body === undefined || ctx.body === null;
      if (ctx.status === 404 && silent) await showNotFound(ctx);
      // 501 is how the router answers methods that no route of it knows: the client's mistake all the same.
      if ((ctx.status === 405 || ctx.status === 501) && silent) {
        throw new SekishoError('method_not_allowed', 'no route takes this method');
      }
    } catch (error) {
      await showFailure(ctx, error);
    }
  };
}

/** After which a request that met a queue too long may come again. */
const BUSY_SECONDS = 10;

/** 404 in the person's language. */
async function showNotFound(ctx: Context): Promise<void> {
  if (wantsPage(ctx)) await show(ctx, notFoundPage, {}, 404);
  else answerJson(ctx, 404, 'not_found');
}

/** 503: the database cannot be reached. */
export async function showUnavailable(ctx: Context): Promise<void> {
  ctx.set('Retry-After', '5');
  if (wantsPage(ctx)) await show(ctx, unavailablePage, { reference: ctx.state.requestId }, 503);
  else answerJson(ctx, 503, 'temporarily_unavailable');
}

/** 429. @param seconds until it may be tried again */
export async function showTooManyRequests(ctx: Context, seconds: number): Promise<void> {
  const waitSeconds = Math.max(1, seconds);
  ctx.set('Retry-After', String(waitSeconds));
  const locals = { reason: 'too_many_requests', waitSeconds, reference: ctx.state.requestId } as const;
  if (wantsPage(ctx)) await show(ctx, refusedPage, locals, 429);
  else answerJson(ctx, 429, 'temporarily_unavailable');
}

const REFUSALS = {
  invalid_input: { status: 400, reason: 'malformed' },
  body_too_large: { status: 413, reason: 'too_large' },
  malformed_body: { status: 400, reason: 'malformed' },
  forged_request: { status: 403, reason: 'forged_request' },
  misdirected_request: { status: 421, reason: 'misdirected' },
  method_not_allowed: { status: 405, reason: 'method' },
} as const;

async function showFailure(ctx: Context, error: unknown): Promise<void> {
  const code = error instanceof SekishoError ? error.code : undefined;
  if (code === 'database_unavailable') {
    ctx.state.log.error({ err: error }, 'database unavailable');
    return showUnavailable(ctx);
  }
  if (code === 'busy') return showTooManyRequests(ctx, BUSY_SECONDS);
  const refusal =
    code !== undefined && code in REFUSALS ? REFUSALS[code as keyof typeof REFUSALS] : undefined;
  const reference = ctx.state.requestId;
  if (refusal || isClientError(error)) {
    const { status, reason } = refusal ?? { status: 400, reason: 'malformed' as const };
    if (wantsPage(ctx)) await show(ctx, refusedPage, { reason, reference }, status);
    else answerJson(ctx, status, 'invalid_request');
    return;
  }
  ctx.state.log.error({ err: error }, 'request failed');
  if (wantsPage(ctx)) await show(ctx, faultPage, { reference }, 500);
  else answerJson(ctx, 500, 'server_error');
}

/** Koa and its parts mark what the client got wrong (a bad percent-encoding in the path, say) by a 4xx status. */
function isClientError(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  return typeof status === 'number' && status >= 400 && status < 500;
}

function wantsPage(ctx: Context): boolean {
  return ctx.accepts('json', 'html') === 'html';
}

function answerJson(ctx: Context, status: number, error: string): void {
  ctx.status = status;
  ctx.body = { error, reference: ctx.state.requestId };
}
