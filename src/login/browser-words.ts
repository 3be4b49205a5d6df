/** A browser in words that people know: `Chrome 140 (Windows)`. */
import bowser from 'bowser';

const MOST_KEPT = 1000;
const MOST_READ = 400;
const kept = new Map<string, string>();

/** @param userAgent the header, as it came; a browser that hides it is a dash */
export function browserInWords(userAgent: string): string {
  const header = userAgent.slice(0, MOST_READ);
  let words = kept.get(header);
  if (words === undefined) {
    words = describe(header);
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(header, words);
  }
  return words;
}

function describe(header: string): string {
  if (!header) return '-';
  const { browser, os } = bowser.parse(header);
  const name = [browser.name, browser.version?.split('.')[0]].filter(Boolean).join(' ');
  const system = os.name ? ` (${os.name})` : '';
  return (name ? `${name}${system}` : header.replace(/[^\x20-\x7e]/g, '').slice(0, 60)) || '-';
}
