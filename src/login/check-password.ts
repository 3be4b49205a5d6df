/**
 * The password is typed. The try is counted in one unit of work, the password is compared outside of any, and the
 * result is written in a second one, which looks anew at all that it relies on.
 */
import type { Hasher } from '../credentials/hasher.ts';
import type { TryScope } from '../credentials/store.ts';
import type { Stores, UnitOfWork } from '../database/stores.ts';
import { isError } from '../errors.ts';
import { mayUseSessions, type User } from '../users/user.ts';
import { attemptGoingOn, newAttempt } from './attempt.ts';
import type { CompleteOutcome } from './complete.ts';
import type { MailCodeOutcome } from './mail-code.ts';
import { needsOf } from './needs.ts';
import { passPassword } from './pass-password.ts';
import { claimantOf } from './request-code.ts';
import type { LoginAttempt } from './store.ts';
import { countTry, failTry, type LockedOut, tellLock } from './try.ts';
import { countAddress, NOBODY, record, scopeOf, type Visit } from './visit.ts';

export type PasswordOutcome =
  | CompleteOutcome
  /** The password was right; what became of the code that comes next. */
  | MailCodeOutcome
  | { kind: 'wrong_password' }
  | LockedOut
  /** The user ID comes first. */
  | { kind: 'no_attempt' }
  | { kind: 'too_many_requests'; until: number };

/** A try that was counted, and what it is compared with. */
export interface CountedPassword {
  readonly kind: 'counted';
  readonly attempt: LoginAttempt;
  readonly user: User | undefined;
  readonly scope: TryScope;
  /** The number of this try since the last login. */
  readonly number: number;
  /** null: there is none. */
  readonly hash: string | null;
}

export interface PasswordParts {
  readonly uow: UnitOfWork;
  readonly hasher: Hasher;
}

/**
 * @param userId given beside the password, as users/user-id.ts reads it; null: as the attempt has it
 * @param typed as it came, not empty
 * @param deviceToken hash of the device cookie that the browser has, or will get with this answer
 * @throws SekishoError busy
 */
export async function checkPassword(
  { uow, hasher }: PasswordParts,
  visit: Visit,
  { userId, typed }: { userId: string | null; typed: string },
  deviceToken: string,
): Promise<PasswordOutcome> {
  const counted = await uow.write((stores) => countPassword(stores, visit, userId));
  if (counted.kind !== 'counted') return counted;
  const giveBack = () => uow.write(({ tries }) => tries.giveBack(counted.scope));
  let { hash } = counted;
  // A hash that was made anew meanwhile is compared again; a second change within a second is a password changed twice.
  for (let round = 0; round < 2; round += 1) {
    const compared = await compare(hasher, { ...counted, hash }, typed, visit.now).catch(async (error) => {
      await giveBack();
      throw error;
    });
    const result = { ...counted, ...compared, hash };
    const settled = await uow.write((stores) => settle(stores, visit, result, deviceToken));
    if (settled.kind !== 'changed') return settled;
    hash = settled.hash;
  }
  return uow.write((stores) => fail(stores, visit, counted));
}

interface Compared {
  readonly right: boolean;
  /** A hash of the same password with the parameters of today, where the stored one has others. */
  readonly renewed: string | null;
}

/** A password is right only for a user who may log in by it; everybody else's takes the same time and is wrong. */
async function compare(
  hasher: Hasher,
  { hash, user, attempt }: CountedPassword,
  typed: string,
  now: number,
): Promise<Compared> {
  const { right, outdated } = await hasher.verify('password', hash, typed);
  const byPassword = attempt.method === user?.loginMethod && attempt.needs.includes('password');
  const mayLogIn = byPassword && mayUseSessions(user, now);
  if (!right || !mayLogIn) return { right: false, renewed: null };
  return { right, renewed: outdated ? await renew(hasher, typed) : null };
}

/** @returns null when others wait for their turn: it can be done at the next login */
function renew(hasher: Hasher, typed: string): Promise<string | null> {
  return hasher.hash('password', typed).catch((error) => {
    if (isError(error, 'busy')) return null;
    throw error;
  });
}

async function countPassword(
  stores: Stores,
  visit: Visit,
  userId: string | null,
): Promise<
  CountedPassword | LockedOut | { kind: 'no_attempt' } | { kind: 'too_many_requests'; until: number }
> {
  const given = userId === null ? await ofAttempt(stores, visit) : await claimantOf(stores, visit, userId);
  const { account = NOBODY, user } = given ?? {};
  const scope = await scopeOf(stores, visit, account, user);
  const rate = visit.contract.policy.rates.tries_per_address;
  const flooded = await countAddress(stores, visit, scope, 'try', rate);
  if (flooded !== null) return { kind: 'too_many_requests', until: flooded };
  if (!given) return { kind: 'no_attempt' };
  const counted = await countTry(stores, visit, scope, user);
  // Who has proven the password in this session and gives it again wants to begin anew.
  const again = visit.stepUp?.factors.includes('password') ?? false;
  const needs = await needsOf(stores, again ? { ...visit, stepUp: null } : visit, account, user);
  if (counted.kind === 'locked' && counted.underWay !== undefined) {
    return { kind: 'too_many_requests', until: counted.underWay };
  }
  if (counted.kind === 'locked') return tellLock(stores, visit, counted, user?.sub ?? null, needs.method);
  const password = await stores.passwords.find(user?.sub ?? NOBODY);
  let attempt = await attemptGoingOn(stores, visit, given, needs);
  if (!attempt) {
    attempt = newAttempt(visit, given, needs);
    await stores.attempts.begin(attempt);
  }
  return { kind: 'counted', attempt, user, scope, number: counted.number, hash: password?.hash ?? null };
}

/** Who gave the user ID in this interaction before. */
async function ofAttempt({ attempts, users }: Stores, { attemptId }: Visit) {
  const attempt = await attempts.find(attemptId);
  const user = await users.find(attempt?.userSub ?? NOBODY);
  return attempt && { userId: attempt.userId, account: attempt.account, user };
}

async function settle(
  stores: Stores,
  visit: Visit,
  compared: CountedPassword & Compared,
  deviceToken: string,
): Promise<PasswordOutcome | { kind: 'changed'; hash: string | null }> {
  const user = await stores.users.find(compared.user?.sub ?? NOBODY);
  const hash = (await stores.passwords.find(user?.sub ?? NOBODY))?.hash ?? null;
  if (hash !== compared.hash) return { kind: 'changed', hash };
  if (!compared.right || !user || !mayUseSessions(user, visit.now)) return fail(stores, visit, compared);
  if (compared.renewed !== null && hash !== null) {
    await stores.passwords.rehash(user.sub, hash, compared.renewed, visit.now);
  }
  return passPassword(stores, visit, { ...compared, user }, deviceToken);
}

async function fail(
  stores: Stores,
  visit: Visit,
  { attempt, user, scope, number }: CountedPassword,
): Promise<PasswordOutcome> {
  const sub = user?.sub ?? null;
  const failed = await failTry(stores, visit, scope, user, number);
  if (failed.kind === 'locked') return tellLock(stores, visit, failed, sub, attempt.method);
  await record(stores, visit, sub, 'wrong_password', attempt.method);
  return { kind: 'wrong_password' };
}
