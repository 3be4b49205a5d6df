/** The answer to a form: a redirect that is followed by GET, so that a reload sends nothing again (RFC 9110, 15.4.4). */
import type { Context } from 'koa';

/** Answers 303 See Other. */
export function seeOther(ctx: Context, to: string): void {
  ctx.redirect(to);
  ctx.status = 303;
}
