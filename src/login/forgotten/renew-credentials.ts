/**
 * The end of a recovery: new credentials take the place of the old, and everything that the old ones opened ends. Until
 * here nothing of the user is changed; here all is, or nothing.
 */
import { type Clock, DAY } from '../../clock.ts';
import { answerScope, mailBudgetKey } from '../../credentials/account-scope.ts';
import type { SecretAnswer } from '../../credentials/answer-store.ts';
import type { Hasher } from '../../credentials/hasher.ts';
import type { NewCredentials } from '../../credentials/new-credentials.ts';
import type { StoredPassword } from '../../credentials/password-store.ts';
import type { Stores, UnitOfWork } from '../../database/stores.ts';
import { type EndedSession, endAccount } from '../../oidc/end-account.ts';
import { newId } from '../../secrets.ts';
import { mayUseSessions, type User } from '../../users/user.ts';
import type { LoginAttempt } from '../store.ts';
import { type LockedOut, tellLock } from '../try.ts';
import { addMails, lockOf, receivers, record, scopeOf, type Visit } from '../visit.ts';
import { Ended, passStep, stageOf, unlessEnded } from './stage.ts';

/** Who registers anew, as the page was made for. */
export interface Recovering {
  readonly attempt: LoginAttempt;
  readonly user: User;
}

export type RenewOutcome =
  | { readonly kind: 'renewed'; readonly ended: readonly EndedSession[] }
  | LockedOut
  /** Done by another request, out of time, or the user, the addresses or the credentials are others by now. */
  | { readonly kind: 'ended' };

/** The user whose new credentials may be entered in this interaction now. */
export async function findRecovering(
  { attempts, users }: Stores,
  visit: Visit,
): Promise<Recovering | undefined> {
  const attempt = await attempts.find(visit.attemptId);
  if (!attempt?.userSub || stageOf(attempt, visit.now) !== 'credentials') return undefined;
  const user = await users.find(attempt.userSub);
  return user && mayUseSessions(user, visit.now) ? { attempt, user } : undefined;
}

/** @throws SekishoError busy when too many hashes wait to be made */
export async function renewCredentials(
  { uow, hasher, clock }: { uow: UnitOfWork; hasher: Hasher; clock: Clock },
  visit: Visit,
  who: Recovering,
  { question, answer, password }: NewCredentials,
): Promise<RenewOutcome> {
  // Outside of the unit of work: hashing is slow on purpose.
  const answerHash = await hasher.hash('secret answer', answer);
  const passwordHash = password === null ? null : await hasher.hash('password', password);
  return unlessEnded(uow, (stores) => {
    // Not when the request began: whoever proved to know the old ones meanwhile did so before.
    const createdAt = clock.now();
    const made = { userSub: who.user.sub, createdAt, updatedAt: createdAt };
    return renew(stores, visit, who, {
      answer: { ...made, question, hash: answerHash },
      password: passwordHash === null ? null : { ...made, hash: passwordHash },
    });
  });
}

interface HashedCredentials {
  readonly answer: SecretAnswer;
  /** null under a method without one. */
  readonly password: StoredPassword | null;
}

/** @throws Ended */
async function renew(
  stores: Stores,
  visit: Visit,
  { attempt, user: seen }: Recovering,
  { answer, password }: HashedCredentials,
): Promise<RenewOutcome> {
  const { sub } = seen;
  const scope = await scopeOf(stores, visit, attempt.account, seen);
  const lock = await lockOf(stores, visit, scope, await stores.users.find(sub));
  // The code and the answer stay good for when the support desk has opened it.
  if (lock) return tellLock(stores, visit, lock, sub, attempt.method);
  // One of two requests at once gets through. Not thrown: the other is told when the first has been committed.
  if (!(await passStep(stores, attempt, 'password', visit.now))) return { kind: 'ended' };
  await stores.tries.clear(answerScope(scope));
  await stores.tries.clear(scope);
  await stores.rates.clear(mailBudgetKey(scope));
  await stores.rates.clear(mailBudgetKey(scope, 'recovery_code'));
  await withdrawInvitation(stores, sub);
  const { user, from } = await unchanged(stores, visit, { attempt, user: seen });
  // A lock that had run out is over now, not only asleep.
  if (user.state === 'locked' && scope.browser === '') {
    await stores.users.changeState(sub, 'locked', 'active', null, visit.now);
  }
  // The same for two recoveries of one user in two browsers.
  if (!(await stores.answers.replace(answer, from))) throw new Ended();
  if (password) await stores.passwords.set(password);
  else await stores.passwords.remove(sub);
  const ended = await endAccount(stores, visit.secrets, sub, visit.now);
  await tell(stores, visit, user);
  return { kind: 'renewed', ended };
}

/** An invitation that was not used yet would replace what is registered here. */
async function withdrawInvitation({ invitations }: Stores, sub: string): Promise<void> {
  const invitation = await invitations.ofUser(sub);
  if (invitation && invitation.spentAt === null) await invitations.withdraw(sub);
}

/**
 * The user as he is now, and the hash of the answer that he gave.
 * @throws Ended when somebody has changed meanwhile what the recovery rests on
 */
async function unchanged(
  stores: Stores,
  { now }: Visit,
  { attempt, user: seen }: Recovering,
): Promise<{ user: User; from: string }> {
  const { sub } = seen;
  const user = await stores.users.find(sub);
  const answer = await stores.answers.find(sub);
  const password = await stores.passwords.find(sub);
  if (!user || !answer || !mayUseSessions(user, now)) throw new Ended();
  // The method decides what had to be entered.
  if (user.loginMethod !== seen.loginMethod) throw new Ended();
  const since = attempt.answerAt ?? 0;
  if (answer.createdAt >= since || (password?.createdAt ?? 0) >= since) throw new Ended();
  if (!(await mailboxesAreTheUsers(stores, attempt, sub))) throw new Ended();
  return { user, from: answer.hash };
}

/** Whoever reads a mailbox that is the user's no more must not get through. */
async function mailboxesAreTheUsers(
  stores: Stores,
  { id, codeId }: LoginAttempt,
  sub: string,
): Promise<boolean> {
  const addresses = await receivers(stores, sub);
  const mailed = codeId === null ? [] : await stores.mails.statesOf(id, codeId);
  return mailed.length > 0 && mailed.every(({ recipient }) => addresses.includes(recipient));
}

/** In the login history, in the trail, and by mail to every device. */
async function tell(stores: Stores, visit: Visit, user: User): Promise<void> {
  const { contract, now, address } = visit;
  await record(stores, visit, user.sub, 'recovered', user.loginMethod);
  await stores.audit.add({
    id: newId(),
    actor: 'user',
    action: 'credentials.renew',
    contractId: contract.id,
    subject: user.sub,
    details: { user_id: user.userId, method: user.loginMethod, address },
    at: now,
  });
  const notice = { kind: 'credentials_renewed', giveUpAt: now + DAY } as const;
  await addMails(stores, visit, user, await receivers(stores, user.sub), notice);
}
