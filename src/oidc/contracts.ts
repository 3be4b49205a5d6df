/**
 * Clients as the provider wants them, and the contract that each belongs to.
 *
 * A login asks for its client fourteen times, so what was read is good for a second: a change made by a command takes
 * effect within that time in every running server.
 */
import { type Clock, SECOND } from '../clock.ts';
import type { Client, Contract } from '../contracts/contract.ts';
import type { UnitOfWork } from '../database/stores.ts';

/** The name under which a client's metadata carries its contract. */
export const CONTRACT_PROPERTY = 'contract';

export interface Contracts {
  /** A client's metadata for the provider. */
  findClientMetadata(clientId: string): Promise<Record<string, unknown> | undefined>;
  /**
   * The contract as it was when one of its clients was last read, for the provider's callbacks that cannot wait.
   * @throws Error when none of its clients was read before
   */
  latest(contractId: string): Contract;
  find(contractId: string): Promise<Contract | undefined>;
  /** Forgets what was read: after a change by this very process. */
  forget(): void;
}

const GOOD_FOR = SECOND;
/** Clients kept at most; beyond that all are read anew. */
const MOST_KEPT = 1000;

/** Reads contracts and clients through the stores and remembers them for a moment. */
export function contractsOf(uow: UnitOfWork, clock: Clock): Contracts {
  const known = new Map<string, Contract>();
  const clients = new Map<string, { metadata: Record<string, unknown>; until: number }>();
  const remember = (contract: Contract | undefined) => {
    if (contract) known.set(contract.id, contract);
    return contract;
  };
  const read = (clientId: string) =>
    uow.read(async (stores) => {
      const client = await stores.clients.find(clientId);
      if (!client) return undefined;
      remember(await stores.contracts.find(client.contractId));
      return providerMetadata(client);
    });
  return {
    async findClientMetadata(clientId) {
      const kept = clients.get(clientId);
      if (kept && clock.now() < kept.until) return kept.metadata;
      // A client_id comes from strangers; PostgreSQL cannot even be asked for one with such characters.
      const metadata = /\p{Cc}/u.test(clientId) ? undefined : await read(clientId);
      if (clients.size >= MOST_KEPT) clients.clear();
      if (metadata) clients.set(clientId, { metadata, until: clock.now() + GOOD_FOR });
      else clients.delete(clientId);
      return metadata;
    },
    latest: (contractId) => {
      const contract = known.get(contractId);
      if (!contract) throw new Error(`contract ${contractId} was not read before`);
      return contract;
    },
    find: (contractId) => uow.read(async ({ contracts }) => remember(await contracts.find(contractId))),
    forget: () => clients.clear(),
  };
}

/** Registration metadata plus what we add; the secret is its hash, which compareClientSecret knows. */
export function providerMetadata(client: Client): Record<string, unknown> {
  return {
    ...client.metadata,
    client_id: client.clientId,
    client_name: client.name,
    ...(client.secretHash === null ? {} : { client_secret: client.secretHash }),
    require_auth_time: true,
    [CONTRACT_PROPERTY]: client.contractId,
  };
}
