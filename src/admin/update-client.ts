/** Changes a client's registration. */
import type { Client } from '../contracts/contract.ts';
import { SekishoError } from '../errors.ts';
import { hashToken, newToken } from '../secrets.ts';
import { laterThan } from './changed-meanwhile.ts';
import { givenMetadata, metadataSchema, needsSecret } from './client-metadata.ts';
import { type AdminContext, record } from './context.ts';
import type { RegisteredClient, ValidateClient } from './create-client.ts';
import { showClient } from './find-client.ts';
import { checkInput, nameSchema } from './input.ts';
import { replaceClient } from './replace-client.ts';

export interface ClientChanges {
  readonly name?: string | undefined;
  /** Fields that are named replace what was registered; null takes a field away. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * A client that begins to prove itself by a secret gets one; a client that stops loses it.
 * @throws SekishoError invalid_input naming every fault, or saying that another change was quicker; not_found
 */
export async function updateClient(
  context: AdminContext,
  clientId: string,
  changes: ClientChanges,
  validate?: ValidateClient,
): Promise<RegisteredClient> {
  if (changes.name === undefined && Object.keys(changes.metadata ?? {}).length === 0) {
    throw new SekishoError('invalid_input', 'nothing to change');
  }
  const before = await showClient(context, clientId);
  const secret = newToken();
  const after = changed(before, changes, hashToken(secret), context.clock.now());
  await validate?.(after);
  await context.uow.write(async (stores) => {
    // The provider's check stands between reading and writing.
    await replaceClient(stores, before, after);
    await record(stores, context, {
      action: 'client.update',
      contractId: after.contractId,
      subject: clientId,
      details: {
        changed: [...(changes.name === undefined ? [] : ['name']), ...Object.keys(changes.metadata ?? {})],
      },
    });
  });
  const isNew = before.secretHash === null && after.secretHash !== null;
  return { client: after, secret: isNew ? secret : null };
}

function changed(before: Client, changes: ClientChanges, newHash: string, now: number): Client {
  const merged = { ...givenMetadata(before.metadata), ...changes.metadata };
  const wanted = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  const metadata = checkInput(metadataSchema, wanted, 'client metadata');
  return {
    ...before,
    name: changes.name === undefined ? before.name : checkInput(nameSchema, changes.name, 'name'),
    metadata,
    secretHash: needsSecret(metadata) ? (before.secretHash ?? newHash) : null,
    updatedAt: laterThan(before.updatedAt, now),
  };
}
