import * as oidc from 'openid-client';
import { isUnreachable } from './provider.ts';
import type { NewSession, Session } from './sessions.ts';
import type { Transaction } from './transactions.ts';

/** What a sign-in may ask of the provider besides signing in. All values have been checked. */
export interface SignInWish {
  returnTo: string;
  prompt?: string | undefined;
  maxAge?: number | undefined;
  acr?: string | undefined;
  uiLocales?: string | undefined;
  loginHint?: string | undefined;
}

/** How a sign-in came back. */
export type SignInOutcome =
  | { kind: 'signed-in'; session: Omit<NewSession, 'locale'> }
  /** The provider, or a check of its answer, said no. */
  | { kind: 'failed'; error: string; description: string | null }
  /** Signed in, but not as strongly as was asked for. */
  | { kind: 'too-weak' };

/** Makes an authorization request: code flow with PKCE (RFC 7636), state and nonce. */
export async function beginSignIn(
  config: oidc.Configuration,
  redirectUri: string,
  wish: SignInWish,
): Promise<{ url: URL; transaction: Transaction }> {
  const transaction: Transaction = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    codeVerifier: oidc.randomPKCECodeVerifier(),
    returnTo: wish.returnTo,
    maxAge: wish.maxAge,
    acr: wish.acr,
    uiLocales: wish.uiLocales,
  };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    state: transaction.state,
    nonce: transaction.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(transaction.codeVerifier),
    code_challenge_method: 'S256',
    ...(wish.prompt !== undefined && { prompt: wish.prompt }),
    ...(wish.maxAge !== undefined && { max_age: String(wish.maxAge) }),
    ...(wish.acr !== undefined && { acr_values: wish.acr }),
    ...(wish.uiLocales !== undefined && { ui_locales: wish.uiLocales }),
    ...(wish.loginHint !== undefined && { login_hint: wish.loginHint }),
  });
  return { url, transaction };
}

/**
 * Checks the callback (state, `iss` by RFC 9207), exchanges the code and checks the ID token.
 * @throws what is no answer of the provider: it could not be reached
 */
export async function finishSignIn(
  config: oidc.Configuration,
  callback: URL,
  transaction: Transaction,
): Promise<SignInOutcome> {
  try {
    const tokens = await oidc.authorizationCodeGrant(config, callback, {
      expectedState: transaction.state,
      expectedNonce: transaction.nonce,
      pkceCodeVerifier: transaction.codeVerifier,
      idTokenExpected: true,
      ...(transaction.maxAge !== undefined && { maxAge: transaction.maxAge }),
    });
    const claims = tokens.claims();
    if (!claims || !tokens.id_token) return { kind: 'failed', error: 'no_id_token', description: null };
    // `acr_values` is only a wish to the provider (OpenID Connect Core 3.1.2.1), so the site has to look.
    if (transaction.acr !== undefined && claims.acr !== transaction.acr) return { kind: 'too-weak' };
    const { id_token: idToken, access_token: accessToken, refresh_token: refreshToken } = tokens;
    return { kind: 'signed-in', session: { claims, idToken, accessToken, refreshToken } };
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal) return refusal;
    throw error;
  }
}

/** Asks the userinfo endpoint; its `sub` must be the session's (OpenID Connect Core 5.3.4). */
export async function callUserinfo(config: oidc.Configuration, session: Session): Promise<void> {
  session.userinfo = await oidc.fetchUserInfo(config, session.accessToken, session.claims.sub);
}

/** The same at the user's wish: the answer is shown as it is. */
export async function showUserinfo(config: oidc.Configuration, session: Session): Promise<void> {
  await callUserinfo(config, session);
  session.userinfoShown = true;
}

/** Renews the tokens; a refreshed ID token must be about the same user (OpenID Connect Core 12.2). */
export async function refreshTokens(config: oidc.Configuration, session: Session): Promise<void> {
  if (session.refreshToken === undefined) return;
  const tokens = await oidc.refreshTokenGrant(config, session.refreshToken);
  const claims = tokens.claims();
  if (claims && claims.sub !== session.claims.sub)
    throw new Error('the refreshed ID token is about another user');
  session.accessToken = tokens.access_token;
  session.refreshToken = tokens.refresh_token ?? session.refreshToken;
  if (claims && tokens.id_token) Object.assign(session, { claims, idToken: tokens.id_token });
  session.refreshed = true;
}

/** What the provider or a check said, when an error is of that kind. */
export function refusalIn(error: unknown): Extract<SignInOutcome, { kind: 'failed' }> | undefined {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) {
    return { kind: 'failed', error: error.error, description: error.error_description ?? null };
  }
  if (error instanceof oidc.WWWAuthenticateChallengeError) {
    const { parameters } = error.cause[0] ?? {};
    const { error: code = 'invalid_token', error_description: description = null } = parameters ?? {};
    return { kind: 'failed', error: code, description };
  }
  if (error instanceof oidc.ClientError && !isUnreachable(error)) {
    return { kind: 'failed', error: error.code ?? 'invalid_response', description: error.message };
  }
  return undefined;
}

/** RP-initiated logout at the provider (OpenID Connect RP-Initiated Logout 1.0). */
export function logoutUrl(config: oidc.Configuration, session: Session, returnTo: string): URL {
  return oidc.buildEndSessionUrl(config, {
    id_token_hint: session.idToken,
    post_logout_redirect_uri: returnTo,
  });
}
