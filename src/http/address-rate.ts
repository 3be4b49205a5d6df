/** How often one address may do something at one contract. */
import { widerBucket } from './client-address.ts';
import type { Rate, RateStore } from './store.ts';

export interface AddressUse {
  /** Two things that are counted apart have different names. */
  readonly what: 'code' | 'try';
  readonly contractId: string;
  /** As `addressBucket` names the address. */
  readonly bucket: string;
  readonly rate: Rate;
}

/**
 * Inside a unit of work: counts a request. Of IPv6, where one customer may hold many /64 networks, the /48 counts as
 * well, at ten times the rate.
 * @returns null when it is allowed, else when the window ends (ms)
 */
export async function takeOfAddress(
  rates: RateStore,
  { what, contractId, bucket, rate }: AddressUse,
  now: number,
): Promise<number | null> {
  const until = await rates.take(`${what}:${contractId}:${bucket}`, rate, now);
  const wider = widerBucket(bucket);
  if (until !== null || wider === null) return until;
  return rates.take(`${what}:${contractId}:${wider}`, { ...rate, points: rate.points * 10 }, now);
}
