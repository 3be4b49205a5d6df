/** The forms in which other systems write hashes of passwords. */
import type { Derivation, Pbkdf2Derivation } from './derivation.ts';
import { parametersOf, parseArgon2 } from './phc-string.ts';

export interface ParsedHash {
  readonly derivation: Derivation;
  readonly tag: Buffer;
}

const B64 = '([A-Za-z0-9+/]{2,200}={0,2})';
/** passlib writes a dot for the plus. */
const AB64 = '([A-Za-z0-9./]{2,200})';
const TEXT = '([!-#%-~]{1,200})';
const HEX = '([0-9a-fA-F]{2,512})';
const COUNT = '(\\d{1,9})';
const DIGEST = '(sha1|sha256|sha512)';

interface Form {
  readonly pattern: RegExp;
  read(...groups: string[]): ParsedHash | undefined;
}

const FORMS: readonly Form[] = [
  // crypt(3) of the BSDs, PHP, and nearly everybody. 2y and 2a are the same as 2b but for bugs of their time.
  {
    pattern: /^(?:bcrypt\$)?\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/,
    read: (cost, salt, tag) => ({
      derivation: { kind: 'bcrypt', cost: Number(cost), setting: `$2b$${cost}$${salt}` },
      tag: Buffer.from(tag ?? ''),
    }),
  },
  // PHC strings; Django puts a word in front.
  {
    pattern: /^(?:argon2)?(\$argon2.+)$/,
    read: (text = '') => {
      const hash = parseArgon2(text);
      return hash?.keyId === undefined ? hash : undefined;
    },
  },
  {
    pattern: new RegExp(`^\\$pbkdf2-${DIGEST}\\$(i=\\d[a-z0-9=,]{0,30})\\$${B64}\\$${B64}$`),
    read: (digest, list = '', salt, tag) => {
      const { i = '', l, ...others } = parametersOf(list);
      const hash = pbkdf2(digest, i, base64(salt), base64(tag));
      const wanted = l === undefined || Number(l) === hash.tag.length;
      return /^\d{1,9}$/.test(i) && wanted && Object.keys(others).length === 0 ? hash : undefined;
    },
  },
  // passlib
  {
    pattern: new RegExp(`^\\$pbkdf2(?:-${DIGEST})?\\$${COUNT}\\$${AB64}\\$${AB64}$`),
    read: (digest = 'sha1', rounds, salt, tag) => pbkdf2(digest, rounds, ab64(salt), ab64(tag)),
  },
  // Django
  {
    pattern: new RegExp(`^pbkdf2_${DIGEST}\\$${COUNT}\\$${TEXT}\\$${B64}$`),
    read: (digest, rounds, salt, tag) => pbkdf2(digest, rounds, Buffer.from(salt ?? ''), base64(tag)),
  },
  // Werkzeug (Flask)
  {
    pattern: new RegExp(`^pbkdf2:${DIGEST}:${COUNT}\\$${TEXT}\\$${HEX}$`),
    read: (digest, rounds, salt, tag) => pbkdf2(digest, rounds, Buffer.from(salt ?? ''), hex(tag)),
  },
  {
    pattern: new RegExp(`^scrypt:${COUNT}:${COUNT}:${COUNT}\\$${TEXT}\\$${HEX}$`),
    read: (n, r, p, salt, tag) => scrypt(Number(n), r, p, Buffer.from(salt ?? ''), hex(tag)),
  },
  // Django
  {
    pattern: new RegExp(`^scrypt\\$${COUNT}\\$${TEXT}\\$${COUNT}\\$${COUNT}\\$${B64}$`),
    read: (n, salt, r, p, tag) => scrypt(Number(n), r, p, Buffer.from(salt ?? ''), base64(tag)),
  },
  // PHC strings, passlib
  {
    pattern: new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=${COUNT},p=${COUNT}\\$${B64}\\$${B64}$`),
    read: (ln, r, p, salt, tag) => scrypt(2 ** Number(ln), r, p, base64(salt), base64(tag)),
  },
];

/** Undefined for what is in none of the forms. */
export function parseForeign(text: string): ParsedHash | undefined {
  for (const { pattern, read } of FORMS) {
    const found = pattern.exec(text);
    const parsed = found && read(...found.slice(1));
    if (parsed) return parsed;
  }
  return undefined;
}

function pbkdf2(digest: string | undefined, iterations: string | undefined, salt: Buffer, tag: Buffer) {
  const derivation = {
    kind: 'pbkdf2',
    digest: digest as Pbkdf2Derivation['digest'],
    iterations: Number(iterations),
    salt,
    length: tag.length,
  } as const;
  return { derivation, tag };
}

function scrypt(n: number, r: string | undefined, p: string | undefined, salt: Buffer, tag: Buffer) {
  const derivation = {
    kind: 'scrypt',
    n,
    blockSize: Number(r),
    lanes: Number(p),
    salt,
    length: tag.length,
  } as const;
  return { derivation, tag };
}

function base64(text = ''): Buffer {
  return Buffer.from(text, 'base64');
}

function ab64(text = ''): Buffer {
  return base64(text.replaceAll('.', '+'));
}

function hex(text = ''): Buffer {
  return Buffer.from(text, 'hex');
}
