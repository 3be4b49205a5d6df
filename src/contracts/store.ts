/** Contracts and their clients in the database. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { type Stored, table } from '../database/table.ts';
import type { Client, Contract } from './contract.ts';
import { type Policy, type PolicyInput, parsePolicy } from './policy.ts';

/** What is written of a contract. `at`: when (ms); of two changes the later has the later one. */
export interface ContractValues {
  readonly id: string;
  readonly name: string;
  readonly policy: PolicyInput;
  readonly at: number;
}

export interface ContractStore {
  find(id: string): Promise<Contract | undefined>;
  /** In the order of their ids. */
  list(): Promise<Contract[]>;
  /** What the contract sets itself, without defaults. */
  findPolicyInput(id: string): Promise<PolicyInput | undefined>;
  /** @returns false when the id is taken */
  add(contract: ContractValues): Promise<boolean>;
  /** @param seen `updatedAt` as it was read @returns false when there is none, or it was changed since */
  update(contract: ContractValues, seen: number): Promise<boolean>;
}

export interface ClientStore {
  find(clientId: string): Promise<Client | undefined>;
  list(contractId: string): Promise<Client[]>;
  /** @returns false when the client_id is taken */
  add(client: Client): Promise<boolean>;
  /**
   * Replaces name, metadata and secret hash.
   * @param seen `updatedAt` as it was read @returns false when there is none, or it was changed since
   */
  update(client: Client, seen: number): Promise<boolean>;
  delete(clientId: string): Promise<boolean>;
}

type StoredContract = Stored<Contract, 'policy'>;
const contracts = table<StoredContract>('contracts', {
  id: 'id',
  name: 'name',
  policy: 'policy',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

type StoredClient = Stored<Client, 'metadata'>;
const clients = table<StoredClient>('clients', {
  clientId: 'client_id',
  contractId: 'contract_id',
  name: 'name',
  metadata: 'metadata',
  secretHash: 'secret_hash',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

const findContract = statement<{ id: string }, StoredContract>((knex, { id }) =>
  contracts.select(knex).where({ id }),
);
const listContracts = statement<Record<never, never>, StoredContract>((knex) =>
  contracts.select(knex).orderBy('id'),
);
const addContract = statement<StoredContract>((knex, p) =>
  contracts.insert(knex, p).onConflict('id').ignore(),
);
const updateContract = statement<StoredContract & { seen: number }>((knex, p) =>
  knex('contracts')
    .where({ id: p.id, updated_at: p.seen })
    .update({ name: p.name, policy: p.policy, updated_at: p.updatedAt }),
);
const findClient = statement<{ clientId: string }, StoredClient>((knex, p) =>
  clients.select(knex).where({ client_id: p.clientId }),
);
const listClients = statement<{ contractId: string }, StoredClient>((knex, p) =>
  clients.select(knex).where({ contract_id: p.contractId }).orderBy('created_at').orderBy('client_id'),
);
const addClient = statement<StoredClient>((knex, p) =>
  clients.insert(knex, p).onConflict('client_id').ignore(),
);
const updateClient = statement<StoredClient & { seen: number }>((knex, p) =>
  knex('clients')
    .where({ client_id: p.clientId, updated_at: p.seen })
    .update({ name: p.name, metadata: p.metadata, secret_hash: p.secretHash, updated_at: p.updatedAt }),
);
const deleteClient = statement<{ clientId: string }>((knex, p) =>
  knex('clients').where({ client_id: p.clientId }).delete(),
);

/** Parsed policies by their JSON text: the text of a contract seldom changes, and parsing is not free. */
const policies = new Map<string, Policy>();
const MOST_POLICIES = 500;

function policyOf(json: string): Policy {
  let policy = policies.get(json);
  if (!policy) {
    policy = parsePolicy(JSON.parse(json));
    if (policies.size >= MOST_POLICIES) policies.clear();
    policies.set(json, policy);
  }
  return policy;
}

const toContract = (row: StoredContract): Contract => ({ ...row, policy: policyOf(row.policy) });
const toClient = (row: StoredClient): Client => ({ ...row, metadata: JSON.parse(row.metadata) });

export function contractStore(db: Writer): ContractStore {
  const params = ({ id, name, policy, at }: ContractValues) => ({
    id,
    name,
    policy: JSON.stringify(policy),
    createdAt: at,
    updatedAt: at,
  });
  return {
    find: async (id) => {
      const row = await db.first(findContract, { id });
      return row && toContract(row);
    },
    list: async () => (await db.all(listContracts, {})).map(toContract),
    findPolicyInput: async (id) => {
      const row = await db.first(findContract, { id });
      return row && JSON.parse(row.policy);
    },
    add: async (contract) => (await db.run(addContract, params(contract))) === 1,
    update: async (contract, seen) => (await db.run(updateContract, { ...params(contract), seen })) === 1,
  };
}

export function clientStore(db: Writer): ClientStore {
  const params = (client: Client) => ({ ...client, metadata: JSON.stringify(client.metadata) });
  return {
    find: async (clientId) => {
      const row = await db.first(findClient, { clientId });
      return row && toClient(row);
    },
    list: async (contractId) => (await db.all(listClients, { contractId })).map(toClient),
    add: async (client) => (await db.run(addClient, params(client))) === 1,
    update: async (client, seen) => (await db.run(updateClient, { ...params(client), seen })) === 1,
    delete: async (clientId) => (await db.run(deleteClient, { clientId })) === 1,
  };
}
