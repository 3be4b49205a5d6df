/** The pages for forgotten credentials (認証情報をお忘れの方). Every URL in their locals is a path of this origin. */
import { DEFAULT_SECRET_QUESTIONS } from '../../contracts/secret-questions.ts';
import type { CredentialFields } from '../../credentials/credentials-form.ts';
import { definePage, type SupportDesk } from '../../http/page.ts';

/** What every page of a recovery has. */
interface RecoveryLocals {
  siteName: string;
  /** Back to the login. */
  loginUrl: string;
  support: SupportDesk | null;
}

/** Asks for the user ID and says what will be asked for. Posts `user_id` and `csrf`. */
export interface StartLocals extends RecoveryLocals {
  action: string;
  csrf: string;
  userId: string;
  digits: number;
  /** Which users of the contract log in with a password. */
  passwords: 'all' | 'some' | 'none';
  error: 'empty' | 'too_long' | null;
}

/** Asks for the mailed code. Posts `code` and `csrf`. */
export interface RecoveryCodeLocals extends RecoveryLocals {
  action: string;
  /** Takes a POST with `csrf`: mails the same code again. */
  resendAction: string;
  /** Starts over with another user ID. */
  restartUrl: string;
  /** Shows this page anew, with the present state of the wait. */
  refreshUrl: string;
  csrf: string;
  userId: string;
  digits: number;
  error: 'empty' | 'wrong' | null;
  /** Time of day until which the code works, written for people. */
  expiresAt: string;
  mailFrom: string;
  /** `waitSeconds` until the next resend is allowed, and how many resends are `left`. */
  resend: { allowed: boolean; waitSeconds: number; left: number };
  /** True right after a resend: the page confirms it. */
  resent: boolean;
}

/** Asks the secret question. Posts `answer` and `csrf`. */
export interface QuestionLocals extends RecoveryLocals {
  action: string;
  csrf: string;
  userId: string;
  /** In the reader's language. */
  question: string;
  error: 'empty' | 'wrong' | null;
}

/** Asks for the new credentials. Posts `question`, `answer`, `password`, `password_again` and `csrf`. */
export interface RenewalLocals {
  action: string;
  csrf: string;
  siteName: string;
  loginUrl: string;
  fields: CredentialFields;
}

export interface RenewedLocals {
  siteName: string;
  loginUrl: string;
  userId: string;
  /** Whether the user logs in with a password. */
  password: boolean;
}

/** Why a recovery cannot go on. */
export type RecoveryProblemKind =
  | 'off'
  | 'code_expired'
  | 'too_late'
  | 'ended'
  | 'too_many_mails'
  | 'too_many_requests'
  | 'resend_too_early'
  | 'resend_limit';

export interface RecoveryProblemLocals extends RecoveryLocals {
  kind: RecoveryProblemKind;
  /** Begins anew with the user ID; null: that would not help. */
  restartUrl: string | null;
  /** The code page of the same recovery; null: there is none. */
  retryUrl: string | null;
  /** When it is worth trying again, written for people; null when unknown. */
  waitUntil: string | null;
  /** The request id that stands in the log. */
  reference: string | null;
}

const login = '/interaction/V1StGXR8_Z5jdHi6B-myT';
const base = `${login}/forgotten`;
const csrf = 'b1946ac92492d2347c6235b4d2611184';
const desk: SupportDesk = {
  name: '関所システムズ サポート窓口',
  email: 'support@example.com',
  phone: '03-1234-5678',
  hours: '平日 9:00～17:00',
};
const shared: RecoveryLocals = { siteName: '電子調達ポータル', loginUrl: login, support: desk };

const start: StartLocals = {
  ...shared,
  action: `${base}/user-id`,
  csrf,
  userId: '',
  digits: 6,
  passwords: 'all',
  error: null,
};

export const startPage = definePage<StartLocals>('forgotten/start', [
  start,
  { ...start, passwords: 'some', userId: 'p-01-usr007', support: null },
  { ...start, passwords: 'none', error: 'empty' },
  { ...start, userId: 'a'.repeat(300), error: 'too_long' },
]);

const askCode: RecoveryCodeLocals = {
  ...shared,
  action: `${base}/code`,
  resendAction: `${base}/resend`,
  restartUrl: base,
  refreshUrl: `${base}/code`,
  csrf,
  userId: 'p-01-usr007',
  digits: 6,
  error: null,
  expiresAt: '13:15',
  mailFrom: 'otp@login.example.com',
  resend: { allowed: false, waitSeconds: 47, left: 4 },
  resent: false,
};

export const recoveryCodePage = definePage<RecoveryCodeLocals>('forgotten/code', [
  askCode,
  { ...askCode, resend: { allowed: true, waitSeconds: 0, left: 3 }, resent: true },
  { ...askCode, error: 'empty', resend: { allowed: false, waitSeconds: 0, left: 0 }, support: null },
  { ...askCode, error: 'wrong', userId: 'a'.repeat(128) },
]);

const ask: QuestionLocals = {
  ...shared,
  action: `${base}/question`,
  csrf,
  userId: 'p-01-usr007',
  question: '最初に飼ったペットの名前は？',
  error: null,
};

export const questionPage = definePage<QuestionLocals>('forgotten/question', [
  ask,
  { ...ask, error: 'empty', question: 'あ'.repeat(100) },
  { ...ask, error: 'wrong', support: null },
]);

const fields: CredentialFields = {
  userId: 'p-01-usr007',
  questions: DEFAULT_SECRET_QUESTIONS.map(({ id, ja }) => ({ id, words: ja })),
  question: '',
  password: { min: 15, strengthUrl: `${base}/strength` },
  faults: null,
};
const renewal: RenewalLocals = {
  action: `${base}/credentials`,
  csrf,
  siteName: shared.siteName,
  loginUrl: login,
  fields,
};

export const renewalPage = definePage<RenewalLocals>('forgotten/credentials', [
  renewal,
  { ...renewal, fields: { ...fields, password: null } },
  {
    ...renewal,
    fields: {
      ...fields,
      faults: { question: 'none', answer: 'empty', password: { kind: 'empty' }, password_again: null },
    },
  },
]);

const renewed: RenewedLocals = {
  siteName: shared.siteName,
  loginUrl: login,
  userId: 'p-01-usr007',
  password: true,
};

export const renewedPage = definePage<RenewedLocals>('forgotten/done', [
  renewed,
  { ...renewed, password: false },
]);

const problem: RecoveryProblemLocals = {
  ...shared,
  kind: 'code_expired',
  restartUrl: base,
  retryUrl: null,
  waitUntil: null,
  reference: '01JD8Q4V7M',
};

export const recoveryProblemPage = definePage<RecoveryProblemLocals>('forgotten/problem', [
  problem,
  { ...problem, kind: 'off', restartUrl: null },
  { ...problem, kind: 'off', restartUrl: null, support: null },
  { ...problem, kind: 'too_late' },
  { ...problem, kind: 'ended', support: null },
  { ...problem, kind: 'too_many_mails', waitUntil: '14:05' },
  { ...problem, kind: 'too_many_requests', restartUrl: null, waitUntil: '13:35' },
  { ...problem, kind: 'resend_too_early', retryUrl: `${base}/code`, waitUntil: '13:06' },
  { ...problem, kind: 'resend_limit', retryUrl: `${base}/code` },
]);
