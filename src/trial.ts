/** Trial mode's own data: a contract, users and the sample site's client, loaded once. */
import { trial } from '../db/seeds/trial.ts';
import type { AdminContext } from './admin/context.ts';
import { invite } from './admin/invite.ts';
import type { Contract } from './contracts/contract.ts';
import type { LoginMethod } from './contracts/login-methods.ts';
import type { Stores } from './database/stores.ts';
import { hashToken, newId } from './secrets.ts';
import { sampleClientMetadata } from './sites/sample/options.ts';
import type { Device, User } from './users/user.ts';
import { userIdKey } from './users/user-id.ts';

/** The sample site's credentials. The secret follows from SECRETS, so that it is written nowhere. */
export interface TrialClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const trialUserIds: readonly string[] = trial.users.map(({ userId }) => userId);
/** They find their invitation in the inbox. */
export const invitedUserIds: readonly string[] = trial.invited.map(({ userId }) => userId);

/**
 * Loads what is missing, and registers the sample site for this port.
 * @param context of the server that runs @param siteOrigin origin of the sample site
 */
export async function loadTrialData(context: AdminContext, siteOrigin: string): Promise<TrialClient> {
  const at = context.clock.now();
  const clientSecret = context.secrets.mac('trial client', trial.client.id);
  const client = {
    clientId: trial.client.id,
    contractId: trial.contract.id,
    name: trial.client.name,
    metadata: { ...sampleClientMetadata(siteOrigin), response_types: ['code'] },
    secretHash: hashToken(clientSecret),
    createdAt: at,
    updatedAt: at,
  };
  await context.uow.write(async (stores) => {
    const { contracts, clients } = stores;
    const { id, name, policy } = trial.contract;
    const fresh = await contracts.add({
      id,
      name,
      policy: { ...policy, login_methods: [...policy.login_methods] },
      at,
    });
    const before = await clients.find(client.clientId);
    if (before) await clients.update(client, before.updatedAt);
    else await clients.add(client);
    const contract = await contracts.find(id);
    if (!fresh || !contract) return;
    for (const seed of trial.users) await addUser(stores, contract, { ...seed, method: 'otp' }, 'active', at);
    for (const seed of trial.invited) {
      const user = await addUser(stores, contract, seed, 'invited', at);
      await invite(stores, context, { contract, user }, {});
    }
  });
  return { clientId: trial.client.id, clientSecret };
}

interface Seed {
  readonly userId: string;
  readonly method: LoginMethod;
  readonly devices: readonly Pick<Device, 'address' | 'type'>[];
}

async function addUser(
  { users }: Stores,
  { id, policy }: Contract,
  { userId, method, devices }: Seed,
  state: User['state'],
  at: number,
): Promise<User> {
  const sub = newId();
  const dates = { unlockAt: null, validUntil: null, createdAt: at, updatedAt: at };
  const user: User = {
    sub,
    contractId: id,
    userId,
    loginMethod: method,
    state,
    locale: null,
    signOuts: 0,
    ...dates,
  };
  await users.add(user, userIdKey(userId, policy.user_id.case_sensitive));
  for (const [index, { address, type }] of devices.entries()) {
    await users.addDevice(sub, { number: index + 1, address, type, confirmedAt: at, createdAt: at });
  }
  return user;
}
