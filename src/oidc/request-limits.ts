/** What a stranger can make the database keep is bounded: how large an authorization request is, and how many begin. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Stores } from '../database/stores.ts';
import { addressBucket, widerBucket } from '../http/client-address.ts';
import type { Rate } from '../http/store.ts';
import type { Admission, RequestWrites } from './request-writes.ts';

/** In bytes of UTF-8; all parameters with their names. */
const MOST_BYTES = 8 * 1024;
const MOST_BYTES_OF: Readonly<Record<string, number>> = { state: 2 * 1024, nonce: 1024 };

/** Logins that an address may begin. An IPv6 /48 network may begin ten times as many. */
const BEGINNINGS: Rate = { points: 600, seconds: 600 };

/** Refuses an authorization request, pushed or not, whose parameters are too large. @throws InvalidRequest */
export function refuseOversized({ oidc }: KoaContextWithOIDC): void {
  if (oidc?.route !== 'authorization' && oidc?.route !== 'pushed_authorization_request') return;
  let total = 0;
  // A pushed request stands in `request` and, taken apart, in the others. By value it is not offered.
  for (const [name, value] of Object.entries({ ...oidc.params, request: undefined })) {
    if (typeof value !== 'string') continue;
    const bytes = Buffer.byteLength(value);
    total += name.length + bytes;
    if (bytes > (MOST_BYTES_OF[name] ?? MOST_BYTES)) throw new errors.InvalidRequest(`${name} is too long`);
  }
  if (total > MOST_BYTES) throw new errors.InvalidRequest('the parameters are too long');
}

/**
 * Counts a login that a request begins. Who has a session is not counted, nor is a site that pushes with its credentials:
 * its one address stands for all of its users.
 * @param address the client's @returns undefined when there is nothing to count
 */
export function admissionOf(
  { oidc }: KoaContextWithOIDC,
  writes: RequestWrites,
  address: string,
  now: number,
): Admission | undefined {
  const login = oidc?.route === 'authorization' && writes.adds('Interaction') && !oidc.session?.accountId;
  const pushed = writes.adds('PushedAuthorizationRequest') && oidc.client?.clientAuthMethod === 'none';
  return login || pushed ? (stores) => take(stores, addressBucket(address), now) : undefined;
}

async function take({ rates }: Stores, bucket: string, now: number): Promise<number | null> {
  const until = await rates.take(`begin:${bucket}`, BEGINNINGS, now);
  const wider = widerBucket(bucket);
  if (until !== null || wider === null) return until;
  return rates.take(`begin:${wider}`, { ...BEGINNINGS, points: BEGINNINGS.points * 10 }, now);
}
