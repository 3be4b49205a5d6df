/** Which URIs a client may register for its users to be sent to, and for its own endpoints. */
import { z } from 'zod';

const MOST = 2000;
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** https anywhere, http on this machine only; no fragment, no credentials, no wildcard. */
function isWebUri(value: string): boolean {
  const url = plainUrl(value);
  if (url === null) return false;
  if (url.username !== '' || url.password !== '' || url.hostname.includes('*')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname));
}

/** A private-use scheme in reverse domain order: `jp.example.app:/callback` (RFC 8252 section 7.1). */
export function isPrivateUseUri(value: string): boolean {
  const url = plainUrl(value);
  return url !== null && /^[a-z][a-z0-9+-]*\.[a-z0-9+.-]*[a-z0-9]:$/.test(url.protocol);
}

/** As it is compared later, letter by letter: nothing that the URL parser would quietly drop. */
function plainUrl(value: string): URL | null {
  if (value.length > MOST || /[\s\p{Cc}\\]/u.test(value) || value.includes('#')) return null;
  return URL.canParse(value) ? new URL(value) : null;
}

/** Where a user is sent after login or logout. */
export const landingUri = z
  .string()
  .refine(
    (value) => isWebUri(value) || isPrivateUseUri(value),
    'must be https, http on a loopback host, or a private-use scheme such as jp.example.app:/callback; no fragment, user name or wildcard',
  );

/** An endpoint or page of the site. */
export const webUri = z
  .string()
  .refine(
    isWebUri,
    'must be an https URL (http only on a loopback host) without fragment, user name or wildcard',
  );

/** A page of the site that the provider's own rules want on https even in trials. */
export const httpsUri = z
  .string()
  .refine(
    (value) => isWebUri(value) && value.startsWith('https:'),
    'must be an https URL without a fragment',
  );
