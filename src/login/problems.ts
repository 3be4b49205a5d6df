/** Which page and status each refusal of a login gets. */
import type { Context } from 'koa';
import { DAY } from '../clock.ts';
import type { Contract } from '../contracts/contract.ts';
import { formatDateTime, formatTime } from '../http/locale.ts';
import type { SiteLink } from '../http/page.ts';
import { show } from '../http/render.ts';
import { type ProblemKind, problemPage } from './pages.ts';
import type { RequestCodeOutcome } from './request-code.ts';
import type { ResendOutcome } from './resend-code.ts';
import type { VerifyOutcome } from './verify-code.ts';

/** What went wrong in any step. */
export type Refusal =
  | Exclude<RequestCodeOutcome, { kind: 'code_sent' }>
  | Exclude<VerifyOutcome, { kind: 'accepted' | 'no_attempt' }>
  | Exclude<ResendOutcome, { kind: 'resent' | 'no_attempt' }>;

interface Answer {
  readonly page: ProblemKind;
  readonly status: number;
  /** The same attempt can go on. */
  readonly retry?: true;
  /** A new attempt can be made from here. */
  readonly restart?: true;
}

const ANSWERS: Readonly<Record<Refusal['kind'], Answer>> = {
  could_not_send: { page: 'could_not_send', status: 400, restart: true },
  wrong: { page: 'authentication_failed', status: 400, restart: true, retry: true },
  expired: { page: 'code_expired', status: 400, restart: true },
  used: { page: 'code_used', status: 400, restart: true },
  locked: { page: 'locked', status: 403 },
  too_early: { page: 'resend_too_early', status: 429, retry: true },
  limit: { page: 'resend_limit', status: 429, retry: true, restart: true },
  too_many_mails: { page: 'too_many_mails', status: 429, retry: true, restart: true },
  too_many_requests: { page: 'too_many_requests', status: 429 },
};

/** Where a person is in a login, for the ways that a page offers. */
export interface Place {
  readonly base: string;
  readonly contract: Contract;
  readonly site: SiteLink | null;
  readonly timeZone: string;
  readonly now: number;
  /** Whether there is a code to enter. */
  readonly hasAttempt: boolean;
}

/** Shows what was refused and what to do next. */
export async function showRefusal(ctx: Context, place: Place, refusal: Refusal): Promise<void> {
  const { page, status, retry, restart } = ANSWERS[refusal.kind];
  const until = 'until' in refusal ? refusal.until : null;
  // What the support desk finds by the reference that the page shows.
  ctx.state.log.info({ contract: place.contract.id, refusal: refusal.kind }, 'login refused');
  await show(
    ctx,
    problemPage,
    {
      kind: page,
      restartUrl: restart ? place.base : null,
      retryUrl: retry && place.hasAttempt ? `${place.base}/code` : null,
      site: place.site,
      support: place.contract.policy.support_desk ?? null,
      waitUntil: until === null ? null : moment(until, place),
      reference: ctx.state.requestId,
    },
    status,
  );
}

function moment(at: number, { contract, timeZone, now }: Place): string {
  const zone = contract.policy.time_zone ?? timeZone;
  return at - now < DAY ? formatTime(at, zone) : formatDateTime(at, zone);
}

/** The page belongs to no login that is going on: says so, and leads back to the site. */
export async function showStray(
  ctx: Context,
  kind: 'expired_page' | 'already_signed_in' | 'forged_request',
  { site, contract }: { site: SiteLink | null; contract: Contract | undefined },
  /** Where the login can go on after all. */
  retryUrl: string | null = null,
): Promise<void> {
  const status = { expired_page: 410, already_signed_in: 409, forged_request: 403 }[kind];
  const support = contract?.policy.support_desk ?? null;
  const reference = ctx.state.requestId;
  const nowhere = { restartUrl: null, waitUntil: null };
  await show(ctx, problemPage, { kind, site, support, reference, retryUrl, ...nowhere }, status);
}
