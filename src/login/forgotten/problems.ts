/** Which page and status each refusal of a recovery gets. */
import { show } from '../../http/render.ts';
import { setRetryAfter } from '../../http/retry-after.ts';
import { moment, showRefusal } from '../problems.ts';
import type { Step } from '../steps.ts';
import type { LockedOut } from '../try.ts';
import { type RecoveryProblemKind, recoveryProblemPage } from './pages.ts';

/** What went wrong in any step, apart from what its own page says. */
export type RecoveryRefusal =
  | LockedOut
  /** The contract has its support desk do it. */
  | { readonly kind: 'off' }
  | { readonly kind: 'expired' | 'too_late' | 'ended' | 'limit' }
  | { readonly kind: 'too_early' | 'too_many_mails' | 'too_many_requests'; readonly until: number };

interface Answer {
  readonly page: RecoveryProblemKind;
  readonly status: number;
  /** The code page of the same recovery is a way on. */
  readonly retry?: true;
  /** A new recovery can be begun from here. */
  readonly restart?: true;
}

const ANSWERS: Readonly<Record<Exclude<RecoveryRefusal['kind'], 'locked'>, Answer>> = {
  off: { page: 'off', status: 403 },
  expired: { page: 'code_expired', status: 400, restart: true },
  too_late: { page: 'too_late', status: 410, restart: true },
  ended: { page: 'ended', status: 409, restart: true },
  too_early: { page: 'resend_too_early', status: 429, retry: true },
  limit: { page: 'resend_limit', status: 429, retry: true, restart: true },
  too_many_mails: { page: 'too_many_mails', status: 429, retry: true, restart: true },
  too_many_requests: { page: 'too_many_requests', status: 429 },
};

/** Shows what was refused and what to do next. @param status other than usual */
export async function showRecoveryRefusal(
  { ctx, base, place, interaction }: Step,
  refusal: RecoveryRefusal,
  status?: number,
): Promise<void> {
  // One lock, one page: the same guesses are counted, and the same desk opens it.
  if (refusal.kind === 'locked') return showRefusal(ctx, place, refusal);
  const { page, status: usual, retry, restart } = ANSWERS[refusal.kind];
  const until = 'until' in refusal ? refusal.until : null;
  // What the support desk finds by the reference that the page shows.
  ctx.state.log.info({ contract: place.contract.id, refusal: refusal.kind }, 'recovery refused');
  if (until !== null) setRetryAfter(ctx, until, place.now);
  const locals = {
    kind: page,
    siteName: interaction.siteName,
    loginUrl: base,
    restartUrl: restart ? `${base}/forgotten` : null,
    retryUrl: retry && place.hasAttempt ? `${base}/forgotten/code` : null,
    support: place.contract.policy.support_desk ?? null,
    waitUntil: until === null ? null : moment(until, place),
    reference: ctx.state.requestId,
  };
  await show(ctx, recoveryProblemPage, locals, status ?? usual);
}
