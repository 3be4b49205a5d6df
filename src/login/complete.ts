/** The end of a login, when all that it needs is proven. */
import { DAY, HOUR, SECOND } from '../clock.ts';
import { allFactors, type Factor } from '../contracts/login-methods.ts';
import { mailBudgetKey, noticeBudgetKey } from '../credentials/account-scope.ts';
import type { TryScope } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { NewMail } from '../mail/mail.ts';
import type { User } from '../users/user.ts';
import { isUnmet } from './needs.ts';
import type { LoginAttempt } from './store.ts';
import { addMails, receivers, record, type Visit } from './visit.ts';

export interface Accepted {
  readonly kind: 'accepted';
  readonly user: User;
  /** All that this login rests on. */
  readonly factors: readonly Factor[];
  /** Those of them that the session had proven before. */
  readonly held: readonly Factor[];
  readonly newBrowser: boolean;
  readonly mails: NewMail[];
}

/** unmet: the site insists on more than the user can prove. */
export type CompleteOutcome = Accepted | { kind: 'unmet' };

export interface Proven {
  readonly user: User;
  readonly scope: TryScope;
  /** All that it needs is proven. */
  readonly attempt: LoginAttempt;
}

/**
 * The button was pressed twice, and the first answer did not reach the browser: one login, to which both lead.
 */
export function completeAgain(visit: Visit, user: User, { held, needs }: LoginAttempt): CompleteOutcome {
  const factors = allFactors(held, needs);
  if (isUnmet(visit, factors)) return { kind: 'unmet' };
  return { kind: 'accepted', user, factors, held, newBrowser: false, mails: [] };
}

/** The wrong tries are cleared by the caller. @param deviceToken hash of the device cookie that the browser has or will get */
export async function completeLogin(
  stores: Stores,
  visit: Visit,
  { user, scope, attempt }: Proven,
  deviceToken: string,
): Promise<CompleteOutcome> {
  const { held, needs } = attempt;
  const factors = allFactors(held, needs);
  // Whoever gives a password only has read none of these mails.
  if (needs.includes('otp')) await stores.rates.clear(mailBudgetKey(scope));
  // A lock that had run out is over now, not only asleep.
  if (user.state === 'locked' && scope.browser === '') {
    await stores.users.changeState(user.sub, 'locked', 'active', null, visit.now);
  }
  if (isUnmet(visit, factors)) {
    await stores.attempts.remove(attempt.id);
    await record(stores, visit, user.sub, 'unmet_demand', user.loginMethod);
    return { kind: 'unmet' };
  }
  const newBrowser = await stores.browsers.remember(user.sub, deviceToken, visit.now);
  await record(stores, visit, user.sub, 'signed_in', user.loginMethod);
  const mails = newBrowser ? await tellNewBrowser(stores, visit, { user, scope, attempt }) : [];
  return { kind: 'accepted', user, factors, held, newBrowser, mails };
}

/** Notices that logins without a code may cause: whoever knows a password could fill the user's mailboxes. */
const NOTICES = { points: 10, seconds: HOUR / SECOND };

async function tellNewBrowser(
  stores: Stores,
  visit: Visit,
  { user, scope, attempt }: Proven,
): Promise<NewMail[]> {
  const { contract, now } = visit;
  if (!contract.policy.notices.new_browser) return [];
  const byCode = attempt.needs.includes('otp');
  if (!byCode && (await stores.rates.take(noticeBudgetKey(scope), NOTICES, now)) !== null) return [];
  const notice = { kind: 'new_browser', giveUpAt: now + DAY } as const;
  return addMails(stores, visit, user, await receivers(stores, user.sub), notice);
}
