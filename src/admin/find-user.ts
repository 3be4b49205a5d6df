/** Looks users up. */
import type { Contract } from '../contracts/contract.ts';
import { accountScope } from '../credentials/account-scope.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import type { Device, User } from '../users/user.ts';
import { userIdKey } from '../users/user-id.ts';
import type { AdminContext } from './context.ts';
import { findContract } from './find-contract.ts';
import { InputError } from './input.ts';

/** A user with the devices that mail goes to. */
export interface UserDetails {
  readonly user: User;
  readonly devices: readonly Device[];
}

/** Users in one page of a list at most. */
const MOST_USERS = 1000;

/**
 * A contract's users in the order of their user IDs.
 * @param page `after`: begin behind this user ID; `limit`: 1 to MOST_USERS
 * @throws SekishoError not_found when there is no such contract, invalid_input
 */
export function listUsers(
  { uow, clock }: AdminContext,
  contractId: string,
  {
    after = '',
    limit = 100,
  }: { readonly after?: string | undefined; readonly limit?: number | undefined } = {},
): Promise<User[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_USERS) {
    const message = `must be a whole number from 1 to ${MOST_USERS}`;
    throw new InputError('list', [{ path: 'limit', message }]);
  }
  return uow.read(async (stores) => {
    const { policy } = await findContract(stores, contractId);
    const key = userIdKey(after, policy.user_id.case_sensitive);
    const users = await stores.users.list(contractId, key, limit);
    return users.map((user) => asOf(user, clock.now()));
  });
}

/** A user as a verb finds it. */
export interface FoundUser {
  readonly contract: Contract;
  readonly user: User;
  /** Under which wrong tries and mails are counted (credentials/account-scope.ts). */
  readonly account: string;
}

/** Inside a unit of work. @throws SekishoError not_found */
export async function findUser(
  stores: Stores,
  { secrets }: AdminContext,
  contractId: string,
  userId: string,
): Promise<FoundUser> {
  const contract = await findContract(stores, contractId);
  const key = userIdKey(userId, contract.policy.user_id.case_sensitive);
  const user = await stores.users.findByUserId(contractId, key);
  if (!user) throw noUser(contractId, userId);
  return { contract, user, account: accountScope(secrets, contractId, key) };
}

/** Inside a unit of work: the user as it is stored now. @throws SekishoError not_found */
export async function userDetails(
  { users }: Stores,
  { clock }: AdminContext,
  { sub, contractId, userId }: User,
): Promise<UserDetails> {
  const user = await users.find(sub);
  if (!user) throw noUser(contractId, userId);
  return { user: asOf(user, clock.now()), devices: await users.devices(sub) };
}

export function noUser(contractId: string, userId: string): SekishoError {
  return new SekishoError('not_found', `there is no user "${userId}" in contract "${contractId}"`);
}

export function noError(contractId: string, errorCode: string): SekishoError {
  return new SekishoError(
    'not_found',
    `no login of contract "${contractId}" has the error code ${errorCode}`,
  );
}

/** A lock whose time has passed is over, though the row says so only after the next login. */
function asOf(user: User, now: number): User {
  const over = user.state === 'locked' && user.unlockAt !== null && user.unlockAt <= now;
  return over ? { ...user, state: 'active', unlockAt: null } : user;
}
