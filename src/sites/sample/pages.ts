/** The pages of the sample site. */
import type { Locale } from '../../http/locale.ts';
import { definePage } from '../../http/page.ts';
import { type SampleKey, sampleWords } from './messages.ts';

/** What all pages of the site take. */
interface SampleLocals {
  /** The site's own words; templates call it with their locale. */
  words: (locale: Locale) => (key: SampleKey) => string;
}

/** Signed out. */
export interface HomeLocals extends SampleLocals {
  /** Path that starts a login. */
  loginUrl: string;
  /** Path of this page in the other language. */
  languageUrl: string;
  /** Which sample user IDs there are. */
  note: readonly string[];
  inboxUrl: string | null;
  /** Right after a logout. */
  signedOut: boolean;
}

/** Where a claim can come from. */
export const CLAIM_SOURCES = ['id_token', 'userinfo'] as const;
export type ClaimSource = (typeof CLAIM_SOURCES)[number];

export interface Claim {
  name: string;
  /** What it says, written for people; null when it did not come. */
  value: string | null;
  /** Key of its meaning, for the claims that the site explains. */
  meaning: SampleKey | null;
  /** Where it came from; empty where that is plain. */
  sources: readonly ClaimSource[];
}

/** Signed in. `csrf` goes with every POST: `/userinfo`, `/refresh`, `/logout`. */
export interface SessionLocals extends SampleLocals {
  csrf: string;
  claims: Claim[];
  /** Paths that start another login; `labelKey` says what for. */
  logins: { href: string; labelKey: SampleKey }[];
  canRefresh: boolean;
  refreshed: boolean;
  userinfo: Claim[] | null;
  accountUrl: string | null;
  inboxUrl: string | null;
}

/** Why a login did not work. `bad_request`: its link asked for what this site does not do. */
export type SampleProblem = 'provider_said_no' | 'not_begun' | 'too_weak' | 'unreachable' | 'bad_request';

export interface ProblemLocals extends SampleLocals {
  problem: SampleProblem;
  /** `error` and `error_description` of the provider (RFC 6749 section 4.1.2.1). */
  error: string | null;
  description: string | null;
  loginUrl: string;
}

const words = sampleWords;
const nobody = { loginUrl: '/login', languageUrl: '/?ui_locales=en', note: [], inboxUrl: null, words };

export const homePage = definePage<HomeLocals>('sample/home', [
  { ...nobody, signedOut: false },
  {
    ...nobody,
    note: ['p-01-usr001', 'p-01-usr002'],
    inboxUrl: 'http://127.0.0.1:3000/inbox',
    signedOut: true,
  },
]);

const claims: Claim[] = [
  { name: 'sub', value: '6f0c3a9e5b7d4e21', meaning: 'claim.sub', sources: ['id_token', 'userinfo'] },
  { name: 'user_id', value: 'p-01-usr001', meaning: 'claim.user_id', sources: ['userinfo'] },
  { name: 'email', value: null, meaning: 'claim.email', sources: [] },
  { name: 'amr', value: 'otp', meaning: 'claim.amr', sources: ['id_token'] },
];

export const sessionPage = definePage<SessionLocals>('sample/session', [
  {
    csrf: 'NEmlxAk3',
    claims,
    logins: [{ href: '/login?prompt=login', labelKey: 'session.again.fresh' }],
    canRefresh: false,
    refreshed: false,
    userinfo: null,
    accountUrl: null,
    inboxUrl: null,
    words,
  },
  {
    csrf: 'NEmlxAk3',
    claims,
    logins: [{ href: '/login?max_age=0', labelKey: 'session.again.now' }],
    canRefresh: true,
    refreshed: true,
    userinfo: [{ name: 'email_verified', value: 'true', meaning: null, sources: [] }],
    accountUrl: 'http://127.0.0.1:3000/account',
    inboxUrl: 'http://127.0.0.1:3000/inbox',
    words,
  },
]);

export const problemPage = definePage<ProblemLocals>('sample/problem', [
  {
    problem: 'provider_said_no',
    error: 'access_denied',
    description: 'the user went back',
    loginUrl: '/login',
    words,
  },
  ...(['not_begun', 'too_weak', 'unreachable', 'bad_request'] as const).map((problem) => ({
    problem,
    error: null,
    description: null,
    loginUrl: '/login',
    words,
  })),
]);
