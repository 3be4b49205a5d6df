/** Removes a client. Its codes and tokens end with it: the provider no longer knows whose they are. */
import type { Client } from '../contracts/contract.ts';
import { type AdminContext, record } from './context.ts';
import { findClient, noClient } from './find-client.ts';

/** @returns the client as it was @throws SekishoError not_found */
export async function deleteClient(context: AdminContext, clientId: string): Promise<Client> {
  return context.uow.write(async (stores) => {
    const client = await findClient(stores, clientId);
    if (!(await stores.clients.delete(clientId))) throw noClient(clientId);
    await record(stores, context, {
      action: 'client.delete',
      contractId: client.contractId,
      subject: clientId,
      details: { name: client.name },
    });
    return client;
  });
}
