/** Looks clients up. */
import type { Client } from '../contracts/contract.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import type { AdminContext } from './context.ts';
import { findContract } from './find-contract.ts';

/** A contract's clients, oldest first. @throws SekishoError not_found when there is no such contract */
export function listClients({ uow }: AdminContext, contractId: string): Promise<Client[]> {
  return uow.read(async (stores) => {
    await findContract(stores, contractId);
    return stores.clients.list(contractId);
  });
}

/** @throws SekishoError not_found */
export function showClient({ uow }: AdminContext, clientId: string): Promise<Client> {
  return uow.read((stores) => findClient(stores, clientId));
}

/** Inside a unit of work. @throws SekishoError not_found */
export async function findClient({ clients }: Stores, clientId: string): Promise<Client> {
  const client = await clients.find(clientId);
  if (!client) throw noClient(clientId);
  return client;
}

export function noClient(clientId: string): SekishoError {
  return new SekishoError('not_found', `there is no client "${clientId}"`);
}
