/**
 * The secret answer is typed. As with a password, the try is counted in one unit of work, the answer is compared outside
 * of any, and the result is written in a second one, which looks anew at all that it relies on.
 */
import { answerScope } from '../../credentials/account-scope.ts';
import type { Hasher } from '../../credentials/hasher.ts';
import { foldAnswer } from '../../credentials/secret-answer.ts';
import type { TryScope } from '../../credentials/store.ts';
import type { Stores, UnitOfWork } from '../../database/stores.ts';
import { mayUseSessions, type User } from '../../users/user.ts';
import type { LoginAttempt } from '../store.ts';
import { type CountedTry, countTry, failTry, type Locked, type LockedOut, tellLock } from '../try.ts';
import { countAddress, lockOf, NOBODY, record, scopeOf, type Visit } from '../visit.ts';
import { Ended, passStep, recoverable, stageOf, unlessEnded } from './stage.ts';

export type AnswerOutcome =
  /** The new credentials come next. */
  | { readonly kind: 'passed' }
  | { readonly kind: 'wrong' }
  | LockedOut
  /** Another step comes first. */
  | { readonly kind: 'not_asked' }
  /** The user may not register anew any more, or has another answer by now. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'too_many_requests'; readonly until: number };

interface Numbers {
  /** The number of this try, among all guesses, since the last login. */
  readonly ofAll: number;
  /** The same among the answers, since the last renewal: logins do not start this count anew. */
  readonly ofAnswers: number;
}

/** A try that was counted, and what it is compared with. */
interface CountedAnswer {
  readonly kind: 'counted';
  readonly attempt: LoginAttempt;
  readonly user: User;
  readonly scope: TryScope;
  readonly numbers: Numbers;
  readonly hash: string;
}

/** @param typed as it came, not empty @throws SekishoError busy */
export async function checkAnswer(
  { uow, hasher }: { uow: UnitOfWork; hasher: Hasher },
  visit: Visit,
  typed: string,
): Promise<AnswerOutcome> {
  const counted = await uow.write((stores) => countAnswer(stores, visit));
  if (counted.kind !== 'counted') return counted;
  const giveBack = () => uow.write((stores) => giveBackBoth(stores, counted.scope));
  const compared = hasher.verify('secret answer', counted.hash, foldAnswer(typed));
  const { right } = await compared.catch(async (error) => {
    await giveBack();
    throw error;
  });
  if (!right) return uow.write((stores) => fail(stores, visit, counted));
  const outcome = await unlessEnded(uow, (stores) => pass(stores, visit, counted));
  if (outcome.kind === 'ended') await giveBack();
  return outcome;
}

async function countAnswer(
  stores: Stores,
  visit: Visit,
): Promise<CountedAnswer | Exclude<AnswerOutcome, { kind: 'passed' | 'wrong' }>> {
  const attempt = await stores.attempts.find(visit.attemptId);
  const user = await stores.users.find(attempt?.userSub ?? NOBODY);
  const scope = await scopeOf(stores, visit, attempt?.account ?? NOBODY, user);
  const rate = visit.contract.policy.rates.tries_per_address;
  const flooded = await countAddress(stores, visit, scope, 'try', rate);
  if (flooded !== null) return { kind: 'too_many_requests', until: flooded };
  if (!attempt || stageOf(attempt, visit.now) !== 'question') return { kind: 'not_asked' };
  const answer = await stores.answers.find(user?.sub ?? NOBODY);
  if (!user || !answer || !mayUseSessions(user, visit.now)) return { kind: 'ended' };
  const counted = await countBoth(stores, visit, scope, user);
  if (counted.kind === 'locked' && counted.underWay !== undefined) {
    return { kind: 'too_many_requests', until: counted.underWay };
  }
  if (counted.kind === 'locked') return tellLock(stores, visit, counted, user.sub, attempt.method);
  return { kind: 'counted', attempt, user, scope, numbers: counted, hash: answer.hash };
}

/** One try of the account's answers, and of all that is guessed: in this order wherever both are touched. */
async function countBoth(
  stores: Stores,
  visit: Visit,
  scope: TryScope,
  user: User,
): Promise<(Numbers & Pick<CountedTry, 'kind'>) | Locked> {
  const answers = await countTry(stores, visit, answerScope(scope), user);
  if (answers.kind === 'locked') return answers;
  const all = await countTry(stores, visit, scope, user);
  if (all.kind === 'counted') return { kind: 'counted', ofAll: all.number, ofAnswers: answers.number };
  await stores.tries.giveBack(answerScope(scope));
  return all;
}

async function giveBackBoth({ tries }: Stores, scope: TryScope): Promise<void> {
  await tries.giveBack(answerScope(scope));
  await tries.giveBack(scope);
}

/** @throws Ended */
async function pass(
  stores: Stores,
  visit: Visit,
  { attempt, user: { sub }, scope, hash }: CountedAnswer,
): Promise<{ kind: 'passed' } | LockedOut> {
  // First, for there two requests of one account meet.
  await giveBackBoth(stores, scope);
  const user = await recoverable(stores, await stores.users.find(sub), visit.now);
  if (!user || (await stores.answers.find(sub))?.hash !== hash) throw new Ended();
  const own = await lockOf(stores, visit, scope, user);
  const lock = own ?? (await lockOf(stores, visit, answerScope(scope), user));
  if (lock) return tellLock(stores, visit, lock, sub, attempt.method);
  await passStep(stores, attempt, 'answer', visit.now);
  return { kind: 'passed' };
}

async function fail(
  stores: Stores,
  visit: Visit,
  { attempt, user, scope, numbers }: CountedAnswer,
): Promise<{ kind: 'wrong' } | LockedOut> {
  const ofAnswers = await failTry(stores, visit, answerScope(scope), user, numbers.ofAnswers);
  const ofAll = await failTry(stores, visit, scope, user, numbers.ofAll);
  const failed = ofAll.kind === 'locked' ? ofAll : ofAnswers;
  if (failed.kind === 'locked') return tellLock(stores, visit, failed, user.sub, attempt.method);
  await record(stores, visit, user.sub, 'wrong_answer', attempt.method);
  return { kind: 'wrong' };
}
