/** Which page and status each refusal of a login gets. */
import type { Context } from 'koa';
import type { Contract } from '../contracts/contract.ts';
import { hasPassword } from '../contracts/login-methods.ts';
import { formatMoment } from '../http/locale.ts';
import type { SiteLink } from '../http/page.ts';
import { show } from '../http/render.ts';
import { setRetryAfter } from '../http/retry-after.ts';
import type { PasswordOutcome } from './check-password.ts';
import { type ProblemKind, problemPage } from './pages.ts';
import type { RequestCodeOutcome } from './request-code.ts';
import type { ResendOutcome } from './resend-code.ts';
import type { VerifyOutcome } from './verify-code.ts';

type Outcome = RequestCodeOutcome | PasswordOutcome | VerifyOutcome | ResendOutcome;

/** What went wrong in any step. */
export type Refusal = Exclude<
  Outcome,
  { kind: 'code_sent' | 'password_asked' | 'accepted' | 'unmet' | 'resent' | 'no_attempt' }
>;

interface Answer {
  readonly page: ProblemKind;
  readonly status: number;
  /** The page on which the same attempt can go on. */
  readonly retry?: 'code' | 'password';
  /** A new attempt can be made from here. */
  readonly restart?: true;
}

const ANSWERS: Readonly<Record<Refusal['kind'], Answer>> = {
  could_not_send: { page: 'could_not_send', status: 400, restart: true },
  wrong: { page: 'authentication_failed', status: 400, restart: true, retry: 'code' },
  wrong_password: { page: 'wrong_password', status: 400, restart: true, retry: 'password' },
  expired: { page: 'code_expired', status: 400, restart: true },
  used: { page: 'code_used', status: 400, restart: true },
  locked: { page: 'locked', status: 403 },
  too_early: { page: 'resend_too_early', status: 429, retry: 'code' },
  limit: { page: 'resend_limit', status: 429, retry: 'code', restart: true },
  too_many_mails: { page: 'too_many_mails', status: 429, retry: 'code', restart: true },
  too_many_requests: { page: 'too_many_requests', status: 429 },
};

/** Where a person is in a login, for the ways that a page offers. */
export interface Place {
  readonly base: string;
  readonly contract: Contract;
  readonly site: SiteLink | null;
  readonly timeZone: string;
  readonly now: number;
  /** Whether the page that asked can be shown again by its address. */
  readonly hasAttempt: boolean;
}

/** Shows what was refused and what to do next. */
export async function showRefusal(ctx: Context, place: Place, refusal: Refusal): Promise<void> {
  const { page, status, retry, restart } = ANSWERS[refusal.kind];
  const until = 'until' in refusal ? refusal.until : null;
  // What the support desk finds by the reference that the page shows.
  ctx.state.log.info({ contract: place.contract.id, refusal: refusal.kind }, 'login refused');
  if (until !== null && status === 429) setRetryAfter(ctx, until, place.now);
  await show(
    ctx,
    problemPage,
    {
      kind: page,
      restartUrl: restart ? place.base : null,
      retryUrl: retry && place.hasAttempt ? `${place.base}/${retry}` : null,
      forgottenUrl: refusal.kind === 'wrong_password' ? forgottenUrl(place) : null,
      site: place.site,
      support: place.contract.policy.support_desk ?? null,
      waitUntil: until === null ? null : moment(until, place),
      errorCode: refusal.kind === 'locked' ? refusal.errorCode : null,
      reference: ctx.state.requestId,
    },
    status,
  );
}

/** Where a person registers anew; null in a contract where there is nothing that could be forgotten. */
export function forgottenUrl({ base, contract }: Pick<Place, 'base' | 'contract'>): string | null {
  return contract.policy.login_methods.some(hasPassword) ? `${base}/forgotten` : null;
}

/** A moment for people: the time of day, with the date unless it is near. */
export function moment(at: number, { contract, timeZone, now }: Place): string {
  const zone = contract.policy.time_zone ?? timeZone;
  return formatMoment(at, now, zone);
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
  const nowhere = { restartUrl: null, forgottenUrl: null, waitUntil: null, errorCode: null };
  await show(ctx, problemPage, { kind, site, support, reference, retryUrl, ...nowhere }, status);
}
