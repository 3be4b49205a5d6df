/** When a refused request may come again, for programs (RFC 9110 section 10.2.3). */
import type { Context } from 'koa';
import { SECOND } from '../clock.ts';

/** Sets Retry-After on the answer. @param until when it may come again @param now both ms */
export function setRetryAfter(ctx: Context, until: number, now: number): void {
  ctx.set('Retry-After', String(Math.max(1, Math.ceil((until - now) / SECOND))));
}
