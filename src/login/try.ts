/**
 * Wrong tries of a login, whatever is guessed: a code, a password, a secret answer. A try is counted before it is
 * compared; one that was right is taken back, or with the login's end all are.
 */
import { MINUTE, SECOND } from '../clock.ts';
import type { LoginMethod } from '../contracts/login-methods.ts';
import { PATIENCE } from '../credentials/hasher.ts';
import type { TryScope } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { User } from '../users/user.ts';
import type { LoginAttempt } from './store.ts';
import { countAddress, type Lock, NOBODY, record, scopeOf, userLock, type Visit } from './visit.ts';

export interface Locked {
  readonly kind: 'locked';
  /** When the lock opens by itself (ms); null: the support desk opens it. */
  readonly until: number | null;
  /** Not a lock yet: the last tries are being compared, and may turn out right. Until when that can take (ms). */
  readonly underWay?: number;
}

/** A lock as its page tells it. */
export interface LockedOut extends Locked {
  /** By which the support desk finds the entry in the login history. */
  readonly errorCode: string | null;
}

/** Writes a lock that was met into the login history. */
export async function tellLock(
  stores: Stores,
  visit: Visit,
  { until }: Lock,
  userSub: string | null,
  method?: LoginMethod,
): Promise<LockedOut> {
  return { kind: 'locked', until, errorCode: await record(stores, visit, userSub, 'locked', method) };
}

export interface CountedTry {
  readonly kind: 'counted';
  /** The number of this try since the last login. */
  readonly number: number;
}

/**
 * How long a counted try may be without its result (ms): passwords are compared outside of the transaction. Longer than a
 * comparison can take, or it would lock somebody who is right: two rounds at most, each with a comparison and a new hash
 * that wait for their turns, and some seconds of computing. After that its process has died.
 */
const UNDER_WAY = 4 * PATIENCE + 20 * SECOND;

/** Counts a try, unless there is none left. */
export async function countTry(
  stores: Stores,
  visit: Visit,
  scope: TryScope,
  user: User | undefined,
): Promise<CountedTry | Locked> {
  const number = await stores.tries.count(scope, visit.contract.policy.lock.tries, visit.now);
  if (number === undefined) return refuse(stores, visit, scope, user);
  // The counter of a lock that waits for the support desk may have been swept meanwhile.
  const lock = userLock(visit, scope, user);
  return lock ? { kind: 'locked', until: lock.until } : { kind: 'counted', number };
}

/** What was tried is wrong: with the last try the scope is locked. @param number as counted */
export async function failTry(
  stores: Stores,
  visit: Visit,
  scope: TryScope,
  user: User | undefined,
  number: number,
): Promise<{ kind: 'wrong' } | Locked> {
  return number >= visit.contract.policy.lock.tries
    ? lockScope(stores, visit, scope, user)
    : { kind: 'wrong' };
}

/**
 * No try is left. The lock is still to be made where the contract has lowered their number meanwhile, or a process died
 * between the last try and its result; not while that result may still come.
 */
async function refuse(
  stores: Stores,
  visit: Visit,
  scope: TryScope,
  user: User | undefined,
): Promise<Locked> {
  const counter = await stores.tries.find(scope);
  const underWay =
    counter?.tries === visit.contract.policy.lock.tries && visit.now - counter.updatedAt < UNDER_WAY;
  if (underWay && counter.lockedAt === null) {
    return { kind: 'locked', until: null, underWay: counter.updatedAt + UNDER_WAY };
  }
  if (counter?.lockedAt === null) return lockScope(stores, visit, scope, user);
  return { kind: 'locked', until: counter?.unlockAt ?? null };
}

async function lockScope(
  stores: Stores,
  visit: Visit,
  scope: TryScope,
  user: User | undefined,
): Promise<Locked> {
  const minutes = visit.contract.policy.lock.unlock_after_minutes;
  const until = minutes === undefined ? null : visit.now + minutes * MINUTE;
  await stores.tries.lock(scope, until, visit.now);
  if (scope.browser === '') await stores.users.lock(user?.sub ?? NOBODY, until, visit.now);
  return { kind: 'locked', until };
}

/** A code that is tried in an interaction, and whose it is. */
export interface CodeTry {
  readonly kind: 'found';
  /** It has a code, which may be spent or over. */
  readonly attempt: LoginAttempt;
  readonly user: User | undefined;
  readonly scope: TryScope;
}

/** Counts the request of the address, and finds what a code is tried for. The try itself is still to be counted. */
export async function codeTry(
  stores: Stores,
  visit: Visit,
): Promise<CodeTry | { kind: 'no_attempt' } | { kind: 'too_many_requests'; until: number }> {
  const attempt = await stores.attempts.find(visit.attemptId);
  const user = await stores.users.find(attempt?.userSub ?? NOBODY);
  const scope = await scopeOf(stores, visit, attempt?.account ?? NOBODY, user);
  const rate = visit.contract.policy.rates.tries_per_address;
  const flooded = await countAddress(stores, visit, scope, 'try', rate);
  if (flooded !== null) return { kind: 'too_many_requests', until: flooded };
  return attempt?.codeId ? { kind: 'found', attempt, user, scope } : { kind: 'no_attempt' };
}
