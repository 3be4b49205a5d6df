/** Writes a changed client over the one that was read, unless another change came in between. */
import type { Client } from '../contracts/contract.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import { findClient } from './find-client.ts';

/**
 * Inside a unit of work.
 * @param before as it was read, in this unit of work or earlier @throws SekishoError not_found, invalid_input
 */
export async function replaceClient(stores: Stores, before: Client, after: Client): Promise<void> {
  if (await stores.clients.update(after, before.updatedAt)) return;
  await findClient(stores, before.clientId);
  throw changedMeanwhile(`client "${before.clientId}"`);
}

/** Of two changes at once one is refused, so that none is lost. */
export function changedMeanwhile(what: string): SekishoError {
  return new SekishoError('invalid_input', `${what} was changed by someone else meanwhile: try again`);
}

/** The time of a change, never the same twice for one row: by this a change in between is noticed. */
export function laterThan(before: number, now: number): number {
  return Math.max(now, before + 1);
}
