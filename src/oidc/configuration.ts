/** oidc-provider's configuration: what is offered, and which of our parts answer for what. */
import { type Client, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Policy } from '../contracts/policy.ts';
import { accountFinder, contractOf, pairwiseSubject } from './account.ts';
import { type AdapterParts, adapterFactory } from './adapter.ts';
import { showError, showLoggedOut, showLogout } from './answers.ts';
import { CONTRACT_PROPERTY } from './contracts.ts';
import type { CookieSigner } from './cookie-signer.ts';
import { wrongAcrClaim } from './demand.ts';
import { GRANT_RESERVE, impliedGrant } from './grant.ts';
import type { KeySet } from './keys.ts';
import { ACR_VALUES } from './login-methods.ts';
import { loginPolicy } from './policy.ts';

/** Seconds. */
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SIGNING_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
const CLIENT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;

/** How long a person may take for the pages of one login, in seconds. */
const INTERACTION_SECONDS = HOUR;

/** What the configuration is made from. */
export interface ProviderParts extends AdapterParts {
  readonly issuer: string;
  readonly cookies: CookieSigner;
}

export function configurationOf(parts: ProviderParts, keys: KeySet): Configuration {
  const secure = parts.issuer.startsWith('https:');
  const policyOf = (ctx: KoaContextWithOIDC | undefined): Policy | undefined => {
    const client = ctx?.oidc.client;
    return client ? parts.contracts.latest(contractOf(client)).policy : undefined;
  };
  const pairwise = (client: Client, sub: string) =>
    pairwiseSubject(keys.pairwiseSalt, String(client.sectorIdentifier ?? client.clientId), sub);
  const subjectFor = (client: Client, sub: string) =>
    client.subjectType === 'pairwise' ? pairwise(client, sub) : sub;
  return {
    adapter: adapterFactory(parts),
    jwks: { keys: keys.jwks as never },
    cookies: cookies(parts.cookies, secure),
    interactions: {
      url: (_ctx, { uid }) => `/interaction/${uid}`,
      policy: loginPolicy(parts.contracts, parts.uow, subjectFor),
    },
    findAccount: accountFinder(parts.uow, parts.clock),
    loadExistingGrant: impliedGrant,
    renderError: (ctx, out, error) => showError(ctx, out, error),
    claims: {
      // acr, amr and auth_time stand in every ID token, asked for or not.
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      profile: ['contract', 'user_id'],
      email: ['email', 'email_verified'],
      sid: null,
      iss: null,
    },
    scopes: ['openid', 'offline_access'],
    responseTypes: ['code'],
    // Always named by the request, so that nothing has to be guessed when it goes wrong.
    allowOmittingSingleRegisteredRedirectUri: false,
    acrValues: [...ACR_VALUES],
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: (_ctx, sub, client) => pairwise(client, sub),
    extraClientMetadata: { properties: [CONTRACT_PROPERTY] },
    clientAuthMethods: [...CLIENT_AUTH_METHODS],
    enabledJWA: {
      idTokenSigningAlgValues: [...SIGNING_ALGORITHMS],
      // Ed25519 is what newer libraries call EdDSA with that curve (RFC 9864).
      clientAuthSigningAlgValues: [...SIGNING_ALGORITHMS, 'Ed25519'],
    },
    pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => sameOrigin(uri, origin)),
    features: features(parts),
    fetch: fetchFromSite,
    ttl: {
      Interaction: INTERACTION_SECONDS,
      AuthorizationCode: MINUTE,
      AccessToken: HOUR,
      ClientCredentials: 10 * MINUTE,
      IdToken: HOUR,
      Grant: (ctx) => lifetime(policyOf(ctx)) + GRANT_RESERVE,
      Session: (ctx) => (policyOf(ctx)?.session.hours ?? 12) * HOUR,
      RefreshToken: (ctx) => (policyOf(ctx)?.session.refresh_token_days ?? 14) * DAY,
    },
  };
}

/**
 * The provider guards its requests against private addresses, for URLs that strangers may register. Here an operator
 * registers them, whose sites may well stand in a private network or on this machine.
 */
const fetchFromSite: typeof fetch = (url, options) =>
  fetch(url, { ...options, dispatcher: undefined } as RequestInit);

/** A grant outlives whatever is issued under it. */
function lifetime(policy: Policy | undefined): number {
  if (!policy) return 31 * DAY;
  return Math.max(policy.session.hours * HOUR, policy.session.refresh_token_days * DAY);
}

/** Prefixes bind a cookie to https and, with __Host-, to this very host and the whole of it (RFC 6265bis 4.1.3). */
function cookies(signer: CookieSigner, secure: boolean): NonNullable<Configuration['cookies']> {
  const shared = { httpOnly: true, overwrite: true, signed: true, sameSite: 'lax', secure } as const;
  return {
    keys: signer as never,
    names: {
      session: secure ? '__Host-sekisho_session' : 'sekisho_session',
      interaction: secure ? '__Secure-sekisho_interaction' : 'sekisho_interaction',
      resume: secure ? '__Secure-sekisho_resume' : 'sekisho_resume',
    },
    long: shared,
    // No path here: the provider binds each interaction's cookies to its own path.
    short: shared,
  };
}

function features({ contracts, uow, clock }: ProviderParts): NonNullable<Configuration['features']> {
  const findAccount = accountFinder(uow, clock);
  return {
    devInteractions: { enabled: false },
    claimsParameter: {
      enabled: true,
      assertClaimsParameter: (_ctx, claims) => {
        const wrong = wrongAcrClaim(claims);
        if (wrong !== undefined) throw new errors.InvalidRequest(wrong);
      },
    },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    introspection: {
      enabled: true,
      // A site may look at tokens of its own contract, while their user may log in; public clients cannot prove who they are.
      allowedPolicy: async (ctx, client, token) => {
        const { accountId } = token as { accountId?: string };
        if (accountId !== undefined && !(await findAccount(ctx, accountId))) return false;
        if (token.clientId === client.clientId) return true;
        const other = await contracts.findClientMetadata(token.clientId ?? '');
        return client.clientAuthMethod !== 'none' && other?.[CONTRACT_PROPERTY] === contractOf(client);
      },
    },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: { enabled: false },
    revocation: {
      enabled: true,
      // Another client's token is answered like an unknown one (RFC 7009 section 2.1 leaves it to us).
      allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx) => showLogout(ctx),
      postLogoutSuccessSource: (ctx) => showLoggedOut(ctx),
    },
    backchannelLogout: { enabled: true },
    userinfo: { enabled: true },
  };
}

function sameOrigin(uri: string, origin: string): boolean {
  return URL.canParse(uri) && new URL(uri).origin === origin;
}
