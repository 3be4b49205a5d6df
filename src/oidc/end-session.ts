/** Ends a provider session with everything that hangs on it. */
import Provider, { type Session } from 'oidc-provider';
import type { UnitOfWork } from '../database/stores.ts';
import { hashToken } from '../secrets.ts';
import { currentWrites } from './request-writes.ts';

/** The provider's client has this method; its types do not say so. */
interface BackchannelClient {
  backchannelLogout(sub: string, sid: string | undefined): Promise<void>;
}

/**
 * At a logout the provider tells the sites first and ends the session afterwards. A site that takes its time would leave
 * the session alive meanwhile, so it is told once the end is committed.
 */
export function tellAfterCommit(provider: Provider): void {
  const clients = provider.Client.prototype as unknown as BackchannelClient;
  const { backchannelLogout } = clients;
  clients.backchannelLogout = async function (sub, sid) {
    const tell = () => backchannelLogout.call(this, sub, sid);
    const writes = currentWrites();
    if (!writes) return tell();
    const { ctx } = Provider;
    writes.afterCommit(async () => {
      await tell().catch((error) =>
        provider.emit('backchannel.error', ctx as never, error, this as never, sub, sid as never),
      );
    });
  };
}

/** Called for each site that could not be told. */
type LogoutFailed = (clientId: string, error: unknown) => void;

/**
 * Ends the session: its grants with their tokens are revoked, but for what was issued for offline use, and sites that
 * registered for it are told (OpenID Connect Back-Channel Logout 1.0).
 */
export async function endSession(
  provider: Provider,
  session: Session,
  uow: UnitOfWork,
  failed: LogoutFailed,
): Promise<void> {
  const authorizations = Object.entries(session.authorizations ?? {});
  await uow.write(async ({ models }) => {
    for (const [, { grantId, persistsLogout }] of authorizations) {
      if (grantId && !persistsLogout) await models.destroyGrant(hashToken(grantId));
    }
  });
  await session.destroy();
  await Promise.all(
    authorizations.map(([clientId, { sid }]) => tellSite(provider, session.accountId, clientId, sid, failed)),
  );
}

/** Tells one site of the end of a session. Never rejects. */
export async function tellSite(
  provider: Provider,
  accountId: string | undefined,
  clientId: string,
  sid: string | undefined,
  failed: LogoutFailed,
): Promise<void> {
  try {
    const client = await provider.Client.find(clientId);
    if (client?.backchannelLogoutUri && accountId)
      await (client as unknown as BackchannelClient).backchannelLogout(accountId, sid);
  } catch (error) {
    failed(clientId, error);
  }
}
