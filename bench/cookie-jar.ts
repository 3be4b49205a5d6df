interface Cookie {
  name: string;
  value: string;
  path: string;
}

function covers(cookiePath: string, path: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/';
}

/** Where a cookie without a Path belongs (RFC 6265, 5.1.4). */
function defaultPath(requestPath: string): string {
  return requestPath.slice(0, Math.max(1, requestPath.lastIndexOf('/')));
}

/** The cookies of one browser at one origin (RFC 6265, section 5): path, replacement and removal; no domains. */
export class CookieJar {
  readonly #cookies: Cookie[] = [];

  /** Takes the Set-Cookie headers of an answer to a request for `requestPath` (no query). */
  store(setCookies: readonly string[], requestPath: string): void {
    for (const line of setCookies) this.#storeOne(line, requestPath);
  }

  /** The Cookie header for a path, longer paths first; undefined when no cookie applies. */
  header(path: string): string | undefined {
    const found = this.#cookies.filter((cookie) => covers(cookie.path, path));
    if (found.length === 0) return undefined;
    found.sort((a, b) => b.path.length - a.path.length);
    return found.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #storeOne(line: string, requestPath: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    let path = defaultPath(requestPath);
    let gone = false;
    for (const attribute of attributes) {
      const [key = '', value = ''] = attribute.split('=', 2);
      const lower = key.toLowerCase();
      if (lower === 'path' && value.startsWith('/')) path = value;
      if (lower === 'max-age') gone = Number(value) <= 0;
      if (lower === 'expires') gone = Date.parse(value) <= Date.now();
    }
    const at = this.#cookies.findIndex((cookie) => cookie.name === name && cookie.path === path);
    if (at >= 0) this.#cookies.splice(at, 1);
    if (!gone) this.#cookies.push({ name, value: pair.slice(equals + 1), path });
  }
}
