/** The attempt of an interaction: begun when a user ID is given, and kept while the same ID is given again. */
import { HOUR } from '../clock.ts';
import type { Stores } from '../database/stores.ts';
import type { User } from '../users/user.ts';
import type { Needs } from './needs.ts';
import type { LoginAttempt } from './store.ts';
import type { Visit } from './visit.ts';

/** How long a page without a code may stay open (ms): as long as the interaction itself. */
const OPEN = HOUR;

/** Who says to be there. */
export interface Claimant {
  /** As it was typed, folded. */
  readonly userId: string;
  readonly account: string;
  readonly user: User | undefined;
}

/** An attempt at its beginning, not yet stored. */
export function newAttempt(
  visit: Visit,
  { userId, account, user }: Claimant,
  { method, needs, held }: Needs,
): LoginAttempt {
  return {
    id: visit.attemptId,
    contractId: visit.contract.id,
    clientId: visit.client.id,
    userSub: user?.sub ?? null,
    userId,
    account,
    method,
    needs,
    held,
    passwordAt: null,
    codeAt: null,
    answerAt: null,
    codeId: null,
    mails: 0,
    lastMailAt: visit.now,
    createdAt: visit.now,
    expiresAt: visit.now + OPEN,
  };
}

/** The attempt that is going on in this interaction, if the same ID is given again and it can still be completed. */
export async function attemptGoingOn(
  { attempts, codes }: Stores,
  visit: Visit,
  { account }: Claimant,
  wanted: Needs,
): Promise<LoginAttempt | undefined> {
  const attempt = await attempts.find(visit.attemptId);
  if (attempt?.account !== account || attempt.expiresAt <= visit.now) return undefined;
  if (signature(attempt) !== signature(wanted)) return undefined;
  if (attempt.codeId === null) return attempt;
  return (await codes.find(attempt.codeId))?.spentAt === null ? attempt : undefined;
}

function signature({ method, needs, held }: Pick<Needs, 'method' | 'needs' | 'held'>): string {
  return [method, ...needs, '/', ...held].join(' ');
}
