/**
 * Where a recovery stands: the user ID, a mailed code, the secret answer, new credentials. It has an attempt of its own
 * beside that of the login in the same interaction, and all its steps are taken in the browser that began it.
 */
import { MINUTE } from '../../clock.ts';
import type { Stores, UnitOfWork } from '../../database/stores.ts';
import { hashToken } from '../../secrets.ts';
import { mayUseSessions, type User } from '../../users/user.ts';
import type { LoginAttempt, PassedStep } from '../store.ts';
import { NOBODY, type Visit } from '../visit.ts';

/** How long the rest may take after the code was right (ms). The page that tells of it (forgotten.problem.too_late) says so in words. */
export const RECOVERY_LASTS = 30 * MINUTE;

/** The step that comes next. */
export type Stage = 'user_id' | 'code' | 'question' | 'credentials' | 'done' | 'too_late';

export function stageOf(attempt: LoginAttempt | undefined, now: number): Stage {
  if (!attempt?.codeId) return 'user_id';
  if (attempt.passwordAt !== null) return 'done';
  if (attempt.codeAt === null) return 'code';
  if (attempt.codeAt + RECOVERY_LASTS <= now) return 'too_late';
  return attempt.answerAt === null ? 'question' : 'credentials';
}

/**
 * The visit of a recovery. Whatever the contract tells at a login, here nothing tells which user IDs exist: mails are
 * left to the sender loop, so that they do not show in the time of the answers.
 * @param uid of the interaction
 */
export function recoveryVisit(visit: Visit, uid: string): Visit {
  return { ...visit, attemptId: hashToken(`${uid} forgotten`), claim: null };
}

/** The user, if there is one who may register anew by himself: by a mailbox and a secret answer. */
export async function recoverable(
  { answers }: Stores,
  user: User | undefined,
  now: number,
): Promise<User | undefined> {
  const answer = await answers.find(user?.sub ?? NOBODY);
  return user && answer && mayUseSessions(user, now) ? user : undefined;
}

/** Takes back what a unit of work has written so far: what it rests on is not so any more. */
export class Ended extends Error {}

/** Runs a unit of work that may throw Ended. */
export async function unlessEnded<T>(
  uow: UnitOfWork,
  work: (stores: Stores) => Promise<T>,
): Promise<T | { readonly kind: 'ended' }> {
  try {
    return await uow.write(work);
  } catch (error) {
    if (error instanceof Ended) return { kind: 'ended' };
    throw error;
  }
}

/**
 * Notes that a step of an attempt was passed.
 * @param attempt as the caller read it
 * @returns whether it was noted now: true for one caller only
 * @throws Ended when the attempt was begun anew meanwhile
 */
export async function passStep(
  { attempts }: Stores,
  attempt: LoginAttempt,
  step: PassedStep,
  now: number,
): Promise<boolean> {
  const first = await attempts.pass(attempt, step, now);
  // Read after the write, which holds the row: what was proven for one user ID must not count for the next.
  const current = await attempts.find(attempt.id);
  if (current?.codeId !== attempt.codeId) throw new Ended();
  return first;
}
