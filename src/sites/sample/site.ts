import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { pino } from 'pino';
import { assets } from '../../http/assets.ts';
import { failures } from '../../http/failures.ts';
import { isLoopbackHost, loopbackOnly } from '../../http/loopback-only.ts';
import { views } from '../../http/render.ts';
import { requestContext } from '../../http/request-context.ts';
import { securityHeaders } from '../../http/security-headers.ts';
import { speak } from './answers.ts';
import { logoutTokenVerifier } from './logout-token.ts';
import type { SampleSiteOptions } from './options.ts';
import { provider } from './provider.ts';
import { type SampleParts, sampleRoutes } from './routes.ts';
import { Sessions } from './sessions.ts';
import { transactionSealer } from './transactions.ts';

export { type SampleSiteOptions, sampleClientMetadata } from './options.ts';

/**
 * Starts the sample relying site: it knows the issuer URL and OpenID Connect, and nothing else of its provider.
 * @returns the address it listens on; `close` ends open connections as well
 */
export async function startSampleSite(
  options: SampleSiteOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(sampleApp(options).callback());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sampleApp(options: SampleSiteOptions): Koa {
  const secure = options.origin.startsWith('https:');
  const log = options.log ?? pino({ level: 'warn' });
  const router = sampleRoutes(partsOf(options));
  const app = new Koa();
  app.on('error', (error) => log.error({ err: error }, 'request failed'));
  app.use(requestContext(log, 'ja'));
  app.use((ctx, next) => {
    ctx.cookies.secure = secure;
    speak(ctx, ctx.state.locale);
    return next();
  });
  for (const middleware of securityHeaders(secure)) app.use(middleware);
  app.use(views({ cache: true }));
  app.use(failures());
  if (isLoopbackHost(new URL(options.origin).host)) app.use(loopbackOnly());
  app.use(assets());
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

function partsOf(options: SampleSiteOptions): SampleParts {
  const op = provider(options.issuer, options.clientId, options.clientSecret);
  return {
    options,
    provider: op,
    sessions: new Sessions(),
    sealer: transactionSealer(options.cookieSecret),
    verifyLogoutToken: logoutTokenVerifier(op),
  };
}
