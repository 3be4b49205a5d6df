/** Client metadata by the provider's own rules, before it is stored. */
import { generateKeyPairSync } from 'node:crypto';
import Provider, { type errors } from 'oidc-provider';
import { SekishoError } from '../errors.ts';
import { configurationOf, type ProviderParts } from './configuration.ts';
import type { KeySet } from './keys.ts';

const ISSUER = 'https://issuer.example';

/**
 * Builds the client as the provider would, in a provider that serves nobody.
 * @param metadata as src/oidc/contracts.ts hands it out
 * @throws SekishoError invalid_input with the provider's description
 */
export async function validateClientMetadata(metadata: Record<string, unknown>): Promise<void> {
  const provider = providerForNobody();
  try {
    new (provider.Client as unknown as new (metadata: unknown) => unknown)(metadata);
  } catch (error) {
    const { error_description: description, message } = error as errors.OIDCProviderError;
    throw new SekishoError('invalid_input', description ?? message, { cause: error });
  }
}

function providerForNobody(): Provider {
  const unused = {} as unknown as ProviderParts;
  const { adapter: _, ...configuration } = configurationOf({ ...unused, issuer: ISSUER }, throwawayKeys());
  return new Provider(ISSUER, {
    ...configuration,
    adapter: class {} as never,
    cookies: { keys: ['nobody'] },
  });
}

/** Which algorithms a client may register follows from the kinds of keys there are; these sign nothing. */
function throwawayKeys(): KeySet {
  const pairs = [
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ed25519'),
  ];
  const jwks = pairs.map(({ privateKey }, index) => ({
    ...privateKey.export({ format: 'jwk' }),
    kid: String(index),
    use: 'sig' as const,
  }));
  return { version: '', jwks, cookieKeys: [], pairwiseSalt: '' };
}
