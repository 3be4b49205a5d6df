/** Headers that every answer carries. */
import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/**
 * koa-helmet's headers with a policy of our own: pages load one stylesheet and images of this origin and run no script.
 * Chromium applies form-action to the redirects that follow a form as well, so a page of a login lists where that login
 * may end: `ctx.state.formTargets`.
 */
export function securityHeaders(secure: boolean): Middleware[] {
  return [
    helmet({
      contentSecurityPolicy: false,
      // A site may run its login in a window of its own, which has to find its opener again when it comes back.
      crossOriginOpenerPolicy: false,
      crossOriginResourcePolicy: { policy: 'same-origin' },
      referrerPolicy: { policy: 'same-origin' },
      strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: false } : false,
      xFrameOptions: { action: 'deny' },
    }) as unknown as Middleware,
    async (ctx, next) => {
      ctx.set('Cache-Control', 'no-store');
      await next();
      if (!ctx.response.get('Content-Security-Policy')) {
        ctx.set('Content-Security-Policy', contentSecurityPolicy(ctx.state.formTargets, ctx.state));
      }
    },
  ];
}

/** @param page `scripted`: it runs a script of ours, which may ask us; `framed`: it shows another page of ours in a frame */
function contentSecurityPolicy(
  formTargets: readonly string[] = [],
  page: { scripted?: boolean; framed?: boolean },
): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `script-src ${page.scripted ? "'self'" : "'none'"}`,
    ...(page.scripted ? ["connect-src 'self'"] : []),
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    ...(page.framed ? ["frame-src 'self'"] : []),
  ].join('; ');
}

/** The origin of a redirect URI as a source of a content security policy; schemes of apps stand for themselves. */
export function formTarget(redirectUri: unknown): string[] {
  if (typeof redirectUri !== 'string' || !URL.canParse(redirectUri)) return [];
  const { origin, protocol } = new URL(redirectUri);
  return [origin === 'null' ? protocol : origin];
}
