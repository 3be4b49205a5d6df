/** The first step: a user ID is given. A code is mailed to its devices, or the password is asked for. */
import { accountScope } from '../credentials/account-scope.ts';
import type { Stores } from '../database/stores.ts';
import { mayUseSessions } from '../users/user.ts';
import { userIdKey } from '../users/user-id.ts';
import { attemptGoingOn, type Claimant, newAttempt } from './attempt.ts';
import { type MailCodeOutcome, mailCode } from './mail-code.ts';
import { needsOf } from './needs.ts';
import { type LockedOut, tellLock } from './try.ts';
import { countAddress, lockOf, record, scopeOf, type Visit } from './visit.ts';

export type RequestCodeOutcome =
  | MailCodeOutcome
  /** The login begins with a password. */
  | { kind: 'password_asked' }
  | LockedOut
  /** The address asks for too many. */
  | { kind: 'too_many_requests'; until: number };

/** @param userId what was typed, as users/user-id.ts reads it */
export async function requestCode(stores: Stores, visit: Visit, userId: string): Promise<RequestCodeOutcome> {
  const { policy } = visit.contract;
  const claimant = await claimantOf(stores, visit, userId);
  const { account, user } = claimant;
  const scope = await scopeOf(stores, visit, account, user);
  const flooded = await countAddress(stores, visit, scope, 'code', policy.rates.code_requests_per_address);
  if (flooded !== null) return { kind: 'too_many_requests', until: flooded };
  const needs = await needsOf(stores, visit, account, user);
  const lock = await lockOf(stores, visit, scope, user);
  if (lock) return tellLock(stores, visit, lock, user?.sub ?? null, needs.method);
  const asksPassword = needs.needs[0] === 'password';
  // The same ID again in the same interaction: its code is still good, and mailing it again is the resend's business.
  const before = await attemptGoingOn(stores, visit, claimant, needs);
  if (before?.codeId) return { kind: 'code_sent', mails: [], code: null };
  if (before && asksPassword) return { kind: 'password_asked' };

  const tell = policy.unknown_user === 'tell';
  const attempt = newAttempt(visit, claimant, needs);
  if (!asksPassword) {
    return mailCode(stores, visit, { attempt, user, scope, tell }, async (sent) => {
      await stores.attempts.begin(sent);
      return true;
    });
  }
  if (tell && !(user && mayUseSessions(user, visit.now))) {
    await record(stores, visit, user?.sub ?? null, 'code_not_sent', needs.method);
    return { kind: 'could_not_send' };
  }
  await stores.attempts.begin(attempt);
  return { kind: 'password_asked' };
}

/** Who is meant by a user ID that was typed. */
export async function claimantOf(
  { users }: Stores,
  { contract, secrets }: Visit,
  userId: string,
): Promise<Claimant> {
  const key = userIdKey(userId, contract.policy.user_id.case_sensitive);
  const user = await users.findByUserId(contract.id, key);
  return { userId, account: accountScope(secrets, contract.id, key), user };
}
