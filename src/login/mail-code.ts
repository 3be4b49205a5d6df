/** A code for a login that needs one, mailed to the user's devices within the budgets of account and contract. */
import { HOUR, MINUTE } from '../clock.ts';
import { mailBudgetKey } from '../credentials/account-scope.ts';
import { newCode } from '../credentials/one-time-code.ts';
import type { OneTimeCode, TryScope } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { NewMail } from '../mail/mail.ts';
import { mayUseSessions, type User } from '../users/user.ts';
import type { LoginAttempt } from './store.ts';
import { addMails, NOBODY, receivers, record, type Visit } from './visit.ts';

export type MailCodeOutcome =
  /** `code` is what the mails carry; null when there is nothing to mail. */
  | { kind: 'code_sent'; mails: NewMail[]; code: OneTimeCode | null }
  /** Nobody can be mailed under this ID; only where the contract tells, or to who has proven a password. */
  | { kind: 'could_not_send' }
  /** The account's mails of this hour are used up. */
  | { kind: 'too_many_mails'; until: number }
  /** The contract asks for too many. */
  | { kind: 'too_many_requests'; until: number };

export interface CodeFor {
  /** The attempt, without a code that works. */
  readonly attempt: LoginAttempt;
  readonly user: User | undefined;
  readonly scope: TryScope;
  /** Whether to say so when nobody can be mailed. */
  readonly tell: boolean;
  /** The mail that the code comes in; a login's if absent. */
  readonly kind?: 'login_code' | 'recovery_code';
}

/**
 * @param save writes the attempt with its code; false: another request was quicker, whose code was mailed
 */
export async function mailCode(
  stores: Stores,
  visit: Visit,
  { attempt, user, scope, tell, kind = 'login_code' }: CodeFor,
  save: (attempt: LoginAttempt) => Promise<boolean>,
): Promise<MailCodeOutcome> {
  const { now, contract } = visit;
  const { policy } = contract;
  const receiver = user && mayUseSessions(user, now) ? user : undefined;
  const addresses = await receivers(stores, receiver?.sub ?? NOBODY);
  // Late: all code requests of a contract meet in this row, which the transaction holds until it commits.
  const crowded = await countContract(stores, visit, scope);
  if (crowded !== null) return { kind: 'too_many_requests', until: crowded };
  if (addresses.length === 0 && tell) {
    await record(stores, visit, user?.sub ?? null, 'code_not_sent', attempt.method);
    return { kind: 'could_not_send' };
  }
  // Counted for unknown IDs as well: a limit that holds only for known ones would tell them apart.
  const budget = { points: policy.code.mails_per_hour, seconds: HOUR / 1000 };
  const spent = await stores.rates.take(mailBudgetKey(scope, kind), budget, now);
  if (spent !== null) {
    await record(stores, visit, user?.sub ?? null, 'too_many_mails', attempt.method);
    return { kind: 'too_many_mails', until: spent };
  }
  const made = newCode(visit.secrets, policy.code.digits, policy.code.minutes * MINUTE, now);
  const code = { ...made, account: attempt.account };
  const userSub = addresses.length > 0 ? attempt.userSub : null;
  const sent = { codeId: code.id, mails: 1, lastMailAt: now, expiresAt: code.expiresAt };
  if (!(await save({ ...attempt, ...sent, userSub }))) return { kind: 'code_sent', mails: [], code: null };
  await stores.codes.add(code);
  if (!receiver || userSub === null) return { kind: 'code_sent', mails: [], code };
  const mail = { kind, codeId: code.id, giveUpAt: code.expiresAt };
  return { kind: 'code_sent', mails: await addMails(stores, visit, receiver, addresses, mail), code };
}

/** A flood on the contract must not keep known browsers out, whose mails are bounded by account. */
async function countContract(
  { rates }: Stores,
  { contract, now }: Visit,
  scope: TryScope,
): Promise<number | null> {
  if (scope.browser !== '') return null;
  return rates.take(`code:${contract.id}`, contract.policy.rates.code_requests_per_contract, now);
}
