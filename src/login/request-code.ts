/** The first step: a user ID is given, and a code is mailed to its devices. */
import { HOUR, MINUTE } from '../clock.ts';
import { accountScope, mailBudgetKey } from '../credentials/account-scope.ts';
import { newCode } from '../credentials/one-time-code.ts';
import type { OneTimeCode, TryScope } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { NewMail } from '../mail/mail.ts';
import type { User } from '../users/user.ts';
import { userIdKey } from '../users/user-id.ts';
import {
  addMails,
  countAddress,
  lockOf,
  mayLogIn,
  NOBODY,
  receivers,
  record,
  scopeOf,
  type Visit,
} from './visit.ts';

export type RequestCodeOutcome =
  /** `code` is what the mails carry; null when there is nothing to mail. */
  | { kind: 'code_sent'; mails: NewMail[]; code: OneTimeCode | null }
  /** Nobody can be mailed under this ID; only where the contract tells. */
  | { kind: 'could_not_send' }
  | { kind: 'locked'; until: number | null }
  /** The account's mails of this hour are used up. */
  | { kind: 'too_many_mails'; until: number }
  /** The address or the contract asks for too many. */
  | { kind: 'too_many_requests'; until: number };

/** @param userId what was typed, as users/user-id.ts reads it */
export async function requestCode(stores: Stores, visit: Visit, userId: string): Promise<RequestCodeOutcome> {
  const { contract, now } = visit;
  const { policy } = contract;
  const key = userIdKey(userId, policy.user_id.case_sensitive);
  const account = accountScope(visit.secrets, contract.id, key);
  const user = await stores.users.findByUserId(contract.id, key);
  const scope = await scopeOf(stores, visit, account, user);
  const flooded = await countAddress(stores, visit, scope, 'code', policy.rates.code_requests_per_address);
  if (flooded !== null) return { kind: 'too_many_requests', until: flooded };
  const lock = await lockOf(stores, visit, scope, user);
  if (lock) {
    await record(stores, visit, user?.sub ?? null, 'locked');
    return { kind: 'locked', until: lock.until };
  }
  if (await hasLiveCode(stores, visit, account)) return { kind: 'code_sent', mails: [], code: null };

  const receiver = user && mayLogIn(user, now) ? user.sub : NOBODY;
  const addresses = await receivers(stores, receiver);
  // Late: all code requests of a contract meet in this row, which the transaction holds until it commits.
  const crowded = await countContract(stores, visit, scope);
  if (crowded !== null) return { kind: 'too_many_requests', until: crowded };
  if (addresses.length === 0 && policy.unknown_user === 'tell') {
    await record(stores, visit, user?.sub ?? null, 'code_not_sent');
    return { kind: 'could_not_send' };
  }
  // Counted for unknown IDs as well: a limit that holds only for known ones would tell them apart.
  const budget = { points: policy.code.mails_per_hour, seconds: HOUR / 1000 };
  const spent = await stores.rates.take(mailBudgetKey(scope), budget, now);
  if (spent !== null) {
    await record(stores, visit, user?.sub ?? null, 'too_many_mails');
    return { kind: 'too_many_mails', until: spent };
  }
  return { kind: 'code_sent', ...(await begin(stores, visit, { userId, account, user, addresses })) };
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

/** The same ID again in the same interaction: its code is still good, and mailing it again is the resend's business. */
async function hasLiveCode({ attempts, codes }: Stores, visit: Visit, account: string): Promise<boolean> {
  const attempt = await attempts.find(visit.attemptId);
  if (attempt?.account !== account || attempt.expiresAt <= visit.now) return false;
  return (await codes.find(attempt.codeId))?.spentAt === null;
}

async function begin(
  stores: Stores,
  visit: Visit,
  {
    userId,
    account,
    user,
    addresses,
  }: { userId: string; account: string; user: User | undefined; addresses: string[] },
): Promise<{ mails: NewMail[]; code: OneTimeCode }> {
  const { policy } = visit.contract;
  const code = newCode(visit.secrets, policy.code.digits, policy.code.minutes * MINUTE, visit.now);
  const receiver = addresses.length > 0 ? user : undefined;
  await stores.codes.add(code);
  await stores.attempts.begin({
    id: visit.attemptId,
    contractId: visit.contract.id,
    clientId: visit.client.id,
    userSub: receiver?.sub ?? null,
    userId,
    account,
    codeId: code.id,
    mails: 1,
    lastMailAt: visit.now,
    createdAt: visit.now,
    expiresAt: code.expiresAt,
  });
  if (!receiver) return { mails: [], code };
  const mail = { kind: 'login_code', codeId: code.id, giveUpAt: code.expiresAt } as const;
  return { mails: await addMails(stores, visit, receiver, addresses, mail), code };
}
