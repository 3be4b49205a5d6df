/**
 * Makes every request look as if it had reached the issuer's own origin: what the program builds URLs from cannot be
 * chosen by a client's Host or X-Forwarded-* headers or by a whole URL in its request line (RFC 9112 section 3.2.2), and
 * the proxies' word is taken only as far as it is trusted.
 */
import type { Context, Middleware } from 'koa';
import { clientAddress } from './client-address.ts';

/** Sets `ctx.state.address`, `ctx.state.host` (what the client named), and the headers that Koa and the provider read. */
export function canonicalRequest(issuer: string, proxies: number): Middleware {
  const { host, protocol } = new URL(issuer);
  return (ctx, next) => {
    const { headers, socket } = ctx.req;
    const address = clientAddress(socket.remoteAddress ?? '', oneValue(headers['x-forwarded-for']), proxies);
    ctx.state.address = address;
    ctx.state.direct = headers['x-forwarded-for'] === undefined;
    ctx.state.host = headers.host;
    headers.host = host;
    headers['x-forwarded-for'] = address;
    headers['x-forwarded-proto'] = protocol.slice(0, -1);
    delete headers['x-forwarded-host'];
    useOriginForm(ctx);
    return next();
  };
}

/** `GET https://other.example/path HTTP/1.1` as `GET /path`. */
function useOriginForm(ctx: Context): void {
  if (ctx.req.url?.startsWith('/')) return;
  const url = URL.canParse(ctx.req.url ?? '') ? new URL(ctx.req.url ?? '') : undefined;
  ctx.url = url?.pathname.startsWith('/') ? `${url.pathname}${url.search}` : '/';
  ctx.originalUrl = ctx.url;
  ctx.request.originalUrl = ctx.url;
}

function oneValue(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
