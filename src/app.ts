/** Which part answers where, as one list from the outside in. */
import Koa from 'koa';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { assets } from './http/assets.ts';
import { canonicalRequest } from './http/canonical-request.ts';
import { failures } from './http/failures.ts';
import { loopbackOnly } from './http/loopback-only.ts';
import { type Operations, operationRoutes } from './http/operations.ts';
import { views } from './http/render.ts';
import { requestContext } from './http/request-context.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { Inbox } from './inbox/inbox.ts';
import { inboxRoutes } from './inbox/routes.ts';
import { forgottenRoutes } from './login/forgotten/routes.ts';
import { loginRoutes } from './login/routes.ts';
import type { LoginParts } from './login/steps.ts';
import type { CookieSigner } from './oidc/cookie-signer.ts';
import { brandRoutes, type ProtocolParts, protocolRoutes } from './oidc/routes.ts';
import { registrationRoutes } from './registration/routes.ts';
import type { RegistrationParts } from './registration/steps.ts';

export interface AppParts {
  readonly config: Config;
  readonly log: Logger;
  readonly cookies: CookieSigner;
  readonly operations: Operations;
  readonly protocol: ProtocolParts;
  readonly login: LoginParts;
  readonly registration: RegistrationParts;
  /** Trial mode's inbox; null: there is none. */
  readonly inbox: Inbox | null;
}

export function createApp({
  config,
  log,
  cookies,
  operations,
  protocol,
  login,
  registration,
  inbox,
}: AppParts): Koa {
  const app = new Koa();
  // The same keys as the provider's, or every interaction would end in SessionNotFound.
  app.keys = cookies as never;
  // canonicalRequest has replaced the headers that this trusts.
  app.proxy = true;
  app.silent = true;

  app.use(canonicalRequest(config.issuer, config.trustProxy));
  app.use(requestContext(log, config.defaultLocale));
  for (const header of securityHeaders(config.issuer.startsWith('https:'))) app.use(header);
  app.use(assets());
  app.use(views({ cache: true }));
  app.use(failures());
  if (config.mode === 'trial') app.use(loopbackOnly());
  for (const router of [
    operationRoutes(operations),
    loginRoutes(login),
    forgottenRoutes(login),
    registrationRoutes(registration),
    brandRoutes(protocol.contracts),
    ...(inbox ? [inboxRoutes(inbox, config.timeZone)] : []),
  ]) {
    app.use(router.routes());
    app.use(router.allowedMethods());
  }
  app.use(protocolRoutes(protocol));
  return app;
}
