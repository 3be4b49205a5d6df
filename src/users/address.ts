/**
 * Mail addresses as they exist. RFC 5321 forbids two dots in a row and a dot before the @, but Japanese mobile carriers
 * gave out such addresses for years, so they are accepted.
 */
const MOST = 254;
const SHAPE =
  /^[^\s@"(),:;<>[\\\]\p{Cc}]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/iu;

/** Folds full-width input and surrounding white space. @returns null when mail could never go there */
export function readAddress(typed: string): string | null {
  const folded = typed.normalize('NFKC').trim();
  return folded.length <= MOST && SHAPE.test(folded) && isAscii(folded) ? folded : null;
}

function isAscii(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
