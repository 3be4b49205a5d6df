import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Provider } from './provider.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** A token is refused this many seconds after it was made. */
const MAX_AGE = 180;
const TOLERANCE = 30;
const MOST_REMEMBERED = 10_000;

/** Whom a valid logout token names. */
export interface LogoutSubject {
  sid: string | undefined;
  sub: string | undefined;
}

/** A logout token that must not be acted on; the message says why. */
export class InvalidLogoutToken extends Error {}

/**
 * Checks logout tokens of a provider by the rules of OpenID Connect Back-Channel Logout 1.0 section 2.6, each once.
 * The returned function throws InvalidLogoutToken, or ProviderUnreachable when there are no keys to check with.
 */
export function logoutTokenVerifier(provider: Provider): (token: string) => Promise<LogoutSubject> {
  let keys: { uri: string; set: ReturnType<typeof createRemoteJWKSet> } | undefined;
  const seen = replayGuard();

  return async (token) => {
    const metadata = (await provider.configuration()).serverMetadata();
    const uri = metadata.jwks_uri ?? '';
    if (keys?.uri !== uri) keys = { uri, set: createRemoteJWKSet(new URL(uri)) };
    const algorithms = signatureAlgorithms(metadata.id_token_signing_alg_values_supported);
    const { payload } = await jwtVerify(token, keys.set, {
      issuer: provider.issuer,
      audience: provider.clientId,
      algorithms,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
      maxTokenAge: MAX_AGE,
      clockTolerance: TOLERANCE,
    }).catch((cause) => {
      if (cause instanceof errors.JOSEError) throw new InvalidLogoutToken(cause.message, { cause });
      throw cause;
    });
    const subject = subjectOf(payload);
    if (!seen.first(payload.jti ?? '')) throw new InvalidLogoutToken('the token was used before');
    return subject;
  };
}

/** Only signatures by the provider's own key: no `none`, no shared secret. */
function signatureAlgorithms(supported: readonly string[] = ['RS256']): string[] {
  return supported.filter((algorithm) => /^(RS|PS|ES)\d{3}$|^Ed/.test(algorithm));
}

function subjectOf({ events, nonce, sid, sub }: JWTPayload): LogoutSubject {
  const event = (events as Record<string, unknown> | null)?.[EVENT];
  if (typeof event !== 'object' || event === null) throw new InvalidLogoutToken('no logout event');
  // An ID token must never pass for a logout token, nor the other way round.
  if (nonce !== undefined) throw new InvalidLogoutToken('a logout token has no nonce');
  if (typeof sid !== 'string' && typeof sub !== 'string') throw new InvalidLogoutToken('neither sid nor sub');
  return {
    sid: typeof sid === 'string' ? sid : undefined,
    sub: typeof sub === 'string' ? sub : undefined,
  };
}

/** Remembers token ids for as long as their tokens are accepted. */
function replayGuard(now: () => number = Date.now) {
  const until = new Map<string, number>();
  return {
    first(jti: string): boolean {
      for (const [id, end] of until) {
        if (end > now() && until.size < MOST_REMEMBERED) break;
        until.delete(id);
      }
      if (until.has(jti)) return false;
      until.set(jti, now() + (MAX_AGE + 2 * TOLERANCE) * 1000);
      return true;
    },
  };
}
