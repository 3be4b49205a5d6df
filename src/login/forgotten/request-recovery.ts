/** A user ID is given: if its user can register anew, a code is mailed. Nothing tells whether. */
import type { Stores } from '../../database/stores.ts';
import { attemptGoingOn, newAttempt } from '../attempt.ts';
import { type MailCodeOutcome, mailCode } from '../mail-code.ts';
import { claimantOf } from '../request-code.ts';
import { type LockedOut, tellLock } from '../try.ts';
import { countAddress, lockOf, scopeOf, type Visit } from '../visit.ts';
import { recoverable } from './stage.ts';

export type RequestRecoveryOutcome =
  /** Or not: the page says that it was mailed if there is such a user. */
  | { readonly kind: 'code_sent' }
  | Exclude<MailCodeOutcome, { kind: 'code_sent' | 'could_not_send' }>
  | LockedOut;

/** @param userId what was typed, as users/user-id.ts reads it */
export async function requestRecovery(
  stores: Stores,
  visit: Visit,
  userId: string,
): Promise<RequestRecoveryOutcome> {
  const { policy } = visit.contract;
  const claimant = await claimantOf(stores, visit, userId);
  const { account, user } = claimant;
  const scope = await scopeOf(stores, visit, account, user);
  const flooded = await countAddress(stores, visit, scope, 'code', policy.rates.code_requests_per_address);
  if (flooded !== null) return { kind: 'too_many_requests', until: flooded };
  const method = user?.loginMethod ?? policy.login_methods[0] ?? 'otp';
  const lock = await lockOf(stores, visit, scope, user);
  if (lock) return tellLock(stores, visit, lock, user?.sub ?? null, method);
  const receiver = await recoverable(stores, user, visit.now);
  const nothing = { method, needs: [], held: [], unmet: false };
  // The same ID again: its code is still good, and mailing it again is the resend's business.
  if (await attemptGoingOn(stores, visit, claimant, nothing)) return { kind: 'code_sent' };

  const attempt = newAttempt(visit, claimant, nothing);
  const asked = { attempt, user: receiver, scope, tell: false, kind: 'recovery_code' } as const;
  const outcome = await mailCode(stores, visit, asked, async (sent) => {
    await stores.attempts.begin(sent);
    return true;
  });
  return outcome.kind === 'code_sent' || outcome.kind === 'could_not_send' ? { kind: 'code_sent' } : outcome;
}
