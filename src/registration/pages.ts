/** The pages of a registration (認証情報登録). Every URL in their locals is a path of this origin or was checked when it was stored. */
import { DEFAULT_SECRET_QUESTIONS } from '../contracts/secret-questions.ts';
import type { CredentialFields } from '../credentials/credentials-form.ts';
import type { CredentialFaults } from '../credentials/new-credentials.ts';
import { definePage, type SiteLink, type SupportDesk } from '../http/page.ts';

/** 初回認証: asks for the initial OTP. Posts `code` and `csrf`. */
export interface InitialCodeLocals {
  action: string;
  csrf: string;
  /** The service that the registration is for. */
  serviceName: string;
  userId: string;
  digits: number;
  /** Until when the invitation can be used, written for people. */
  expiresAt: string;
  error: 'empty' | 'wrong' | null;
  /** The code was given before, but too long ago. */
  again: boolean;
  support: SupportDesk | null;
}

/** 認証情報登録: asks for the credentials. Posts `question`, `answer`, `password`, `password_again` and `csrf`. */
export interface CredentialsLocals {
  action: string;
  csrf: string;
  fields: CredentialFields;
}

/** 認証情報登録完了 */
export interface DoneLocals {
  userId: string;
  /** When it was done, written for people. */
  registeredAt: string;
  /** The URL was opened again after it had been done. */
  again: boolean;
  /** Where the user can go now. */
  sites: SiteLink[];
  support: SupportDesk | null;
}

/** Why a registration cannot go on. */
export type ProblemKind =
  | 'unknown'
  | 'expired'
  | 'not_allowed'
  | 'locked'
  | 'too_many_requests'
  | 'forged_request';

export interface ProblemLocals {
  kind: ProblemKind;
  /** The page to go on from; null: there is none. */
  retryUrl: string | null;
  support: SupportDesk | null;
  /** When it is worth trying again, written for people; null when unknown. */
  waitUntil: string | null;
  /** The request id that stands in the log. */
  reference: string | null;
}

const desk: SupportDesk = {
  name: '関所システムズ サポート窓口',
  email: 'support@example.com',
  phone: '03-1234-5678',
  hours: '平日 9:00～17:00',
};
const base = '/register/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE';
const csrf = 'b1946ac92492d2347c6235b4d2611184';

const askCode: InitialCodeLocals = {
  action: base,
  csrf,
  serviceName: '関所システムズ',
  userId: 'p-01-usr007',
  digits: 8,
  expiresAt: '2026/12/05 13:15',
  error: null,
  again: false,
  support: desk,
};

export const initialCodePage = definePage<InitialCodeLocals>('registration/code', [
  askCode,
  { ...askCode, error: 'wrong' },
  { ...askCode, error: 'empty', support: null, userId: 'a'.repeat(128) },
  { ...askCode, again: true, digits: 6 },
]);

const noFault: CredentialFaults = { question: null, answer: null, password: null, password_again: null };
const fields: CredentialFields = {
  userId: 'p-01-usr007',
  questions: DEFAULT_SECRET_QUESTIONS.map(({ id, ja }) => ({ id, words: ja })),
  question: '',
  password: { min: 15, strengthUrl: `${base}/strength` },
  faults: null,
};
const chosen = { ...fields, question: 'first_pet' };
const credentials: CredentialsLocals = { action: `${base}/credentials`, csrf, fields };

export const credentialsPage = definePage<CredentialsLocals>('registration/credentials', [
  credentials,
  { ...credentials, fields: { ...fields, password: null, userId: 'a'.repeat(128) } },
  {
    ...credentials,
    fields: {
      ...fields,
      faults: { ...noFault, question: 'none', answer: 'empty', password: { kind: 'empty' } },
    },
  },
  {
    ...credentials,
    fields: {
      ...chosen,
      faults: { ...noFault, answer: 'too_short', password: { kind: 'too_short', min: 15 } },
    },
  },
  {
    ...credentials,
    fields: { ...chosen, faults: { ...noFault, answer: 'too_long', password_again: 'differs' } },
  },
  { ...credentials, fields: { ...chosen, faults: { ...noFault, password_again: 'empty' } } },
  { ...credentials, fields: { ...chosen, faults: { ...noFault, password: { kind: 'common' } } } },
]);

const done: DoneLocals = {
  userId: 'p-01-usr007',
  registeredAt: '2026/11/21 13:05:09',
  again: false,
  sites: [{ name: '電子調達ポータル', url: 'https://site.example.com/' }],
  support: desk,
};

export const donePage = definePage<DoneLocals>('registration/done', [
  done,
  { ...done, again: true },
  { ...done, sites: [], support: null },
  {
    ...done,
    sites: Array.from({ length: 10 }, (_, n) => ({ name: `サイト${n + 1}`, url: `https://s${n}.example/` })),
  },
]);

const problem: ProblemLocals = {
  kind: 'expired',
  retryUrl: null,
  support: desk,
  waitUntil: null,
  reference: '01JD8Q4V7M',
};

export const problemPage = definePage<ProblemLocals>('registration/problem', [
  problem,
  { ...problem, kind: 'unknown', support: null },
  { ...problem, kind: 'not_allowed' },
  { ...problem, kind: 'locked' },
  { ...problem, kind: 'locked', support: null, waitUntil: '13:35' },
  { ...problem, kind: 'too_many_requests', retryUrl: base, waitUntil: '13:35' },
  { ...problem, kind: 'forged_request', retryUrl: base, support: null },
]);
