/** The mailed code is typed. It counts among the tries of a login, and a right one is taken back and spent. */
import { isCode } from '../../credentials/one-time-code.ts';
import type { Stores } from '../../database/stores.ts';
import type { LoginAttempt } from '../store.ts';
import { type CodeTry, codeTry, countTry, failTry, type Locked, type LockedOut } from '../try.ts';
import { NOBODY, record, type Visit } from '../visit.ts';
import { passStep, recoverable } from './stage.ts';

export type RecoveryCodeOutcome =
  /** The secret question comes next, or what comes after it. */
  | { readonly kind: 'passed' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'expired' }
  | LockedOut
  /** The user ID comes first. */
  | { readonly kind: 'no_attempt' }
  | { readonly kind: 'too_many_requests'; readonly until: number };

/** @param typed as it came, not empty @throws Ended when another user ID was given meanwhile */
export async function verifyRecoveryCode(
  stores: Stores,
  visit: Visit,
  typed: string,
): Promise<RecoveryCodeOutcome> {
  const found = await codeTry(stores, visit);
  if (found.kind !== 'found') return found;
  const { attempt } = found;
  // Sent twice, or from a page that was left behind.
  if (attempt.codeAt !== null) return { kind: 'passed' };
  const outcome = await tryCode(stores, visit, { ...found, typed });
  if (outcome.kind === 'passed') return outcome;
  if (outcome.kind === 'locked' && outcome.underWay !== undefined) {
    return { kind: 'too_many_requests', until: outcome.underWay };
  }
  const errorCode = await record(stores, visit, attempt.userSub, RESULTS[outcome.kind], attempt.method);
  return outcome.kind === 'locked' ? { ...outcome, errorCode } : outcome;
}

const RESULTS = { wrong: 'wrong_code', locked: 'locked', expired: 'code_expired' } as const;

async function tryCode(
  stores: Stores,
  visit: Visit,
  { attempt, user, scope, typed }: CodeTry & { readonly typed: string },
): Promise<{ kind: 'passed' | 'wrong' | 'expired' } | Locked> {
  const { now } = visit;
  const code = await stores.codes.find(attempt.codeId ?? NOBODY);
  if (code?.account !== attempt.account || code.spentAt !== null || code.expiresAt <= now)
    return spentOrExpired(stores, attempt);
  const counted = await countTry(stores, visit, scope, user);
  if (counted.kind === 'locked') return counted;
  if (!isCode(visit.secrets, code, typed) || !(await recoverable(stores, user, now))) {
    return failTry(stores, visit, scope, user, counted.number);
  }
  await stores.tries.giveBack(scope);
  if (!(await stores.codes.spend(code.id, now))) return spentOrExpired(stores, attempt);
  await passStep(stores, attempt, 'code', now);
  return { kind: 'passed' };
}

/** The same form, sent twice, has spent the code by now; or it has ended. */
async function spentOrExpired(
  { attempts }: Stores,
  { id, codeId }: LoginAttempt,
): Promise<{ kind: 'passed' | 'expired' }> {
  const current = await attempts.find(id);
  const passed = current?.codeId === codeId && current.codeAt !== null;
  return { kind: passed ? 'passed' : 'expired' };
}
