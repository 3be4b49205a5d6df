/**
 * Signs cookies in the place of Koa's Keygrip, with the same interface: keys are kept ready and can be replaced while
 * the server runs. The signature is HMAC-SHA-256.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { sameString } from '../secrets.ts';

export class CookieSigner {
  #keys: readonly KeyObject[] = [];

  /** Replaces the keys. @param keys the one that signs first */
  use(keys: readonly string[]): void {
    this.#keys = keys.map((key) => createSecretKey(Buffer.from(key)));
  }

  sign(data: string): string {
    const [key] = this.#keys;
    if (!key) throw new Error('there is no cookie key');
    return signature(key, data);
  }

  verify(data: string, digest: string): boolean {
    return this.index(data, digest) >= 0;
  }

  /** Which key made the signature, -1 for none; cookies sign anew where it is not 0. */
  index(data: string, digest: string): number {
    return this.#keys.findIndex((key) => sameString(signature(key, data), digest));
  }
}

function signature(key: KeyObject, data: string): string {
  return createHmac('sha256', key).update(data).digest('base64url');
}
