/** How user IDs are written and compared. */
const MOST = 128;

/**
 * What a person typed, as it is meant: full-width letters and digits folded (Unicode NFKC), invisible characters that
 * came with a paste dropped, no white space around.
 * @returns null when it cannot be a user ID (empty, too long, control characters)
 */
export function readUserId(typed: string): string | null {
  const folded = fold(typed);
  if (folded.length === 0 || folded.length > MOST || /[\p{Cc}\p{Cs}]/u.test(folded)) return null;
  return folded;
}

/** The form in which a user ID is unique within its contract. */
export function userIdKey(userId: string, caseSensitive: boolean): string {
  const folded = fold(userId);
  return caseSensitive ? folded : folded.toLowerCase();
}

function fold(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim();
}
