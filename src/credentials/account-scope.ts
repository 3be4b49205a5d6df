/** The name under which wrong tries and mails of one account are counted. */
import type { Secrets } from '../secrets.ts';

/**
 * Keyed hash of contract and user ID, so that an unknown ID is counted like a known one and a database dump does not
 * tell what strangers typed. @param userIdKey see users/user-id.ts
 */
export function accountScope(secrets: Secrets, contractId: string, userIdKey: string): string {
  return secrets.mac('account scope', `${contractId}\n${userIdKey}`);
}

/** The rate-limit key of the mails that an account causes from one browser; with browser '' from all unknown ones. */
export function mailBudgetKey(scope: { account: string; browser: string }): string {
  return `${mailBudgetPrefix(scope.account)}${scope.browser}`;
}

/** What all mail budgets of an account begin with. */
export function mailBudgetPrefix(account: string): string {
  return `mails:${account}:`;
}
