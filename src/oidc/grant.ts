/** Consent is implied: a contract's own clients get what they ask for and are registered for. */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';

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
    await grant.save();
  }
  return grant;
}
