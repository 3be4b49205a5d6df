/** Gives a client a new secret; the old one ends at once. */
import { SekishoError } from '../errors.ts';
import { hashToken, newToken } from '../secrets.ts';
import { laterThan } from './changed-meanwhile.ts';
import { type AdminContext, record } from './context.ts';
import type { RegisteredClient } from './create-client.ts';
import { findClient } from './find-client.ts';
import { replaceClient } from './replace-client.ts';

/**
 * @throws SekishoError not_found; invalid_input when the client proves itself otherwise, or another change was quicker
 */
export async function rotateClientSecret(context: AdminContext, clientId: string): Promise<RegisteredClient> {
  const secret = newToken();
  return context.uow.write(async (stores) => {
    const before = await findClient(stores, clientId);
    if (before.secretHash === null) {
      const method = String(before.metadata.token_endpoint_auth_method);
      throw new SekishoError('invalid_input', `client "${clientId}" has no secret (auth method ${method})`);
    }
    const updatedAt = laterThan(before.updatedAt, context.clock.now());
    const client = { ...before, secretHash: hashToken(secret), updatedAt };
    await replaceClient(stores, before, client);
    await record(stores, context, {
      action: 'client.rotate_secret',
      contractId: client.contractId,
      subject: clientId,
    });
    return { client, secret };
  });
}
