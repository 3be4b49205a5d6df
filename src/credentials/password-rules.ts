/** Which passwords may be chosen: NIST SP 800-63B-4, 3.1.1.2 (docs/decisions/0013-passwords.md). */
import type { LoginMethod } from '../contracts/login-methods.ts';
import type { Policy } from '../contracts/policy.ts';
import { estimatePassword } from './estimator.ts';
import { isLikeName } from './like-name.ts';
import { normalPassword } from './normal-password.ts';
import type { Estimate } from './password-estimate.ts';

/** Why a password can be guessed soon, as far as it is known. */
export type Guessable = 'repeats' | 'sequence' | 'keyboard' | 'date' | 'word' | 'name' | 'guessable';

/** What is wrong with a password; each kind has its words (password.fault.*). */
export type PasswordFault =
  | { readonly kind: 'too_short'; readonly min: number }
  | { readonly kind: 'too_long'; readonly max: number }
  /** Control characters, and characters that do not exist. */
  | { readonly kind: 'unusable' }
  /** Equal to the user ID or a name of the service, or built around it. */
  | { readonly kind: 'like_name' }
  /** On the list of common and breached passwords, or nearly. */
  | { readonly kind: 'common' }
  | { readonly kind: Guessable };

export interface PasswordContext {
  readonly method: LoginMethod;
  readonly policy: Policy;
  /** User ID, names of the contract and its sites. */
  readonly likes: readonly string[];
}

/** A password together with what it was judged by. */
export interface JudgedPassword {
  readonly fault: PasswordFault | null;
  /** null: it was refused before anything had to be estimated. */
  readonly estimate: Estimate | null;
}

/** Characters. */
export const LONGEST_PASSWORD = 256;
/** What cannot be typed, and what a later version of Unicode might normalise in another way. */
const UNUSABLE = /[\p{Cc}\p{Cs}\p{Cn}]/u;
/** zxcvbn's score, below which a password is refused: 10⁶ guesses. */
const LEAST_SCORE = 2;

/** @param typed as it was typed, or in its normal form @throws SekishoError busy */
export async function passwordFault(typed: string, context: PasswordContext): Promise<PasswordFault | null> {
  return (await judgePassword(typed, context)).fault;
}

/** @throws SekishoError busy */
export async function judgePassword(typed: string, context: PasswordContext): Promise<JudgedPassword> {
  // A character is at most two units long, and only what is far too long would take long to normalise.
  const tooLong = { kind: 'too_long', max: LONGEST_PASSWORD } as const;
  if (typed.length > 2 * LONGEST_PASSWORD) return { fault: tooLong, estimate: null };
  const password = normalPassword(typed);
  const fault = plainFault(password, context);
  if (fault) return { fault, estimate: null };
  const estimate = await estimatePassword({ password, likes: context.likes });
  return { fault: estimateFault(estimate), estimate };
}

function plainFault(password: string, { method, policy, likes }: PasswordContext): PasswordFault | null {
  const min = leastLength(method, policy);
  const length = [...password].length;
  if (length < min) return { kind: 'too_short', min };
  if (length > LONGEST_PASSWORD) return { kind: 'too_long', max: LONGEST_PASSWORD };
  if (UNUSABLE.test(password)) return { kind: 'unusable' };
  return isLikeName(password, likes) ? { kind: 'like_name' } : null;
}

/** Least characters of a password. */
export function leastLength(method: LoginMethod, { password }: Policy): number {
  return method === 'password' ? password.min_length : password.min_length_with_otp;
}

function estimateFault({ common, score, warning }: Estimate): PasswordFault | null {
  if (common) return { kind: 'common' };
  return score < LEAST_SCORE ? { kind: REASONS[warning ?? ''] ?? 'guessable' } : null;
}

/** By zxcvbn's warnings. */
const REASONS: Readonly<Record<string, Guessable | 'common' | 'like_name'>> = {
  topTen: 'common',
  topHundred: 'common',
  common: 'common',
  similarToCommon: 'common',
  userInputs: 'like_name',
  simpleRepeat: 'repeats',
  extendedRepeat: 'repeats',
  sequences: 'sequence',
  straightRow: 'keyboard',
  keyPattern: 'keyboard',
  dates: 'date',
  recentYears: 'date',
  wordByItself: 'word',
  namesByThemselves: 'name',
  commonNames: 'name',
};
