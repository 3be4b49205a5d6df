/** Consent is implied: a contract's own clients get what they ask for and are registered for. */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';

/** How much longer than anything issued under it a grant lives, in seconds. */
export const GRANT_RESERVE = 86_400;

/** The provider's `loadExistingGrant`: the session's grant for this client, widened to what is asked now. */
export async function impliedGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, provider, session, account, params } = ctx.oidc;
  if (!client || !session || !account) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  const existing = grantId ? await provider.Grant.find(grantId) : undefined;
  const usable = existing && existing.accountId === account.accountId ? existing : undefined;
  const grant = usable ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const scope = typeof params?.scope === 'string' ? params.scope : '';
  const claims = [...ctx.oidc.requestParamClaims];
  const covered =
    usable !== undefined &&
    scope.split(' ').every((one) => usable.getOIDCScope().split(' ').includes(one)) &&
    claims.every((claim) => usable.getOIDCClaims().includes(claim));
  if (!covered) {
    grant.addOIDCScope(scope);
    if (claims.length > 0) grant.addOIDCClaims(claims);
  }
  if (!covered || isWorn(grant)) await saveAnew(grant);
  return grant;
}

/** After a refresh: the refresh token has begun a new life, and the grant must outlive it. */
export async function keepGrant({ oidc }: KoaContextWithOIDC): Promise<void> {
  const { RotatedRefreshToken: rotated, Grant: grant } = oidc.entities;
  if (rotated && grant && isWorn(grant)) await saveAnew(grant);
}

/** A grant is made to outlive what is issued under it on its first day (configuration.ts, `ttl.Grant`). */
function isWorn(grant: Grant): boolean {
  return Date.now() / 1000 - (grant.iat ?? 0) > GRANT_RESERVE;
}

/** Saves the grant with the whole of its life before it. */
async function saveAnew(grant: Grant): Promise<void> {
  Object.assign(grant, { iat: undefined, exp: undefined, expiresIn: undefined });
  await grant.save();
}
