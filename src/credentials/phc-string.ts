/** Argon2 hashes as text, in the form of PHC strings: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
import type { Argon2Derivation } from './derivation.ts';

export interface Argon2Hash {
  readonly derivation: Argon2Derivation;
  /** Names the secret that went into it; undefined: there was none. */
  readonly keyId: string | undefined;
  readonly tag: Buffer;
}

const FORM = /^\$(argon2(?:d|i|id))\$v=19\$([a-z]+=[A-Za-z0-9+/,=]+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const NUMBER = /^\d{1,9}$/;

/** Undefined for what is not version 1.3 of Argon2 in this form. The parameters may come in any order. */
export function parseArgon2(text: string): Argon2Hash | undefined {
  const [, kind, list = '', salt = '', tagText = ''] = FORM.exec(text) ?? [];
  const { m = '', t = '', p = '', keyid, ...others } = parametersOf(list);
  if (![m, t, p].every((value) => NUMBER.test(value)) || Object.keys(others).length > 0) return undefined;
  const tag = Buffer.from(tagText, 'base64');
  const derivation = {
    kind: kind as Argon2Derivation['kind'],
    memory: Number(m),
    passes: Number(t),
    lanes: Number(p),
    salt: Buffer.from(salt, 'base64'),
    length: tag.length,
  };
  return { derivation, keyId: keyid, tag };
}

export function formatArgon2({ derivation, keyId, tag }: Argon2Hash): string {
  const { kind, memory, passes, lanes, salt } = derivation;
  const key = keyId === undefined ? '' : `,keyid=${keyId}`;
  return `$${kind}$v=19$m=${memory},t=${passes},p=${lanes}${key}$${base64(salt)}$${base64(tag)}`;
}

/** `a=1,b=2` by name. */
export function parametersOf(list: string): Record<string, string> {
  return Object.fromEntries(list.split(',').map((pair) => pair.split('=', 2)));
}

/** Base64 without its padding, as PHC strings have it. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
