/** Trial mode's own data: a contract, users and the sample site's client, loaded once. */
import { trial } from '../db/seeds/trial.ts';
import type { Clock } from './clock.ts';
import type { UnitOfWork } from './database/stores.ts';
import { hashToken, newId, type Secrets } from './secrets.ts';
import { sampleClientMetadata } from './sites/sample/options.ts';
import { userIdKey } from './users/user-id.ts';

/** The sample site's credentials. The secret follows from SECRETS, so that it is written nowhere. */
export interface TrialClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const trialUserIds: readonly string[] = trial.users.map(({ userId }) => userId);

/** Loads what is missing, and registers the sample site for this port. @param siteOrigin origin of the sample site */
export async function loadTrialData(
  uow: UnitOfWork,
  secrets: Secrets,
  clock: Clock,
  siteOrigin: string,
): Promise<TrialClient> {
  const at = clock.now();
  const clientSecret = secrets.mac('trial client', trial.client.id);
  const client = {
    clientId: trial.client.id,
    contractId: trial.contract.id,
    name: trial.client.name,
    metadata: {
      ...sampleClientMetadata(siteOrigin),
      response_types: ['code'],
    },
    secretHash: hashToken(clientSecret),
    createdAt: at,
    updatedAt: at,
  };
  await uow.write(async ({ contracts, clients, users }) => {
    const { id, name, policy } = trial.contract;
    const fresh = await contracts.add({ id, name, policy, at });
    const before = await clients.find(client.clientId);
    if (before) await clients.update(client, before.updatedAt);
    else await clients.add(client);
    if (!fresh) return;
    for (const { userId, devices } of trial.users) {
      const sub = newId();
      const user = {
        sub,
        contractId: id,
        userId,
        loginMethod: 'otp',
        state: 'active',
        unlockAt: null,
      } as const;
      await users.add(
        { ...user, validUntil: null, locale: null, createdAt: at, updatedAt: at },
        userIdKey(userId, false),
      );
      for (const [index, { address, type }] of devices.entries()) {
        await users.addDevice(sub, { number: index + 1, address, type, confirmedAt: at, createdAt: at });
      }
    }
  });
  return { clientId: trial.client.id, clientSecret };
}
