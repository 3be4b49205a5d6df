/** The last gate before a URL is written into a page: pug itself lets `javascript:` through. */

const ABSOLUTE = /^(?:https?:\/\/|mailto:|tel:)/i;
/** A path of this origin. `//host` and `/\host` would lead elsewhere. */
const LOCAL_PATH = /^\/(?![/\\])/;

/**
 * The URL as it came if a page may link or post to it, otherwise null.
 * Allowed: `https:`, `http:`, `mailto:`, `tel:` and paths that begin with one `/`; no spaces or control characters.
 */
export function safeHref(url: unknown): string | null {
  if (typeof url !== 'string' || hasBlankOrControl(url)) return null;
  return LOCAL_PATH.test(url) || ABSOLUTE.test(url) ? url : null;
}

/** Browsers drop tabs and line breaks inside URLs, so `java\nscript:` must not be judged by its looks. */
function hasBlankOrControl(url: string): boolean {
  for (let i = 0; i < url.length; i += 1) {
    const code = url.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** A telephone number as a link. The `(0)` that some write after a country code is not dialled with it. */
export function telephone(number: string): string {
  const dialled = number.startsWith('+') ? number.replace('(0)', '') : number;
  return `tel:${dialled.replace(/[^0-9+]/g, '')}`;
}
