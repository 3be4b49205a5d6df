/** Finds what lies behind the error code that a user reads out to the support desk. */
import type { Stores } from '../database/stores.ts';
import type { AdminContext } from './context.ts';
import { findContract } from './find-contract.ts';
import { findUser, noError, type UserDetails, userDetails } from './find-user.ts';
import { InputError } from './input.ts';
import { type PastLogin, pastLogin, pastLogins, type WrongTries, wrongTries } from './support-view.ts';

export interface FoundError {
  readonly login: PastLogin;
  /** null: nobody has the user ID that was typed, or the user was deleted since (then the login names its sub). */
  readonly user: UserDetails | null;
  /** What had been tried in that account before, newest first. */
  readonly before: readonly PastLogin[];
  /** Wrong tries and locks as they stand now. */
  readonly tries: readonly WrongTries[];
  readonly triesAllowed: number;
}

/**
 * What was read out or typed, as it is meant: upper and lower case, O for 0, I and L for 1, spaces and dashes do not matter
 * (Crockford's base32). @returns null when it can be no error code
 */
export function readErrorCode(typed: string): string | null {
  const folded = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Cf}\p{Pd}−ー]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(folded) ? folded : null;
}

/** @throws SekishoError invalid_input, not_found */
export async function findError(
  context: AdminContext,
  contractId: string,
  typed: string,
): Promise<FoundError> {
  const errorCode = readErrorCode(typed);
  if (errorCode === null) {
    const message = 'must have 8 digits and letters, such as 7KQ2M0XR';
    throw new InputError('error code', [{ path: '', message }]);
  }
  return context.uow.read(async (stores) => {
    const { policy } = await findContract(stores, contractId);
    const event = await stores.audit.loginByErrorCode(contractId, errorCode);
    if (!event) throw noError(contractId, errorCode);
    const login = await pastLogin(stores, event);
    return {
      login,
      before: await triedBefore(stores, login),
      triesAllowed: policy.lock.tries,
      ...(await whose(stores, context, login)),
    };
  });
}

/** How many of the entries after it are read over, to find those before it. */
const MOST_LATER = 100;
const MOST_BEFORE = 10;

async function triedBefore(stores: Stores, { userSub, at, id }: PastLogin): Promise<PastLogin[]> {
  if (userSub === null) return [];
  const logins = await pastLogins(stores, userSub, MOST_LATER);
  return logins.filter((each) => each.at <= at && each.id !== id).slice(0, MOST_BEFORE);
}

async function whose(
  stores: Stores,
  context: AdminContext,
  { userSub, contractId }: PastLogin,
): Promise<Pick<FoundError, 'user' | 'tries'>> {
  const user = userSub === null ? undefined : await stores.users.find(userSub);
  if (!user) return { user: null, tries: [] };
  const found = await findUser(stores, context, contractId, user.userId);
  return {
    user: await userDetails(stores, context, user),
    tries: await wrongTries(stores, found, context.clock.now()),
  };
}
