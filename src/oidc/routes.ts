/** The provider's endpoints, and the contract's own stylesheet and logo for its pages. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import mount from 'koa-mount';
import type Provider from 'oidc-provider';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type Clock, SECOND } from '../clock.ts';
import type { UnitOfWork } from '../database/stores.ts';
import { isError } from '../errors.ts';
import { showTooManyRequests, showUnavailable } from '../http/failures.ts';
import { formTarget } from '../http/security-headers.ts';
import { contractOf } from './account.ts';
import { showError, showFormPost } from './answers.ts';
import { brandOf, logoOf, themeOf } from './brand.ts';
import type { Contracts } from './contracts.ts';
import { keepGrant } from './grant.ts';
import type { RunningProvider } from './provider.ts';
import { admissionOf, refuseOversized } from './request-limits.ts';
import { AlreadyUsed, collectWrites, NotAdmitted } from './request-writes.ts';
import { SessionEnded } from './sessions.ts';

export interface ProtocolParts {
  readonly running: RunningProvider;
  readonly contracts: Contracts;
  readonly uow: UnitOfWork;
  readonly clock: Clock;
}

/** Every endpoint of the protocol. What one request writes is committed before its answer leaves. */
export function protocolRoutes({ running, contracts, uow, clock }: ProtocolParts): Middleware {
  const mounted = new WeakMap<Provider, Middleware>();
  const answerOf = (provider: Provider) => {
    let answer = mounted.get(provider);
    if (!answer) {
      provider.use(ourPages(contracts));
      answer = mount(provider) as Middleware;
      mounted.set(provider, answer);
    }
    return answer;
  };
  return async (ctx, next) => {
    const provider = running.current();
    const oidcContext = ctx as unknown as KoaContextWithOIDC;
    try {
      await collectWrites(
        uow,
        () => clock.now(),
        async () => {
          await answerOf(provider)(ctx, next);
          if (isError(ctx.state.fault, 'database_unavailable')) throw ctx.state.fault;
          refuseOversized(oidcContext);
        },
        (writes) => admissionOf(oidcContext, writes, ctx.state.address, clock.now()),
      );
    } catch (error) {
      if (error instanceof AlreadyUsed) await refuse(ctx, error);
      else if (error instanceof SessionEnded) await showEnded(ctx);
      else if (error instanceof NotAdmitted) {
        clearAnswer(ctx);
        await showTooManyRequests(ctx, Math.ceil((error.until - clock.now()) / SECOND));
      } else if (error instanceof errors.InvalidRequest) await showOversized(ctx, error);
      else if (isError(error, 'database_unavailable')) {
        ctx.state.log.error({ err: error }, 'database unavailable');
        clearAnswer(ctx);
        await showUnavailable(ctx);
      } else throw error;
    }
  };
}

/** Dresses what the provider answers: brand, language, form targets, and its self-submitting form. */
function ourPages(contracts: Contracts): Middleware {
  return async (plain, next) => {
    const ctx = plain as unknown as KoaContextWithOIDC;
    let dressed = false;
    const dress = () => {
      const client = ctx.oidc?.client;
      if (dressed || !client) return;
      dressed = true;
      const contract = contracts.latest(contractOf(client));
      ctx.state.brand = brandOf(contract);
      ctx.state.formTargets = (client.redirectUris ?? [])
        .concat(client.postLogoutRedirectUris ?? [])
        .flatMap(formTarget);
    };
    ctx.state.dress = dress;
    await next();
    if (ctx.status === 200 && ctx.oidc) await keepGrant(ctx);
    if (typeof ctx.body === 'string' && ctx.body.includes('<title>Submitting Callback</title>')) {
      dress();
      ctx.state.scripted = true;
      await showFormPost(ctx);
    }
  };
}

/** Another request used the code, token, proof or request_uri first. A grant is revoked by now (RFC 6749 section 4.1.2). */
async function refuse(ctx: Context, error: AlreadyUsed): Promise<void> {
  ctx.state.log.warn({ kind: error.kind }, 'used twice at once');
  clearAnswer(ctx);
  const { oidc } = ctx as unknown as KoaContextWithOIDC;
  const { status, error: code } = refusal(error.kind, oidc);
  ctx.status = status;
  if (code === 'invalid_token') ctx.set('WWW-Authenticate', `DPoP realm="${oidc.issuer}", error="${code}"`);
  const out = { error: code, error_description: 'it was used already' };
  await showError(ctx as unknown as KoaContextWithOIDC, out, error);
}

/** The endpoint's own words for what the provider says when one of the two comes later. */
function refusal(
  kind: string,
  { route, client }: KoaContextWithOIDC['oidc'],
): { status: number; error: string } {
  if (kind === 'PushedAuthorizationRequest') return { status: 400, error: 'invalid_request_uri' };
  if (kind !== 'ReplayDetection') return { status: 400, error: 'invalid_grant' };
  if (route === 'userinfo') return { status: 401, error: 'invalid_token' };
  return client?.clientAuthMethod === 'private_key_jwt'
    ? { status: 401, error: 'invalid_client' }
    : { status: 400, error: 'invalid_grant' };
}

/** Logged out in another window while this request was under way: it must not bring the session back. */
async function showEnded(ctx: Context): Promise<void> {
  clearAnswer(ctx);
  ctx.status = 400;
  await showError(
    ctx as unknown as KoaContextWithOIDC,
    { error: 'invalid_request' },
    new errors.SessionNotFound(''),
  );
}

/** Shown here: a parameter of this size is not sent on to the site. */
async function showOversized(ctx: Context, error: errors.InvalidRequest): Promise<void> {
  clearAnswer(ctx);
  ctx.status = 400;
  const out = { error: error.error, error_description: error.error_description ?? '' };
  await showError(ctx as unknown as KoaContextWithOIDC, out, error);
}

/** Takes back an answer that must not leave: where it would redirect to, and cookies that it set. */
function clearAnswer(ctx: Context): void {
  ctx.remove('Location');
  ctx.remove('Set-Cookie');
  ctx.body = null;
}

const A_YEAR = 'public, max-age=31536000, immutable';

/** `/contracts/:id/theme.css` and `/contracts/:id/logo`. Their URLs carry a version, so browsers may keep them. */
export function brandRoutes(contracts: Contracts): Router {
  const router = new Router();
  router.get('/contracts/:id/theme.css', async (ctx, next) => {
    const contract = await contracts.find(ctx.params.id ?? '');
    const theme = contract && themeOf(contract);
    if (!theme) return next();
    ctx.set('Cache-Control', A_YEAR);
    ctx.type = 'text/css';
    ctx.body = theme;
  });
  router.get('/contracts/:id/logo', async (ctx, next) => {
    const contract = await contracts.find(ctx.params.id ?? '');
    const logo = contract && logoOf(contract);
    if (!logo) return next();
    ctx.set('Cache-Control', A_YEAR);
    ctx.type = logo.type;
    ctx.body = logo.body;
  });
  return router;
}
