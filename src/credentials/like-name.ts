/** Passwords that say who they are for. */

/** This program's own name is known to whoever guesses. */
const OUR_NAMES = ['sekisho', '関所'];
/** Names that are shorter occur by chance. */
const SHORTEST_NAME = { ascii: 3, other: 2 };
/** Letters and digits beside a name: fewer are nothing, and as many as this are a password of their own. */
const BESIDE = { nothing: 4, own: 8 };

/**
 * Whether a password is one of the names, part of one, or names with little beside. Letter case, width, and all
 * that is neither letter nor digit do not count.
 */
export function isLikeName(password: string, likes: readonly string[]): boolean {
  const core = fold(password);
  if (core === '') return false;
  const names = [...OUR_NAMES, ...likes]
    .map(fold)
    .filter(isLongEnough)
    .sort((a, b) => b.length - a.length);
  const rest = names.reduce((text, name) => text.replaceAll(name, ' '), core).replaceAll(' ', '');
  const beside = [...rest].length;
  const named = [...core].length - beside;
  if (named > 0 && (beside < BESIDE.nothing || (beside <= named && beside < BESIDE.own))) return true;
  return isLongEnough(core) && names.some((name) => name.includes(core));
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function isLongEnough(name: string): boolean {
  const least = /^[\0-\x7f]*$/.test(name) ? SHORTEST_NAME.ascii : SHORTEST_NAME.other;
  return [...name].length >= least;
}
