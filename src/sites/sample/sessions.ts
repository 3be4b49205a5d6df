import { randomBytes } from 'node:crypto';
import type { IDToken, UserInfoResponse } from 'openid-client';
import type { Locale } from '../../http/locale.ts';

/** A signed-in browser. */
export interface Session {
  readonly id: string;
  /** Token that the site's own forms carry. */
  readonly csrf: string;
  /** Verified claims of the ID token. */
  claims: IDToken;
  idToken: string;
  accessToken: string;
  refreshToken: string | undefined;
  /** The language that the user chose on this site, if any. */
  locale: Locale | undefined;
  /** What the userinfo endpoint said last. */
  userinfo: UserInfoResponse | undefined;
  /** The user has asked to see that answer as it is. */
  userinfoShown: boolean;
  /** The tokens were refreshed since the page was shown last. */
  refreshed: boolean;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export type NewSession = Pick<Session, 'claims' | 'idToken' | 'accessToken' | 'refreshToken' | 'locale'>;

const LIFETIME_MS = 60 * 60 * 1000;
const MOST = 1000;

/** Sessions of this site in memory: they end after an hour, and the oldest goes when there are too many. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #now: () => number;

  /** @param now clock in milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Starts a session under a new id; an id that the browser had before is never taken over (session fixation). */
  start(signedIn: NewSession): Session {
    const session: Session = {
      ...signedIn,
      id: randomBytes(32).toString('base64url'),
      csrf: randomBytes(24).toString('base64url'),
      userinfo: undefined,
      userinfoShown: false,
      refreshed: false,
      expiresAt: this.#now() + LIFETIME_MS,
    };
    this.#sweep();
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The living session of an id. */
  find(id: string | undefined): Session | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    return session && session.expiresAt > this.#now() ? session : undefined;
  }

  end(id: string | undefined): void {
    if (id !== undefined) this.#sessions.delete(id);
  }

  /**
   * Ends what a logout token names: the sessions of a `sid`, or without one all of a `sub`.
   * @returns how many ended
   */
  endAll(whose: { sid?: string | undefined; sub?: string | undefined }): number {
    let ended = 0;
    for (const [id, { claims }] of this.#sessions) {
      const fits = whose.sid === undefined ? claims.sub === whose.sub : claims.sid === whose.sid;
      if (!fits || (whose.sub !== undefined && claims.sub !== whose.sub)) continue;
      this.#sessions.delete(id);
      ended += 1;
    }
    return ended;
  }

  /** Sessions stand in the order of their start, so those to go are in front. */
  #sweep(): void {
    for (const [id, { expiresAt }] of this.#sessions) {
      if (expiresAt > this.#now() && this.#sessions.size < MOST) break;
      this.#sessions.delete(id);
    }
  }
}
