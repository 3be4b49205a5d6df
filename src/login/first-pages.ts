/** The pages of a login before its code. Every URL in their locals is a path of this origin. */
import { definePage, type SupportDesk } from '../http/page.ts';

interface FormLocals {
  action: string;
  /** Takes a POST with `csrf`: gives the login up and goes back to the site. */
  cancelAction: string;
  csrf: string;
  siteName: string;
}

interface PasswordFormLocals extends FormLocals {
  /** For people who do not know their credentials any more; null: there is no help by a page. */
  forgottenUrl: string | null;
}

/** Page 1: asks for the user ID. Posts `user_id`, with `asks` beside_password also `password`, and `csrf`. */
export interface UserIdLocals extends PasswordFormLocals {
  /** What was typed before, or the site's `login_hint`. */
  userId: string;
  /** What comes next: a code for all, something that depends on the user, or nothing, for the password is asked for here. */
  asks: 'then_code' | 'then_any' | 'beside_password';
  error: 'empty' | 'too_long' | null;
  passwordError: 'empty' | null;
}

/** Asks who is named for the password. Posts `user_id`, `password` and `csrf`. */
export interface PasswordLocals extends PasswordFormLocals {
  userId: string;
  /** The session has proven the rest: the site wants the password as well. */
  stepUp: boolean;
  /** Starts over with another user ID. */
  restartUrl: string;
  error: 'empty' | null;
}

/** Offers who is signed in to mail a code, which the site wants as well. Posts `user_id` and `csrf`. */
export interface StepUpLocals extends FormLocals {
  userId: string;
  digits: number;
  /** Logs somebody else in. */
  restartUrl: string;
}

/** The site insists on what the user's login method does not prove. Posts `csrf`: tells the site. */
export interface UnmetLocals {
  action: string;
  csrf: string;
  siteName: string;
  /** Logs somebody else in. */
  restartUrl: string;
  support: SupportDesk | null;
  /** The request id that stands in the log. */
  reference: string;
}

const base = '/interaction/V1StGXR8_Z5jdHi6B-myT';
const form: FormLocals = {
  action: `${base}/user-id`,
  cancelAction: `${base}/cancel`,
  csrf: 'b1946ac92492d2347c6235b4d2611184',
  siteName: '電子調達ポータル',
};
const who = { userId: 'p-01-usr007', restartUrl: base };

const askId: UserIdLocals = {
  ...form,
  forgottenUrl: null,
  userId: '',
  asks: 'then_code',
  error: null,
  passwordError: null,
};
const askBoth: UserIdLocals = { ...askId, asks: 'beside_password', forgottenUrl: `${base}/forgotten` };

export const userIdPage = definePage<UserIdLocals>('login/user-id', [
  askId,
  { ...askId, userId: 'p-01-usr007' },
  { ...askId, error: 'empty' },
  { ...askId, userId: 'a'.repeat(300), error: 'too_long' },
  { ...askId, asks: 'then_any', forgottenUrl: `${base}/forgotten` },
  askBoth,
  { ...askBoth, userId: 'p-01-usr007', passwordError: 'empty' },
  { ...askBoth, error: 'empty', passwordError: 'empty' },
]);

const askPassword: PasswordLocals = {
  ...form,
  ...who,
  action: `${base}/password`,
  forgottenUrl: `${base}/forgotten`,
  stepUp: false,
  error: null,
};

export const passwordPage = definePage<PasswordLocals>('login/password', [
  askPassword,
  { ...askPassword, error: 'empty' },
  { ...askPassword, stepUp: true, forgottenUrl: null },
]);

export const stepUpPage = definePage<StepUpLocals>('login/step-up', [{ ...form, ...who, digits: 6 }]);

const unmet: UnmetLocals = {
  action: `${base}/unmet`,
  csrf: form.csrf,
  siteName: form.siteName,
  restartUrl: base,
  support: { name: '関所システムズ サポート窓口', email: 'support@example.com' },
  reference: '01JD8Q4V7M',
};

export const unmetPage = definePage<UnmetLocals>('login/unmet', [unmet, { ...unmet, support: null }]);
