/** The functions that turn a password into a hash, told by plain data: it travels to the threads that compute. */
import { argon2Sync, pbkdf2Sync, scryptSync } from 'node:crypto';
import { createRequire } from 'node:module';

export interface Argon2Derivation {
  readonly kind: 'argon2d' | 'argon2i' | 'argon2id';
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  /** Bytes. */
  readonly length: number;
  readonly secret?: Uint8Array;
  readonly associatedData?: Uint8Array;
}

export interface Pbkdf2Derivation {
  readonly kind: 'pbkdf2';
  readonly digest: 'sha1' | 'sha256' | 'sha512';
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly length: number;
}

export interface ScryptDerivation {
  readonly kind: 'scrypt';
  /** CPU and memory cost, a power of two. */
  readonly n: number;
  readonly blockSize: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly length: number;
}

export interface BcryptDerivation {
  readonly kind: 'bcrypt';
  /** As the power of two. */
  readonly cost: number;
  /** Version, cost and salt: `$2b$10$` and 22 characters. */
  readonly setting: string;
}

export type Derivation = Argon2Derivation | Pbkdf2Derivation | ScryptDerivation | BcryptDerivation;

/** Memory that scrypt works in (bytes). */
export function scryptMemory({
  n,
  blockSize,
  lanes,
}: Pick<ScryptDerivation, 'n' | 'blockSize' | 'lanes'>): number {
  return 128 * blockSize * (n + lanes);
}

/** Computes for milliseconds to seconds: not for the thread that answers requests. @returns the hash (of bcrypt, as text) */
export function derive(derivation: Derivation, password: string): Uint8Array {
  switch (derivation.kind) {
    case 'pbkdf2': {
      const { salt, iterations, length, digest } = derivation;
      return pbkdf2Sync(password, salt, iterations, length, digest);
    }
    case 'scrypt': {
      const { n: N, blockSize: r, lanes: p, salt, length } = derivation;
      return scryptSync(password, salt, length, { N, r, p, maxmem: 2 * scryptMemory(derivation) });
    }
    case 'bcrypt':
      return Buffer.from(bcrypt().hashSync(password, derivation.setting).slice(derivation.setting.length));
    default:
      return deriveArgon2(derivation, password);
  }
}

function deriveArgon2(derivation: Argon2Derivation, message: string): Uint8Array {
  const { kind, memory, passes, lanes, salt, length, secret, associatedData } = derivation;
  const parameters = { message, nonce: salt, parallelism: lanes, tagLength: length, memory, passes };
  return argon2Sync(kind, secret && associatedData ? { ...parameters, secret, associatedData } : parameters);
}

/** Loaded when it is needed: most installations never import users of another system. */
function bcrypt(): typeof import('bcrypt') {
  return createRequire(import.meta.url)('bcrypt');
}
