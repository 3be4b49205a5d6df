/** The same code, mailed once more. */
import { HOUR, SECOND } from '../clock.ts';
import { mailBudgetKey } from '../credentials/account-scope.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { NewMail } from '../mail/mail.ts';
import { addMails, lockOf, mayLogIn, NOBODY, receivers, scopeOf, type Visit } from './visit.ts';

export type ResendOutcome =
  | { kind: 'resent'; mails: NewMail[]; code: OneTimeCode }
  | { kind: 'no_attempt' }
  | { kind: 'expired' }
  | { kind: 'locked'; until: number | null }
  | { kind: 'too_early'; until: number }
  /** Often enough for this attempt. */
  | { kind: 'limit' }
  /** Often enough for this account in this hour. */
  | { kind: 'too_many_mails'; until: number };

export async function resendCode(stores: Stores, visit: Visit): Promise<ResendOutcome> {
  const { now } = visit;
  const { code: rules } = visit.contract.policy;
  const attempt = await stores.attempts.find(visit.attemptId);
  if (!attempt) return { kind: 'no_attempt' };
  const user = await stores.users.find(attempt.userSub ?? NOBODY);
  const scope = await scopeOf(stores, visit, attempt.account, user);
  const lock = await lockOf(stores, visit, scope, user);
  if (lock) return { kind: 'locked', until: lock.until };
  const code = await stores.codes.find(attempt.codeId);
  if (!code || code.spentAt !== null || code.expiresAt <= now) return { kind: 'expired' };
  if (attempt.mails > rules.resends) return { kind: 'limit' };
  const allowedAt = attempt.lastMailAt + rules.resend_wait_seconds * SECOND;
  if (now < allowedAt) return { kind: 'too_early', until: allowedAt };
  // Two resends at once: the one that counts first mails.
  if (!(await stores.attempts.countMail(attempt.id, attempt.mails, now))) {
    return { kind: 'too_early', until: now + rules.resend_wait_seconds * SECOND };
  }
  const budget = { points: rules.mails_per_hour, seconds: HOUR / SECOND };
  const spent = await stores.rates.take(mailBudgetKey(scope), budget, now);
  if (spent !== null) return { kind: 'too_many_mails', until: spent };
  // Disabled since the attempt began: no more codes.
  const receiver = user && mayLogIn(user, now) ? user : undefined;
  const addresses = await receivers(stores, receiver?.sub ?? NOBODY);
  if (!receiver) return { kind: 'resent', mails: [], code };
  const mail = { kind: 'login_code', codeId: code.id, giveUpAt: code.expiresAt } as const;
  const mails = await addMails(stores, visit, receiver, addresses, mail);
  return { kind: 'resent', mails, code };
}
