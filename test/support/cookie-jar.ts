/** A cookie as a browser keeps it (RFC 6265). */
export interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
  /** Milliseconds since the epoch; null: until the browser closes. */
  expires: number | null;
  secure: boolean;
  httpOnly: boolean;
  sameSite: 'Strict' | 'Lax' | 'None';
}

/** How a request came about, as far as SameSite asks. */
export interface RequestContext {
  /** Another site made the browser send it. */
  crossSite?: boolean;
  /** GET by a link or redirect at the top level. Only asked when `crossSite`. */
  safeNavigation?: boolean;
}

/**
 * Keeps cookies as browsers do: by host whatever the port, by path, until Max-Age or Expires, Secure ones only over
 * https or a loopback host, with SameSite (Lax when unsaid) and the rules of `__Host-` and `__Secure-` names. Domain is
 * refused: nothing here needs cookies that cross hosts.
 */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();
  readonly #now: () => number;

  /** @param now clock in milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Takes the Set-Cookie headers of a response from that address; what a browser would refuse is left out. */
  store(url: URL, setCookie: readonly string[]): void {
    for (const line of setCookie) {
      const cookie = parseSetCookie(line, url, this.#now());
      if (!cookie) continue;
      const key = `${cookie.host} ${cookie.path} ${cookie.name}`;
      this.#cookies.delete(key);
      if (cookie.expires === null || cookie.expires > this.#now()) this.#cookies.set(key, cookie);
    }
  }

  /** Cookies that a browser would send there, longest path first. */
  for(url: URL, context: RequestContext = {}): Cookie[] {
    return this.all()
      .filter((cookie) => cookie.host === url.hostname && pathMatches(url.pathname, cookie.path))
      .filter((cookie) => !cookie.secure || isTrustworthy(url))
      .filter((cookie) => allowedBySite(cookie, context))
      .sort((a, b) => b.path.length - a.path.length);
  }

  /** The Cookie header for a request, or undefined when there is nothing to send. */
  header(url: URL, context: RequestContext = {}): string | undefined {
    const pairs = this.for(url, context).map(({ name, value }) => `${name}=${value}`);
    return pairs.length > 0 ? pairs.join('; ') : undefined;
  }

  /** All cookies that have not expired. */
  all(): Cookie[] {
    const now = this.#now();
    return [...this.#cookies.values()].filter(({ expires }) => expires === null || expires > now);
  }

  /** The cookie of that name, wherever it is kept. */
  get(name: string): Cookie | undefined {
    return this.all().find((cookie) => cookie.name === name);
  }

  /** Puts a cookie in by hand (to fix or replay a session). */
  set(cookie: Partial<Cookie> & Pick<Cookie, 'name' | 'value' | 'host'>): void {
    const whole: Cookie = {
      path: '/',
      expires: null,
      secure: false,
      httpOnly: true,
      sameSite: 'Lax',
      ...cookie,
    };
    this.#cookies.set(`${whole.host} ${whole.path} ${whole.name}`, whole);
  }

  /** Removes cookies: those of a name, or all. */
  clear(name?: string): void {
    for (const [key, cookie] of this.#cookies) {
      if (name === undefined || cookie.name === name) this.#cookies.delete(key);
    }
  }
}

function parseSetCookie(line: string, url: URL, now: number): Cookie | null {
  const [pair = '', ...rest] = line.split(';');
  const equals = pair.indexOf('=');
  if (equals < 1) return null;
  const attributes = new Map(
    rest.map((part) => {
      const at = part.indexOf('=');
      return at < 0
        ? [part.trim().toLowerCase(), '']
        : [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
  const path = attributes.get('path');
  const cookie: Cookie = {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    host: url.hostname,
    path: path?.startsWith('/') ? path : defaultPath(url.pathname),
    expires: expiry(attributes, now),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: sameSite(attributes.get('samesite')),
  };
  if (attributes.get('domain')) return null;
  if (cookie.secure && !isTrustworthy(url)) return null;
  if (cookie.sameSite === 'None' && !cookie.secure) return null;
  if (/^__(Host|Secure)-/i.test(cookie.name) && !cookie.secure) return null;
  if (/^__Host-/i.test(cookie.name) && path !== '/') return null;
  return cookie;
}

/** Max-Age goes before Expires (RFC 6265 section 5.3). */
function expiry(attributes: Map<string, string>, now: number): number | null {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1000;
  const date = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(date) ? null : date;
}

function sameSite(value: string | undefined): Cookie['sameSite'] {
  const lower = value?.toLowerCase();
  return lower === 'strict' ? 'Strict' : lower === 'none' ? 'None' : 'Lax';
}

function allowedBySite(cookie: Cookie, { crossSite, safeNavigation }: RequestContext): boolean {
  if (!crossSite || cookie.sameSite === 'None') return true;
  return cookie.sameSite === 'Lax' && safeNavigation === true;
}

/** RFC 6265 section 5.1.4. */
function defaultPath(pathname: string): string {
  const end = pathname.lastIndexOf('/');
  return end <= 0 ? '/' : pathname.slice(0, end);
}

/** RFC 6265 section 5.1.4. */
function pathMatches(pathname: string, path: string): boolean {
  if (pathname === path) return true;
  return pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/');
}

function isTrustworthy(url: URL): boolean {
  return url.protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}
