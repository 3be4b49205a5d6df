/** The second step: the code is typed. A try is counted before it is compared, and a right code is spent once. */
import { DAY, MINUTE } from '../clock.ts';
import { mailBudgetKey } from '../credentials/account-scope.ts';
import { isCode } from '../credentials/one-time-code.ts';
import type { TryScope } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { NewMail } from '../mail/mail.ts';
import { mayUseSessions, type User } from '../users/user.ts';
import type { LoginAttempt } from './store.ts';
import { addMails, countAddress, NOBODY, receivers, record, scopeOf, userLock, type Visit } from './visit.ts';

export type VerifyOutcome =
  | { kind: 'accepted'; user: User; newBrowser: boolean; mails: NewMail[] }
  | { kind: 'wrong' }
  | { kind: 'locked'; until: number | null }
  | { kind: 'expired' }
  | { kind: 'used' }
  | { kind: 'no_attempt' }
  | { kind: 'too_many_requests'; until: number };

/**
 * @param typed as it came, not empty
 * @param deviceToken hash of the device cookie that the browser has, or will get with this answer
 */
export async function verifyCode(
  stores: Stores,
  visit: Visit,
  typed: string,
  deviceToken: string,
): Promise<VerifyOutcome> {
  const attempt = await stores.attempts.find(visit.attemptId);
  const user = await stores.users.find(attempt?.userSub ?? NOBODY);
  const scope = await scopeOf(stores, visit, attempt?.account ?? NOBODY, user);
  const flooded = await countAddress(
    stores,
    visit,
    scope,
    'try',
    visit.contract.policy.rates.tries_per_address,
  );
  if (flooded !== null) return { kind: 'too_many_requests', until: flooded };
  if (!attempt) return { kind: 'no_attempt' };
  const outcome = await tryCode(stores, visit, { attempt, user, scope, typed });
  if (outcome.kind === 'accepted') return accept(stores, visit, outcome.user, scope, deviceToken);
  await record(stores, visit, attempt.userSub, RESULTS[outcome.kind]);
  return outcome;
}

type Refusal = Extract<VerifyOutcome, { kind: 'wrong' | 'locked' | 'expired' | 'used' }>;

const RESULTS = {
  wrong: 'wrong_code',
  locked: 'locked',
  expired: 'code_expired',
  used: 'code_used',
} as const;

interface Try {
  readonly attempt: LoginAttempt;
  readonly user: User | undefined;
  readonly scope: TryScope;
  readonly typed: string;
}

async function tryCode(
  stores: Stores,
  visit: Visit,
  { attempt, user, scope, typed }: Try,
): Promise<Refusal | { kind: 'accepted'; user: User }> {
  const { now } = visit;
  const { lock: rules } = visit.contract.policy;
  const code = await stores.codes.find(attempt.codeId);
  if (!code || code.expiresAt <= now) return { kind: 'expired' };
  if (code.spentAt !== null) return { kind: 'used' };

  const count = await stores.tries.count(scope, rules.tries, now);
  if (count === undefined) return refuse(stores, visit, scope, user);
  // The counter of a lock that waits for the support desk may have been swept meanwhile.
  const lock = userLock(visit, scope, user);
  if (lock) return { kind: 'locked', until: lock.until };
  const right = isCode(visit.secrets, code, typed);
  if (!right || !user || !mayUseSessions(user, now)) {
    return count >= rules.tries ? lockScope(stores, visit, scope, user) : { kind: 'wrong' };
  }
  await stores.tries.clear(scope);
  // Another request with the same code was quicker.
  if (!(await stores.codes.spend(code.id, now))) return { kind: 'used' };
  return { kind: 'accepted', user };
}

/** No try is left. Where the contract has lowered their number meanwhile, the lock is still to be made. */
async function refuse(
  stores: Stores,
  visit: Visit,
  scope: TryScope,
  user: User | undefined,
): Promise<{ kind: 'locked'; until: number | null }> {
  const counter = await stores.tries.find(scope);
  if (counter?.lockedAt === null) return lockScope(stores, visit, scope, user);
  return { kind: 'locked', until: counter?.unlockAt ?? null };
}

async function lockScope(
  stores: Stores,
  visit: Visit,
  scope: TryScope,
  user: User | undefined,
): Promise<{ kind: 'locked'; until: number | null }> {
  const minutes = visit.contract.policy.lock.unlock_after_minutes;
  const until = minutes === undefined ? null : visit.now + minutes * MINUTE;
  await stores.tries.lock(scope, until, visit.now);
  if (scope.browser === '') await stores.users.lock(user?.sub ?? NOBODY, until, visit.now);
  return { kind: 'locked', until };
}

async function accept(
  stores: Stores,
  visit: Visit,
  user: User,
  scope: TryScope,
  deviceToken: string,
): Promise<VerifyOutcome> {
  await stores.rates.clear(mailBudgetKey(scope));
  // A lock that had run out is over now, not only asleep.
  if (user.state === 'locked' && scope.browser === '') {
    await stores.users.changeState(user.sub, 'locked', 'active', null, visit.now);
  }
  const newBrowser = await stores.browsers.remember(user.sub, deviceToken, visit.now);
  await record(stores, visit, user.sub, 'signed_in');
  const tell = newBrowser && visit.contract.policy.notices.new_browser;
  const notice = { kind: 'new_browser', giveUpAt: visit.now + DAY } as const;
  const mails = tell ? await addMails(stores, visit, user, await receivers(stores, user.sub), notice) : [];
  return { kind: 'accepted', user, newBrowser, mails };
}
