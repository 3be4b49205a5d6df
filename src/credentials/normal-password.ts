/**
 * A password in the one form in which it is measured, judged and hashed: NFKC (NIST SP 800-63B-4, 3.1.1.2), so that
 * full-width letters, half-width katakana and accents are the same from every keyboard.
 */
export function normalPassword(typed: string): string {
  return typed.normalize('NFKC');
}
