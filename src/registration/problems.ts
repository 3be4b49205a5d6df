/** Which page and status each refusal of a registration gets. */
import type { Context } from 'koa';
import type { Contract } from '../contracts/contract.ts';
import { formatMoment } from '../http/locale.ts';
import { show } from '../http/render.ts';
import { setRetryAfter } from '../http/retry-after.ts';
import { type ProblemKind, problemPage } from './pages.ts';

const STATUS: Readonly<Record<ProblemKind, number>> = {
  unknown: 404,
  expired: 410,
  not_allowed: 403,
  locked: 403,
  too_many_requests: 429,
  forged_request: 403,
};

export interface Problem {
  readonly kind: ProblemKind;
  /** undefined: nobody knows whose page it would be. */
  readonly contract: Contract | undefined;
  /** When it ends by itself (ms). */
  readonly until?: number | null;
  /** The page to go on from. */
  readonly retryUrl?: string;
}

/** Says what happened and who can help. @param now ms @param timeZone the installation's */
export async function showProblem(
  ctx: Context,
  { kind, contract, until = null, retryUrl }: Problem,
  { now, timeZone }: { now: number; timeZone: string },
): Promise<void> {
  // What the support desk finds by the reference that the page shows.
  ctx.state.log.info({ contract: contract?.id ?? null, refusal: kind }, 'registration refused');
  const zone = contract?.policy.time_zone ?? timeZone;
  if (until !== null && kind === 'too_many_requests') setRetryAfter(ctx, until, now);
  const locals = {
    kind,
    retryUrl: retryUrl ?? null,
    support: contract?.policy.support_desk ?? null,
    waitUntil: until === null ? null : formatMoment(until, now, zone),
    reference: ctx.state.requestId,
  };
  await show(ctx, problemPage, locals, STATUS[kind]);
}
