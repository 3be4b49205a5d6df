/** The name under which wrong tries and mails of one account are counted. */
import type { Secrets } from '../secrets.ts';
import type { TryScope } from './store.ts';

/**
 * Keyed hash of contract and user ID, so that an unknown ID is counted like a known one and a database dump does not
 * tell what strangers typed. @param userIdKey see users/user-id.ts
 */
export function accountScope(secrets: Secrets, contractId: string, userIdKey: string): string {
  return secrets.mac('account scope', `${contractId}\n${userIdKey}`);
}

/** The same for the wrong tries of one invitation's initial OTP: a new invitation starts anew. */
export function invitationScope(secrets: Secrets, invitationId: string): string {
  return secrets.mac('account scope', `invitation ${invitationId}`);
}

/**
 * Where the wrong secret answers of an account are counted once more, by whatever browser: a login, which starts the other
 * counts anew, must not give more guesses at an answer that it does not need. No browser has this name.
 */
export function answerScope({ account }: { account: string }): TryScope {
  return { account, browser: 'secret answers' };
}

/**
 * The rate-limit key of the codes that an account has mailed from one browser; with browser '' from all unknown ones.
 * Anybody can ask for those of a recovery, so they do not use up those of a login.
 */
export function mailBudgetKey(
  { account, browser }: { account: string; browser: string },
  kind: 'login_code' | 'recovery_code' = 'login_code',
): string {
  return `${mailBudgetPrefix(account)}${kind === 'recovery_code' ? 'recovery:' : ''}${browser}`;
}

/** The rate-limit key of the notices that logins without a mailed code cause, from all browsers together. */
export function noticeBudgetKey({ account }: { account: string }): string {
  return `${mailBudgetPrefix(account)}notices`;
}

/** What all mail budgets of an account begin with. */
export function mailBudgetPrefix(account: string): string {
  return `mails:${account}:`;
}
