/**
 * How soon a password would be guessed: is it a common one, and how many guesses does zxcvbn need? Loads its lists when
 * it is first asked, computes up to a tenth of a second, and so runs in a thread (estimate-thread.ts).
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ZxcvbnFactory, type ZxcvbnResult } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english } from '@zxcvbn-ts/language-en';
import { dictionary as japanese } from '@zxcvbn-ts/language-ja';
import { JAPANESE_PHRASES } from './japanese-phrases.ts';

export interface EstimateJob {
  /** In its normal form. */
  readonly password: string;
  /** Names that are known to whoever guesses. */
  readonly likes: readonly string[];
}

export interface Estimate {
  /** On the list of common and breached passwords. */
  readonly common: boolean;
  /** 0: less than 10³ guesses, 1: 10⁶, 2: 10⁸, 3: 10¹⁰, 4: more. */
  readonly score: 0 | 1 | 2 | 3 | 4;
  /** Keys of zxcvbn. */
  readonly warning: string | null;
  readonly suggestions: readonly string[];
}

/** What is looked at of one end: beyond, it takes long and changes little. */
const LOOKED_AT = 64;
/** The likeliest of each of zxcvbn's longer lists. */
const LIKELIEST: Readonly<Record<string, number>> = {
  'commonWords-en': 20_000,
  'lastnames-en': 10_000,
  'wikipedia-en': 10_000,
};

let zxcvbn: ZxcvbnFactory | undefined;
let blocked: Set<string> | undefined;

export function estimate({ password, likes }: EstimateJob): Estimate {
  blocked ??= readBlocked();
  const { score, feedback, sequence } = guess(password, likes);
  // zxcvbn says it of some of its lists only.
  const word = sequence.length === 1 && sequence[0]?.pattern === 'dictionary' ? 'wordByItself' : null;
  const { warning, suggestions } = feedback;
  return { common: blocked.has(password.toLowerCase()), score, warning: warning ?? word, suggestions };
}

/** A long password is as good as its better end. */
function guess(password: string, likes: readonly string[]): ZxcvbnResult {
  zxcvbn ??= new ZxcvbnFactory({
    dictionary: dictionaries(),
    graphs: adjacencyGraphs,
    // The default of 100 takes five times as long.
    l33tMaxSubstitutions: 20,
  });
  const characters = [...password];
  const start = zxcvbn.check(characters.slice(0, LOOKED_AT).join(''), [...likes]);
  if (start.score > 1 || characters.length <= LOOKED_AT) return start;
  const end = zxcvbn.check(characters.slice(-LOOKED_AT).join(''), [...likes]);
  return end.score > start.score ? end : start;
}

function dictionaries(): Record<string, string[]> {
  const named = (lists: Record<string, string[]>, suffix = '') =>
    Object.entries(lists).map(([name, words]) => [`${name}${suffix}`, words.slice(0, LIKELIEST[name])]);
  const { 'passwords-common': passwords } = common;
  // Under these names zxcvbn knows what kind of words they are.
  return Object.fromEntries([
    ...named({ 'passwords-common': passwords }),
    ...named(english),
    ...named(japanese, '-ja'),
    ['commonWords-phrases', [...JAPANESE_PHRASES]],
  ]);
}

function readBlocked(): Set<string> {
  const file = new URL('./data/common-passwords.txt.gz', import.meta.url);
  return new Set(gunzipSync(readFileSync(file)).toString().split('\n'));
}
