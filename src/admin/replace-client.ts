/** Writes a changed client over the one that was read, unless another change came in between. */
import type { Client } from '../contracts/contract.ts';
import type { Stores } from '../database/stores.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
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
