/** The same code, mailed once more. */
import { HOUR, SECOND } from '../clock.ts';
import { mailBudgetKey } from '../credentials/account-scope.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { NewMail } from '../mail/mail.ts';
import { mayUseSessions } from '../users/user.ts';
import { type LockedOut, tellLock } from './try.ts';
import { addMails, lockOf, NOBODY, receivers, scopeOf, type Visit } from './visit.ts';

export type ResendOutcome =
  | { kind: 'resent'; mails: NewMail[]; code: OneTimeCode }
  | { kind: 'no_attempt' }
  | { kind: 'expired' }
  | LockedOut
  | { kind: 'too_early'; until: number }
  /** Often enough for this attempt. */
  | { kind: 'limit' }
  /** Often enough for this account in this hour. */
  | { kind: 'too_many_mails'; until: number };

/** @param kind the mail that the attempt's code came in */
export async function resendCode(
  stores: Stores,
  visit: Visit,
  kind: 'login_code' | 'recovery_code' = 'login_code',
): Promise<ResendOutcome> {
  const { now } = visit;
  const { code: rules } = visit.contract.policy;
  const attempt = await stores.attempts.find(visit.attemptId);
  if (!attempt?.codeId) return { kind: 'no_attempt' };
  const user = await stores.users.find(attempt.userSub ?? NOBODY);
  const scope = await scopeOf(stores, visit, attempt.account, user);
  const lock = await lockOf(stores, visit, scope, user);
  if (lock) return tellLock(stores, visit, lock, attempt.userSub, attempt.method);
  const code = await stores.codes.find(attempt.codeId);
  if (code?.account !== attempt.account || code.spentAt !== null || code.expiresAt <= now)
    return { kind: 'expired' };
  if (attempt.mails > rules.resends) return { kind: 'limit' };
  const allowedAt = attempt.lastMailAt + rules.resend_wait_seconds * SECOND;
  if (now < allowedAt) return { kind: 'too_early', until: allowedAt };
  // Two resends at once: the one that counts first mails.
  if (!(await stores.attempts.countMail(attempt.id, attempt.mails, now))) {
    return { kind: 'too_early', until: now + rules.resend_wait_seconds * SECOND };
  }
  const budget = { points: rules.mails_per_hour, seconds: HOUR / SECOND };
  const spent = await stores.rates.take(mailBudgetKey(scope, kind), budget, now);
  if (spent !== null) return { kind: 'too_many_mails', until: spent };
  // Disabled since the attempt began: no more codes.
  const receiver = user && mayUseSessions(user, now) ? user : undefined;
  const addresses = await receivers(stores, receiver?.sub ?? NOBODY);
  if (!receiver) return { kind: 'resent', mails: [], code };
  const mail = { kind, codeId: code.id, giveUpAt: code.expiresAt };
  const mails = await addMails(stores, visit, receiver, addresses, mail);
  return { kind: 'resent', mails, code };
}
