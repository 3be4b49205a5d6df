import { formatDateTime, type Locale } from '../../http/locale.ts';
import { sampleWords } from './messages.ts';
import type { SampleSiteOptions } from './options.ts';
import { CLAIM_SOURCES, type Claim, type ClaimSource, type SessionLocals } from './pages.ts';
import type { Session } from './sessions.ts';

const EXPLAINED = ['sub', 'user_id', 'contract', 'email', 'acr', 'amr', 'auth_time'] as const;
const TIME_ZONE = 'Asia/Tokyo';

/** `acr` of a login by password and one-time password, as the provider documents it. */
const ACR_STRONGEST = 'urn:sekisho:acr:password+otp';

/**
 * What the page of a signed-in user shows.
 * @param other the language that the page is not in
 */
export function sessionLocals(session: Session, options: SampleSiteOptions, other: Locale): SessionLocals {
  return {
    words: sampleWords,
    csrf: session.csrf,
    claims: explainedClaims({ id_token: session.claims, userinfo: session.userinfo ?? {} }),
    logins: [
      { href: '/login?prompt=login', labelKey: 'session.again.fresh' },
      { href: '/login?max_age=60', labelKey: 'session.again.recent' },
      { href: '/login?max_age=0', labelKey: 'session.again.now' },
      { href: `/login?acr_values=${encodeURIComponent(ACR_STRONGEST)}`, labelKey: 'session.again.step_up' },
      { href: `/login?prompt=login&ui_locales=${other}`, labelKey: 'session.again.language' },
    ],
    canRefresh: session.refreshToken !== undefined,
    refreshed: session.refreshed,
    userinfo: session.userinfo && session.userinfoShown ? allClaims(session.userinfo) : null,
    accountUrl: options.accountUrl ?? null,
    inboxUrl: options.inboxUrl ?? null,
  };
}

/** The claims that the site explains, in its order, whether they came or not; where the two differ the ID token counts. */
function explainedClaims(came: Record<ClaimSource, Readonly<Record<string, unknown>>>): Claim[] {
  return EXPLAINED.map((name) => {
    const sources = CLAIM_SOURCES.filter((source) => came[source][name] !== undefined);
    const value = sources[0] === undefined ? null : inWords(name, came[sources[0]][name]);
    return { name, value, meaning: `claim.${name}` as const, sources };
  });
}

/** All claims as they came. */
function allClaims(claims: Readonly<Record<string, unknown>>): Claim[] {
  return Object.entries(claims).map(([name, value]) => ({
    name,
    value: inWords(name, value),
    meaning: null,
    sources: [],
  }));
}

function inWords(name: string, value: unknown): string {
  if (name === 'auth_time' && typeof value === 'number') {
    return `${value} (${formatDateTime(value * 1000, TIME_ZONE)} ${TIME_ZONE})`;
  }
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
