/** Registers a client of a contract. */
import type { Client } from '../contracts/contract.ts';
import { hashToken, newId, newToken } from '../secrets.ts';
import { metadataSchema, needsSecret } from './client-metadata.ts';
import { type AdminContext, record } from './context.ts';
import { findContract } from './find-contract.ts';
import { checkInput, nameSchema } from './input.ts';

/** Checks a client by the provider's own rules as well. @throws SekishoError invalid_input */
export type ValidateClient = (client: Client) => Promise<void>;

export interface NewClient {
  readonly contractId: string;
  readonly name: string;
  /** client-metadata.ts says what it can hold. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A client, and its secret where a new one was made: shown once, kept only as a hash. */
export interface RegisteredClient {
  readonly client: Client;
  readonly secret: string | null;
}

/** @throws SekishoError invalid_input naming every fault, not_found when there is no such contract */
export async function createClient(
  context: AdminContext,
  input: NewClient,
  validate?: ValidateClient,
): Promise<RegisteredClient> {
  const name = checkInput(nameSchema, input.name, 'name');
  const metadata = checkInput(metadataSchema, input.metadata, 'client metadata');
  const secret = needsSecret(metadata) ? newToken() : null;
  const at = context.clock.now();
  const client: Client = {
    clientId: newId(),
    contractId: input.contractId,
    name,
    metadata,
    secretHash: secret === null ? null : hashToken(secret),
    createdAt: at,
    updatedAt: at,
  };
  await validate?.(client);
  await context.uow.write(async (stores) => {
    await findContract(stores, client.contractId);
    await stores.clients.add(client);
    await record(stores, context, {
      action: 'client.create',
      contractId: client.contractId,
      subject: client.clientId,
      details: { name, redirect_uris: metadata.redirect_uris },
    });
  });
  return { client, secret };
}
