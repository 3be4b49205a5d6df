/** How strong a password is, with what to do about it: for those who are choosing one. */
import type { Estimate } from './password-estimate.ts';
import { judgePassword, type PasswordContext, type PasswordFault } from './password-rules.ts';

/** What makes a password stronger; each has its words (password.advice.*). */
const ADVICE = [
  'more_words',
  'no_repeats',
  'no_sequences',
  'no_dates',
  'no_keyboard_rows',
  'capitals_help_little',
  'reversed_helps_little',
  'substitutes_help_little',
] as const;
export type Advice = `password.advice.${(typeof ADVICE)[number]}`;

export interface Strength {
  /** 0 (refused, or guessed at once) to 4 (very strong). */
  readonly level: 0 | 1 | 2 | 3 | 4;
  readonly fault: PasswordFault | null;
  /** Message keys. */
  readonly advice: readonly Advice[];
}

/** @param typed as it was typed @throws SekishoError busy */
export async function strengthOf(typed: string, context: PasswordContext): Promise<Strength> {
  const { fault, estimate } = await judgePassword(typed, context);
  if (!estimate) return { level: 0, fault, advice: [] };
  const level = estimate.common ? 0 : estimate.score;
  return { level, fault, advice: fault || level < 3 ? adviceOf(estimate) : [] };
}

function adviceOf({ suggestions }: Estimate): Advice[] {
  const wanted = new Set(suggestions.map((suggestion) => BY_SUGGESTION[suggestion] ?? 'more_words'));
  return ADVICE.filter((advice) => wanted.has(advice)).map((advice) => `password.advice.${advice}` as const);
}

/** By zxcvbn's suggestions. */
const BY_SUGGESTION: Readonly<Record<string, (typeof ADVICE)[number]>> = {
  anotherWord: 'more_words',
  useWords: 'more_words',
  noNeed: 'more_words',
  repeated: 'no_repeats',
  sequences: 'no_sequences',
  dates: 'no_dates',
  recentYears: 'no_dates',
  associatedYears: 'no_dates',
  longerKeyboardPattern: 'no_keyboard_rows',
  capitalization: 'capitals_help_little',
  allUppercase: 'capitals_help_little',
  reverseWords: 'reversed_helps_little',
  l33t: 'substitutes_help_little',
};
