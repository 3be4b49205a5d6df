import * as oidc from 'openid-client';
import type { Agent, Page } from './agent.ts';

export { Agent, type Answer, Page } from './agent.ts';
export { CookieJar } from './cookie-jar.ts';

export interface RelyingPartyOptions {
  issuer: string;
  clientId: string;
  /** Left out: a public client. */
  clientSecret?: string;
  redirectUri: string;
  /** Client authentication; `client_secret_basic` (or `none` without a secret) when left out. */
  clientAuth?: oidc.ClientAuth;
  /** Registered metadata that the checks depend on, such as `id_token_signed_response_alg`. */
  metadata?: Partial<oidc.ClientMetadata>;
  /** The provider's clock in milliseconds since the epoch, when a test moves it. */
  now?: () => number;
}

/** What a relying party keeps between the redirect and the callback. */
export interface Transaction {
  /** Authorization URL to send the browser to. */
  url: URL;
  state: string;
  nonce: string;
  codeVerifier: string;
  maxAge?: number | undefined;
}

export type Tokens = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

/**
 * A relying party over plain HTTP. All checks are openid-client's: state, nonce, PKCE, `iss`, and the ID token with its
 * signature by the published keys.
 */
export class RelyingParty {
  readonly options: RelyingPartyOptions;
  readonly server: oidc.ServerMetadata;
  readonly #transactions = new Map<string, Transaction>();

  constructor(options: RelyingPartyOptions, server: oidc.ServerMetadata) {
    this.options = options;
    this.server = server;
  }

  /** A fresh openid-client configuration: no key of the provider is remembered from call to call. */
  get config(): oidc.Configuration {
    const { clientId, clientSecret, metadata, now } = this.options;
    const auth =
      this.options.clientAuth ?? (clientSecret ? oidc.ClientSecretBasic(clientSecret) : oidc.None());
    const skew = now ? Math.round((now() - Date.now()) / 1000) : 0;
    const client = { client_secret: clientSecret, ...metadata, [oidc.clockSkew]: skew };
    const config = new oidc.Configuration(this.server, clientId, client as oidc.ClientMetadata, auth);
    oidc.allowInsecureRequests(config);
    oidc.enableNonRepudiationChecks(config);
    return config;
  }

  /**
   * Makes an authorization request (code, PKCE S256, state, nonce).
   * @param extra more parameters, or other values for the usual ones; an empty value leaves the parameter out
   */
  async startLogin(extra: Record<string, string> = {}): Promise<Transaction> {
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const parameters: Record<string, string> = {
      redirect_uri: this.options.redirectUri,
      scope: 'openid profile email',
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...extra,
    };
    for (const [name, value] of Object.entries(parameters)) if (value === '') delete parameters[name];
    const { state = '', nonce = '', max_age: maxAge } = parameters;
    const transaction: Transaction = {
      url: oidc.buildAuthorizationUrl(this.config, parameters),
      state,
      nonce,
      codeVerifier,
      maxAge: maxAge === undefined ? undefined : Number(maxAge),
    };
    this.#transactions.set(state, transaction);
    return transaction;
  }

  /** Sends the agent off to log in; it stops before the redirect URI. The page is the provider's, or the callback. */
  async begin(agent: Agent, extra: Record<string, string> = {}): Promise<Page> {
    const { url } = await this.startLogin(extra);
    if (!agent.stopAt.includes(this.options.redirectUri)) agent.stopAt.push(this.options.redirectUri);
    return agent.open(url, { from: this.options.redirectUri });
  }

  /** Whether the agent has come back to the redirect URI, and with which parameters (code, state, iss, error). */
  callbackOf(page: Page): URLSearchParams | undefined {
    const { redirectUri } = this.options;
    if (page.url !== redirectUri && !page.url.startsWith(`${redirectUri}?`)) return undefined;
    return new URLSearchParams(page.posted ?? new URL(page.url).search);
  }

  /**
   * Checks the callback and exchanges the code.
   * @param back the page at the redirect URI, or its URL
   * @throws openid-client's errors: `AuthorizationResponseError` (with `error`) for an error at the callback,
   *   `ResponseBodyError` for one of the token endpoint, `ClientError` for a failed check
   */
  async finish(back: Page | string | URL, options: { dpop?: oidc.DPoPHandle } = {}): Promise<Tokens> {
    const parameters = this.#parametersOf(back);
    const url = new URL(this.options.redirectUri);
    url.search = parameters.toString();
    return this.exchange(url, this.transactionOf(back), options);
  }

  /** The transaction that a callback belongs to, by its state. */
  transactionOf(back: Page | string | URL): Transaction {
    const state = this.#parametersOf(back).get('state') ?? '';
    const transaction = this.#transactions.get(state);
    if (!transaction) throw new Error(`Unknown state "${state}" at the callback`);
    return transaction;
  }

  #parametersOf(back: Page | string | URL): URLSearchParams {
    const parameters =
      typeof back === 'string' || back instanceof URL ? new URL(back).searchParams : this.callbackOf(back);
    if (parameters) return parameters;
    throw new Error(`Not at the callback but ${describe(back as Page)}`);
  }

  /** Exchanges the code of a callback URL within a transaction of one's choice (to swap, repeat or race them). */
  async exchange(
    url: URL,
    transaction: Transaction,
    options: { dpop?: oidc.DPoPHandle } = {},
  ): Promise<Tokens> {
    return oidc.authorizationCodeGrant(
      this.config,
      url,
      {
        expectedState: transaction.state,
        pkceCodeVerifier: transaction.codeVerifier,
        idTokenExpected: true,
        ...(transaction.nonce !== '' && { expectedNonce: transaction.nonce }),
        ...(transaction.maxAge !== undefined && { maxAge: transaction.maxAge }),
      },
      undefined,
      options.dpop ? { DPoP: options.dpop } : undefined,
    );
  }

  refresh(refreshToken: string): Promise<Tokens> {
    return oidc.refreshTokenGrant(this.config, refreshToken);
  }

  userinfo(tokens: Tokens): Promise<oidc.UserInfoResponse> {
    return oidc.fetchUserInfo(this.config, tokens.access_token, tokens.claims()?.sub ?? '');
  }

  /** RP-initiated logout URL. */
  logoutUrl(parameters: Record<string, string> = {}): URL {
    return oidc.buildEndSessionUrl(this.config, parameters);
  }
}

/** Reads the discovery document and makes a relying party of it. */
export async function relyingParty(options: RelyingPartyOptions): Promise<RelyingParty> {
  const config = await oidc.discovery(new URL(options.issuer), options.clientId, undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  return new RelyingParty(options, config.serverMetadata());
}

function describe(page: Page): string {
  return `${page.status} ${page.url} "${page.title}" ${page.h1}`;
}
