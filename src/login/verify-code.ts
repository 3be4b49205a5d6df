/** The code is typed. A try is counted before it is compared, and a right code is spent once. */
import { allFactors, FACTORS } from '../contracts/login-methods.ts';
import { isCode } from '../credentials/one-time-code.ts';
import type { Stores } from '../database/stores.ts';
import { mayUseSessions, type User } from '../users/user.ts';
import { type CompleteOutcome, completeLogin } from './complete.ts';
import type { LoginAttempt } from './store.ts';
import { type CodeTry, codeTry, countTry, failTry, type Locked, type LockedOut } from './try.ts';
import { NOBODY, record, type Visit } from './visit.ts';

export type VerifyOutcome =
  | CompleteOutcome
  | { kind: 'wrong' }
  | LockedOut
  | { kind: 'expired' }
  | { kind: 'used' }
  /** There is no code yet: the user ID, or the password, comes first. */
  | { kind: 'no_attempt' }
  | { kind: 'too_many_requests'; until: number };

/**
 * @param typed as it came, not empty
 * @param deviceToken hash of the device cookie that the browser has, or will get with this answer
 */
export async function verifyCode(
  stores: Stores,
  visit: Visit,
  typed: string,
  deviceToken: string,
): Promise<VerifyOutcome> {
  const found = await codeTry(stores, visit);
  if (found.kind !== 'found') return found;
  const { attempt, scope } = found;
  const outcome = await tryCode(stores, visit, { ...found, typed });
  if (outcome.kind === 'accepted') {
    return completeLogin(stores, visit, { user: outcome.user, scope, attempt }, deviceToken);
  }
  if (outcome.kind === 'locked' && outcome.underWay !== undefined) {
    return { kind: 'too_many_requests', until: outcome.underWay };
  }
  const result = RESULTS[outcome.kind];
  const errorCode = await record(stores, visit, attempt.userSub, result, attempt.method);
  return outcome.kind === 'locked' ? { ...outcome, errorCode } : outcome;
}

type Refusal = { kind: 'wrong' } | Locked | { kind: 'expired' } | { kind: 'used' };

const RESULTS = {
  wrong: 'wrong_code',
  locked: 'locked',
  expired: 'code_expired',
  used: 'code_used',
} as const;

async function tryCode(
  stores: Stores,
  visit: Visit,
  { attempt, user, scope, typed }: CodeTry & { readonly typed: string },
): Promise<Refusal | { kind: 'accepted'; user: User }> {
  const { now } = visit;
  const code = await stores.codes.find(attempt.codeId ?? NOBODY);
  if (code?.account !== attempt.account || code.expiresAt <= now) return { kind: 'expired' };
  if (code.spentAt !== null) return { kind: 'used' };

  const counted = await countTry(stores, visit, scope, user);
  if (counted.kind === 'locked') return counted;
  const right = isCode(visit.secrets, code, typed);
  if (!right || !user || !mayUseSessions(user, now)) {
    return failTry(stores, visit, scope, user, counted.number);
  }
  if (!(await restHolds(stores, visit, attempt, user))) {
    await stores.tries.giveBack(scope);
    await stores.attempts.remove(attempt.id);
    return { kind: 'expired' };
  }
  await stores.tries.clear(scope);
  // Another request with the same code was quicker.
  if (!(await stores.codes.spend(code.id, now))) return { kind: 'used' };
  return { kind: 'accepted', user };
}

/** Whether the code completes the login: what was proven before it is still so, and the user's method asks no more. */
async function restHolds(
  { passwords }: Stores,
  { stepUp }: Visit,
  { method, needs, held, passwordAt }: LoginAttempt,
  user: User,
): Promise<boolean> {
  const sessionHolds = stepUp?.sub === user.sub && held.every((factor) => stepUp.factors.includes(factor));
  if (held.length > 0 && !sessionHolds) return false;
  const proven = allFactors(held, needs);
  if (method !== user.loginMethod && !FACTORS[user.loginMethod].every((one) => proven.includes(one)))
    return false;
  if (!needs.includes('password')) return true;
  const password = await passwords.find(user.sub);
  return passwordAt !== null && password !== undefined && password.createdAt < passwordAt;
}
