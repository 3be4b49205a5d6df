/** The password was right: the login is complete, or a code comes next. */
import type { TryScope } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { User } from '../users/user.ts';
import { type CompleteOutcome, completeAgain, completeLogin } from './complete.ts';
import { type MailCodeOutcome, mailCode } from './mail-code.ts';
import type { LoginAttempt } from './store.ts';
import { type LockedOut, tellLock } from './try.ts';
import { lockOf, type Visit } from './visit.ts';

export interface RightPassword {
  /** As it was when the try was counted. */
  readonly attempt: LoginAttempt;
  readonly user: User;
  readonly scope: TryScope;
}

export async function passPassword(
  stores: Stores,
  visit: Visit,
  { attempt: before, user, scope }: RightPassword,
  deviceToken: string,
): Promise<CompleteOutcome | MailCodeOutcome | LockedOut | { kind: 'no_attempt' }> {
  // First, for it is the row that two requests of one account meet in.
  await stores.tries.giveBack(scope);
  const lock = await lockOf(stores, visit, scope, user);
  if (lock) return tellLock(stores, visit, lock, user.sub, before.method);
  const first = await stores.attempts.pass(before, 'password', visit.now);
  // Read after the write, which holds the row: what was proven for one user ID must not count for the next.
  const attempt = await stores.attempts.find(before.id);
  if (attempt?.account !== before.account || attempt.userSub !== user.sub) return { kind: 'no_attempt' };
  // Meanwhile the user's login method was changed.
  if (attempt.method !== user.loginMethod) return { kind: 'no_attempt' };
  if (attempt.needs.includes('otp')) return askForCode(stores, visit, { attempt, user, scope });

  await stores.tries.clear(scope);
  if (!first) return completeAgain(visit, user, attempt);
  return completeLogin(stores, visit, { user, scope, attempt }, deviceToken);
}

async function askForCode(
  stores: Stores,
  visit: Visit,
  { attempt, user, scope }: RightPassword,
): Promise<MailCodeOutcome> {
  const code = attempt.codeId === null ? undefined : await stores.codes.find(attempt.codeId);
  if (code?.account === attempt.account && code.spentAt === null && code.expiresAt > visit.now) {
    return { kind: 'code_sent', mails: [], code: null };
  }
  return mailCode(stores, visit, { attempt, user, scope, tell: true }, (sent) =>
    stores.attempts.giveCode(sent, attempt.codeId),
  );
}
