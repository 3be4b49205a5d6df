/**
 * A browser in words that people know: `Chrome 140 (Windows)`. The words stand in mails that a stranger can cause, so
 * nothing that the header says freely gets into them: an advertisement or a link to elsewhere would.
 */
import bowser from 'bowser';

const MOST_KEPT = 1000;
const MOST_READ = 400;
const kept = new Map<string, string>();
const browsers = new Set<string>(Object.values(bowser.BROWSER_MAP));
const systems = new Set<string>(Object.values(bowser.OS_MAP));

/** @param userAgent the header, as it came; a browser that hides it, and any other program, is a dash */
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
  if (!browser.name || !browsers.has(browser.name)) return '-';
  const version = /^\d{1,4}(?=\.|$)/.exec(browser.version ?? '')?.[0];
  const system = os.name && systems.has(os.name) ? ` (${os.name})` : '';
  return `${browser.name}${version ? ` ${version}` : ''}${system}`;
}
