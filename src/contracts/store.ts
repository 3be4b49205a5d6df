/** Contracts and their clients in the database. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
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

interface ContractRow {
  id: string;
  name: string;
  policy: string;
  created_at: number;
  updated_at: number;
}

interface ClientRow {
  client_id: string;
  contract_id: string;
  name: string;
  metadata: string;
  secret_hash: string | null;
  created_at: number;
  updated_at: number;
}

const findContract = statement<{ id: string }, ContractRow>((knex, { id }) =>
  knex('contracts').where({ id }),
);
const listContracts = statement<Record<never, never>, ContractRow>((knex) => knex('contracts').orderBy('id'));
const addContract = statement<{ id: string; name: string; policy: string; at: number }>((knex, p) =>
  knex('contracts')
    .insert({ id: p.id, name: p.name, policy: p.policy, created_at: p.at, updated_at: p.at })
    .onConflict('id')
    .ignore(),
);
const updateContract = statement<{ id: string; name: string; policy: string; at: number; seen: number }>(
  (knex, p) =>
    knex('contracts')
      .where({ id: p.id, updated_at: p.seen })
      .update({ name: p.name, policy: p.policy, updated_at: p.at }),
);
const findClient = statement<{ clientId: string }, ClientRow>((knex, p) =>
  knex('clients').where({ client_id: p.clientId }),
);
const listClients = statement<{ contractId: string }, ClientRow>((knex, p) =>
  knex('clients').where({ contract_id: p.contractId }).orderBy('created_at').orderBy('client_id'),
);
const addClient = statement<{
  clientId: string;
  contractId: string;
  name: string;
  metadata: string;
  secretHash: string | null;
  createdAt: number;
  updatedAt: number;
}>((knex, p) =>
  knex('clients')
    .insert({
      client_id: p.clientId,
      contract_id: p.contractId,
      name: p.name,
      metadata: p.metadata,
      secret_hash: p.secretHash,
      created_at: p.createdAt,
      updated_at: p.updatedAt,
    })
    .onConflict('client_id')
    .ignore(),
);
const updateClient = statement<{
  clientId: string;
  name: string;
  metadata: string;
  secretHash: string | null;
  updatedAt: number;
  seen: number;
}>((knex, p) =>
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

function toContract(row: ContractRow): Contract {
  return {
    id: row.id,
    name: row.name,
    policy: policyOf(row.policy),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toClient(row: ClientRow): Client {
  return {
    clientId: row.client_id,
    contractId: row.contract_id,
    name: row.name,
    metadata: JSON.parse(row.metadata),
    secretHash: row.secret_hash,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function contractStore(db: Writer): ContractStore {
  const params = ({ id, name, policy, at }: ContractValues) => ({
    id,
    name,
    policy: JSON.stringify(policy),
    at,
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
