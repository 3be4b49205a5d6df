/** For what serves this machine only: no name but this machine's own leads here. */
import type { Middleware } from 'koa';
import { SekishoError } from '../errors.ts';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Whether a Host header (RFC 9110 section 7.2) names this machine by itself. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Refuses requests under any other name. A page on the Internet can make its own name resolve to a loopback address and
 * would then read here, as its own, what a browser on this machine may see (DNS rebinding). Behind canonicalRequest.
 * @throws SekishoError misdirected_request
 */
export function loopbackOnly(): Middleware {
  return (ctx, next) => {
    if (isLoopbackHost(ctx.state.host ?? ctx.req.headers.host ?? '')) return next();
    throw new SekishoError('misdirected_request', 'the request names another host');
  };
}
