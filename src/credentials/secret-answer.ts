/** Answers to secret questions (秘密の質問答え), which people never type twice in the same way. */

const SHORTEST = 2;
const LONGEST = 100;
/** Nothing longer is even folded. */
const LONGEST_TYPED = 1000;

/**
 * What people vary: spaces, punctuation, the long vowel mark (which many type as a dash, hyphen or minus), accents that stand alone, and
 * what cannot be seen.
 */
const DROPPED = /[\p{Z}\p{P}\p{Sk}\p{Cc}\p{Cf}\p{Cs}\p{Variation_Selector}~−ー]/gu;
const KATAKANA = /[ァ-ヶヽヾ]/g;
const TO_HIRAGANA = 'ァ'.charCodeAt(0) - 'ぁ'.charCodeAt(0);

export type AnswerReading =
  | { readonly kind: 'answer'; readonly answer: string }
  | { readonly kind: 'fault'; readonly fault: 'empty' | 'too_short' | 'too_long' };

/**
 * The same text for all ways of writing an answer: full and half width, letter case, hiragana and katakana, spaces and
 * punctuation. Hashes are of this text: once people have registered, it cannot change.
 */
export function foldAnswer(typed: string): string {
  return typed
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(DROPPED, '')
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - TO_HIRAGANA));
}

/** Folds an answer and says what is wrong with it: 2 to 100 characters; one is enough if it is a kanji (林). */
export function readAnswer(typed: string): AnswerReading {
  if (typed.length > LONGEST_TYPED) return { kind: 'fault', fault: 'too_long' };
  const answer = foldAnswer(typed);
  const length = [...answer].length;
  if (length === 0) return { kind: 'fault', fault: 'empty' };
  if (length < SHORTEST && !/\p{Script=Han}/u.test(answer)) return { kind: 'fault', fault: 'too_short' };
  return length > LONGEST ? { kind: 'fault', fault: 'too_long' } : { kind: 'answer', answer };
}
