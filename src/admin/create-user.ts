/** Creates a user with the devices that its mail goes to. */
import type { z } from 'zod';
import type { Contract } from '../contracts/contract.ts';
import { accountScope, mailBudgetPrefix } from '../credentials/account-scope.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import { newId } from '../secrets.ts';
import type { User } from '../users/user.ts';
import { userIdKey } from '../users/user-id.ts';
import { type AdminContext, record } from './context.ts';
import { findContract, showContract } from './find-contract.ts';
import { userDetails } from './find-user.ts';
import { checkInput, InputError } from './input.ts';
import { type InvitedUser, type InvitingOptions, invite } from './invite.ts';
import { type NewUserInput, newUserSchema } from './user-input.ts';

export interface NewUser extends NewUserInput {
  readonly contractId: string;
}

type CheckedUser = z.output<ReturnType<typeof newUserSchema>>;

/**
 * A new user is `invited`, and the invitation goes out; or with `active` the user may log in at once (login method otp
 * only). Addresses given by an administrator count as confirmed. Of two creations of one user ID at once, one wins.
 * @throws SekishoError invalid_input naming every fault, not_found when there is no such contract, already_exists
 */
export async function createUser(
  context: AdminContext,
  { contractId, ...given }: NewUser,
  options: InvitingOptions = {},
): Promise<InvitedUser> {
  const { contract } = await showContract(context, contractId);
  const timeZone = contract.policy.time_zone ?? context.installation.timeZone;
  const input = checkInput(newUserSchema(timeZone), given, 'user');
  const sub = newId();
  return context.uow.write(async (stores) => {
    const current = await findContract(stores, contractId);
    const user = newUser(sub, current, input, context.clock.now());
    await add(stores, context, { contract: current, user, devices: input.devices });
    const invited =
      user.state === 'invited' ? await invite(stores, context, { contract: current, user }, options) : null;
    return { ...(await userDetails(stores, context, user)), invited };
  });
}

function newUser(sub: string, contract: Contract, input: CheckedUser, now: number): User {
  const allowed = contract.policy.login_methods;
  const method = input.method ?? allowed[0];
  if (method === undefined || !allowed.includes(method)) {
    throw new InputError('user', [{ path: 'method', message: `the contract allows ${allowed.join(', ')}` }]);
  }
  if (input.active && method !== 'otp') {
    throw new InputError('user', [
      { path: 'active', message: 'only users of the method otp need no registration' },
    ]);
  }
  if (input.validUntil !== undefined && input.validUntil <= now) {
    throw new InputError('user', [{ path: 'validUntil', message: 'is over already' }]);
  }
  return {
    sub,
    contractId: contract.id,
    userId: input.userId,
    loginMethod: method,
    state: input.active ? 'active' : 'invited',
    unlockAt: null,
    validUntil: input.validUntil ?? null,
    locale: input.locale ?? null,
    signOuts: 0,
    createdAt: now,
    updatedAt: now,
  };
}

async function add(
  stores: Stores,
  context: AdminContext,
  { contract, user, devices }: { contract: Contract; user: User; devices: CheckedUser['devices'] },
): Promise<void> {
  const key = userIdKey(user.userId, contract.policy.user_id.case_sensitive);
  if (!(await stores.users.add(user, key))) {
    throw new SekishoError(
      'already_exists',
      `there is a user "${user.userId}" in contract "${contract.id}" already`,
    );
  }
  await addDevices(stores, user.sub, devices, user.createdAt);
  // Strangers may have tried this user ID before it existed; that is not held against its owner.
  const account = accountScope(context.secrets, contract.id, key);
  await stores.tries.clearAccount(account);
  await stores.rates.clearAll(mailBudgetPrefix(account));
  await record(stores, context, {
    action: 'user.create',
    contractId: contract.id,
    subject: user.sub,
    details: { user_id: user.userId, method: user.loginMethod, state: user.state, devices: devices.length },
  });
}

/** Inside a unit of work: numbered from 1, and confirmed because an administrator gives them. @param at ms */
export async function addDevices(
  { users }: Stores,
  sub: string,
  devices: CheckedUser['devices'],
  at: number,
): Promise<void> {
  for (const [index, device] of devices.entries()) {
    await users.addDevice(sub, { ...device, number: index + 1, confirmedAt: at, createdAt: at });
  }
}
