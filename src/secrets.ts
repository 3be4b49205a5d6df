/**
 * The only source of randomness, and every key that is derived from the installation's SECRETS.
 *
 * The first secret seals and signs; all of them open and verify, so that a secret is rotated by putting a new one in
 * front. Keys are derived per purpose with HKDF-SHA-256 (RFC 5869), so that no key serves two ends.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto';

/** What a derived key is for. A new use gets a new purpose. */
export type Purpose =
  | 'seal provider model'
  | 'seal key'
  | 'one-time code'
  | 'registration URL'
  | 'registration step'
  | 'device cookie'
  | 'form token'
  | 'account scope'
  | 'trial client';

const IV = 12;
const TAG = 16;
const ID = 8;

interface Derived {
  readonly id: string;
  readonly idBytes: Buffer;
  key(purpose: Purpose): KeyObject;
}

/** Raised when something sealed cannot be opened: damaged, moved to another row, or sealed by a secret that is gone. */
export class CannotOpen extends Error {
  override name = 'CannotOpen';
}

const pool = Buffer.alloc(4096);
let unused = 0;

/** Random bytes, drawn from the system in larger pieces: asking for a few at a time is slow. None is given out twice. */
function random(length: number): Buffer {
  if (unused < length) {
    randomFillSync(pool);
    unused = pool.length;
  }
  const bytes = Buffer.from(pool.subarray(unused - length, unused));
  pool.fill(0, unused - length, unused);
  unused -= length;
  return bytes;
}

/** A new identifier: 128 random bits in base64url (22 characters). */
export function newId(): string {
  return random(16).toString('base64url');
}

/** A new credential that is kept only as a hash: 256 random bits in base64url (43 characters). */
export function newToken(): string {
  return random(32).toString('base64url');
}

/** Digits and letters that nobody mistakes for each other (Crockford's base32). */
const PLAIN = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A name that people read out over the telephone: 40 random bits in 8 digits and letters. No secret. */
export function newErrorCode(): string {
  // Each byte has 32 values eight times over.
  return Array.from(random(8), (byte) => PLAIN[byte % PLAIN.length]).join('');
}

/** Salt for a slow hash. @param length bytes */
export function randomSalt(length: number): Buffer {
  return random(length);
}

/**
 * What is looked up by its value is kept as this hash. Only for values with at least 128 random bits, for which a
 * plain SHA-256 cannot be reversed by guessing.
 */
export function hashToken(value: string): string {
  return hash('sha256', value, 'base64url');
}

/** Compares two strings in constant time for equal lengths. */
export function sameString(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The keys of one installation. */
export class Secrets {
  readonly #derived: readonly [Derived, ...Derived[]];

  /** @param secrets the values of SECRETS, the newest first; at least one */
  constructor(secrets: readonly string[]) {
    const [first, ...rest] = secrets.map(derive);
    if (!first) throw new Error('at least one secret is needed');
    this.#derived = [first, ...rest];
  }

  /** The name of the secret that seals now. Stored beside what was derived from it. */
  get currentId(): string {
    return this.#derived[0].id;
  }

  /**
   * Encrypts with AES-256-GCM.
   * @param context binds the result to its place (a row's key): it opens nowhere else
   * @returns secret id (8 bytes), IV (12), tag (16), ciphertext
   */
  seal(purpose: Purpose, context: string, plaintext: string): Buffer {
    const secret = this.#derived[0];
    const iv = random(IV);
    const cipher = createCipheriv('aes-256-gcm', secret.key(purpose), iv);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    return Buffer.concat([secret.idBytes, iv, cipher.getAuthTag(), sealed]);
  }

  /** Decrypts what `seal` made. @throws CannotOpen */
  open(purpose: Purpose, context: string, sealed: Buffer): string {
    const id = sealed.subarray(0, ID).toString('hex');
    const secret = this.#derived.find((candidate) => candidate.id === id);
    if (!secret) throw new CannotOpen(`sealed by a secret that is not in SECRETS (${id})`);
    try {
      const iv = sealed.subarray(ID, ID + IV);
      const decipher = createDecipheriv('aes-256-gcm', secret.key(purpose), iv, { authTagLength: TAG });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(ID + IV, ID + IV + TAG));
      return decipher.update(sealed.subarray(ID + IV + TAG), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new CannotOpen('sealed value is damaged or not of this place', { cause });
    }
  }

  /** HMAC-SHA-256 in base64url, by the newest secret unless another is named. @throws CannotOpen for an unknown secret */
  mac(purpose: Purpose, data: string, secretId = this.currentId): string {
    return this.macBytes(purpose, data, secretId).toString('base64url');
  }

  /** The same as raw bytes (32). */
  macBytes(purpose: Purpose, data: string, secretId = this.currentId): Buffer {
    const secret = this.#derived.find((candidate) => candidate.id === secretId);
    if (!secret) throw new CannotOpen(`made by a secret that is not in SECRETS (${secretId})`);
    return createHmac('sha256', secret.key(purpose)).update(data).digest();
  }

  /** Whether `mac` of any of the secrets gives this value. */
  verifyMac(purpose: Purpose, data: string, mac: string): boolean {
    return this.#derived.some((secret) => sameString(this.mac(purpose, data, secret.id), mac));
  }
}

function derive(secret: string): Derived {
  const keys = new Map<Purpose, KeyObject>();
  const hkdf = (info: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, 'sekisho', info, length));
  const idBytes = hkdf('secret id', ID);
  return {
    id: idBytes.toString('hex'),
    idBytes,
    key(purpose) {
      let key = keys.get(purpose);
      if (!key) {
        key = createSecretKey(hkdf(purpose, 32));
        keys.set(purpose, key);
      }
      return key;
    },
  };
}
