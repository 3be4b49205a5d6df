/** The pages of a login. Every URL in their locals is a path of this origin or was checked when it was stored. */
import { definePage, type SiteLink, type SupportDesk } from '../http/page.ts';

export { passwordPage, stepUpPage, type UserIdLocals, unmetPage, userIdPage } from './first-pages.ts';

/** What is known of a mail on its way. `unknown` says nothing: for contracts that must not tell which IDs exist. */
export type MailState = 'waiting' | 'handed_over' | 'refused' | 'deferred' | 'given_up' | 'unknown';

/** Page 2: asks for the one-time password. Posts `code` and `csrf`. */
export interface CodeLocals {
  action: string;
  /** Takes a POST with `csrf`: mails the same code again. */
  resendAction: string;
  cancelAction: string;
  /** Starts over with another user ID. */
  restartUrl: string;
  /** Shows this page anew, with the present state of the mail and of the wait. */
  refreshUrl: string;
  csrf: string;
  siteName: string;
  userId: string;
  digits: number;
  error: 'empty' | null;
  /** Time of day until which the code works, written for people. */
  expiresAt: string;
  /** The sender's address, so that a filter can be set to let it through. */
  mailFrom: string;
  /** `count` is how many addresses the code was mailed to. */
  mail: { state: MailState; count: number };
  /** `waitSeconds` until the next resend is allowed, and how many resends are `left`. */
  resend: { allowed: boolean; waitSeconds: number; left: number };
  /** True right after a resend: the page confirms it. */
  resent: boolean;
  support: SupportDesk | null;
}

/** Why a login cannot go on. */
export type ProblemKind =
  | 'could_not_send'
  | 'authentication_failed'
  | 'wrong_password'
  | 'locked'
  | 'code_expired'
  | 'code_used'
  | 'too_many_mails'
  | 'too_many_requests'
  | 'expired_page'
  | 'already_signed_in'
  | 'forged_request'
  | 'resend_too_early'
  | 'resend_limit';

/** Says what happened and leads on: back to the login page, to the code page, or to the site. */
export interface ProblemLocals {
  kind: ProblemKind;
  /** The login page, for a new attempt; null when the attempt cannot be started over from here. */
  restartUrl: string | null;
  /** The page of the same attempt that asked; null when it makes no sense to try again. */
  retryUrl: string | null;
  /** For people who do not know their credentials any more; null: there is no help by a page. */
  forgottenUrl: string | null;
  site: SiteLink | null;
  support: SupportDesk | null;
  /** When it is worth trying again, written for people; null when unknown. */
  waitUntil: string | null;
  /** With a lock: by which the support desk finds it. */
  errorCode: string | null;
  /** The request id that stands in the log. */
  reference: string | null;
}

const desk: SupportDesk = {
  name: '関所システムズ サポート窓口',
  email: 'support@example.com',
  phone: '03-1234-5678',
  hours: '平日 9:00～17:00',
  url: 'https://support.example.com/otp',
};
const site: SiteLink = { name: '電子調達ポータル', url: 'https://site.example.com/' };

const askCode: CodeLocals = {
  action: '/interaction/V1StGXR8_Z5jdHi6B-myT/code',
  resendAction: '/interaction/V1StGXR8_Z5jdHi6B-myT/resend',
  cancelAction: '/interaction/V1StGXR8_Z5jdHi6B-myT/cancel',
  restartUrl: '/interaction/V1StGXR8_Z5jdHi6B-myT',
  refreshUrl: '/interaction/V1StGXR8_Z5jdHi6B-myT/code',
  csrf: 'b1946ac92492d2347c6235b4d2611184',
  siteName: site.name,
  userId: 'p-01-usr007',
  digits: 6,
  error: null,
  expiresAt: '13:15',
  mailFrom: 'otp@login.example.com',
  mail: { state: 'waiting', count: 1 },
  resend: { allowed: false, waitSeconds: 47, left: 4 },
  resent: false,
  support: desk,
};
const canResend: CodeLocals['resend'] = { allowed: true, waitSeconds: 0, left: 3 };

export const codePage = definePage<CodeLocals>('login/code', [
  askCode,
  { ...askCode, mail: { state: 'handed_over', count: 2 }, resend: canResend, resent: true },
  { ...askCode, mail: { state: 'refused', count: 1 }, resend: canResend, error: 'empty' },
  { ...askCode, mail: { state: 'deferred', count: 1 }, resend: canResend },
  { ...askCode, mail: { state: 'given_up', count: 1 }, resend: { ...canResend, left: 0, allowed: false } },
  { ...askCode, mail: { state: 'unknown', count: 1 }, resend: canResend, support: null, digits: 8 },
]);

const problem: ProblemLocals = {
  kind: 'authentication_failed',
  restartUrl: '/interaction/V1StGXR8_Z5jdHi6B-myT',
  retryUrl: null,
  forgottenUrl: null,
  site,
  support: desk,
  waitUntil: null,
  errorCode: null,
  reference: '01JD8Q4V7M',
};
const onlySite = { restartUrl: null, support: null };

export const problemPage = definePage<ProblemLocals>('login/problem', [
  { ...problem, kind: 'could_not_send' },
  { ...problem, retryUrl: '/interaction/V1StGXR8_Z5jdHi6B-myT/code' },
  { ...problem, kind: 'wrong_password', forgottenUrl: '/interaction/x/forgotten' },
  { ...problem, kind: 'wrong_password', retryUrl: '/interaction/x/password' },
  { ...problem, kind: 'locked', restartUrl: null, errorCode: '7KQ2M0ZV' },
  { ...problem, kind: 'locked', waitUntil: '2026/11/21 13:35:00', support: { name: 'ヘルプデスク' } },
  { ...problem, kind: 'code_expired' },
  { ...problem, kind: 'code_used', support: null },
  { ...problem, kind: 'too_many_mails', waitUntil: '14:05' },
  { ...problem, kind: 'too_many_requests', restartUrl: null },
  { ...problem, ...onlySite, kind: 'expired_page' },
  { ...problem, ...onlySite, kind: 'expired_page', site: null },
  { ...problem, ...onlySite, kind: 'already_signed_in' },
  { ...problem, ...onlySite, kind: 'forged_request', retryUrl: '/interaction/V1StGXR8_Z5jdHi6B-myT' },
  { ...problem, kind: 'resend_too_early', retryUrl: '/interaction/x/code', waitUntil: '13:06' },
  { ...problem, kind: 'resend_limit', retryUrl: '/interaction/x/code' },
]);
