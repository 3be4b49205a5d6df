/**
 * Hashes of passwords that other systems made and that came with an import. They are compared as they are; whoever logs
 * in with one gets a hash of ours.
 */
import { timingSafeEqual } from 'node:crypto';
import { type Derivation, type Pbkdf2Derivation, type ScryptDerivation, scryptMemory } from './derivation.ts';
import { type ParsedHash, parseForeign } from './foreign-forms.ts';
import type { Verification } from './hasher.ts';
import { normalPassword } from './normal-password.ts';

export type ForeignHash =
  | ({ readonly kind: 'hash' } & ParsedHash)
  /** A sentence for administrators, without the hash. */
  | { readonly kind: 'fault'; readonly fault: string };

const MIB = 1024 * 1024;
/**
 * The costs that are taken on; a hash at the upper end takes one to three seconds of a core, and a comparison computes two
 * where the password's normal form is another.
 */
const BOUNDS = {
  /** bcrypt, as the power of two. */
  cost: { least: 4, most: 15 },
  /** PBKDF2, over all blocks of the hash. */
  iterations: { least: 1, most: 5_000_000 },
  /** scrypt and Argon2 (bytes). */
  memory: 256 * MIB,
  /** scrypt and Argon2: memory passed over, all in all (bytes). */
  passed: 2048 * MIB,
  lanes: { least: 1, most: 16 },
  /** Bytes. */
  salt: { least: 8, most: 128 },
  tag: { least: 16, most: 128 },
};
/** bcrypt looks at no more of a password (bytes). */
const BCRYPT_SEES = 72;
const LONGEST = 1000;
/** Bytes. PBKDF2 does all its iterations anew for each block of so many. */
const DIGESTS = { sha1: 20, sha256: 32, sha512: 64 };
const TOO_LONG = 'The hash takes too long to compute.';

/** Why a text cannot be kept as the hash of a password, as a sentence for administrators; null: it can. */
export function foreignHashFault(text: string): string | null {
  const read = readForeignHash(text);
  return read.kind === 'fault' ? read.fault : null;
}

export function readForeignHash(text: string): ForeignHash {
  const parsed = text.length <= LONGEST ? parseForeign(text) : undefined;
  const fault = parsed
    ? faultOf(parsed.derivation)
    : 'The hash is in none of the forms that can be read (bcrypt, PBKDF2, scrypt, Argon2 version 1.3 without a key).';
  return parsed && fault === null ? { kind: 'hash', ...parsed } : { kind: 'fault', fault: fault ?? '' };
}

/**
 * Compares with what was typed, and with its normal form where that is another: other systems may have hashed either.
 * Both are computed in one turn: told to come back between them, one would know a guess to be wrong and had it for free.
 * @param derive computes, off the event loop
 */
export async function verifyForeign(
  { derivation, tag }: ParsedHash,
  typed: string,
  derive: (derivation: Derivation, passwords: readonly string[]) => Promise<Buffer[]>,
): Promise<Verification> {
  const passwords = [...new Set([typed, normalPassword(typed)])];
  const hashes = await derive(derivation, passwords);
  for (const [index, hash] of hashes.entries()) {
    if (!timingSafeEqual(hash, tag)) continue;
    // Of a longer one bcrypt has not seen the end: a hash of ours would be of an end that may be mistyped.
    return {
      right: true,
      outdated: derivation.kind !== 'bcrypt' || Buffer.byteLength(passwords[index] ?? '') <= BCRYPT_SEES,
    };
  }
  return { right: false, outdated: false };
}

function faultOf(derivation: Derivation): string | null {
  if (derivation.kind === 'bcrypt') return outside('The cost of bcrypt', derivation.cost, BOUNDS.cost);
  const lengths =
    outside('The length of the salt (bytes)', derivation.salt.length, BOUNDS.salt) ??
    outside('The length of the hash (bytes)', derivation.length, BOUNDS.tag);
  if (lengths !== null) return lengths;
  if (derivation.kind === 'pbkdf2') return pbkdf2Fault(derivation);
  return derivation.kind === 'scrypt' ? scryptFault(derivation) : argon2Fault(derivation);
}

function pbkdf2Fault({ iterations, length, digest }: Pbkdf2Derivation): string | null {
  const fault = outside('The iterations of PBKDF2', iterations, BOUNDS.iterations);
  const all = iterations * Math.ceil(length / DIGESTS[digest]);
  return fault ?? (all > BOUNDS.iterations.most ? TOO_LONG : null);
}

function scryptFault(derivation: ScryptDerivation): string | null {
  const { n, blockSize, lanes } = derivation;
  if (n < 2 || !Number.isInteger(Math.log2(n))) return 'The cost of scrypt (N) must be a power of two.';
  if (blockSize < 1) return 'The block size of scrypt (r) must be at least 1.';
  // RFC 7914, section 2
  if (Math.log2(n) >= 16 * blockSize)
    return 'The cost of scrypt (N) must be less than two to the power of 16 r.';
  const memory = scryptMemory(derivation);
  return (
    outside('The lanes (p)', lanes, BOUNDS.lanes) ?? memoryFault(memory, 128 * n * blockSize * lanes * 2)
  );
}

function argon2Fault({ memory, passes, lanes }: Extract<Derivation, { passes: number }>): string | null {
  const faults =
    outside('The lanes (p)', lanes, BOUNDS.lanes) ?? memoryFault(memory * 1024, memory * 1024 * passes);
  if (faults !== null) return faults;
  return passes < 1 || memory < 8 * lanes ? 'Argon2 needs a pass (t) and 8 KiB (m) for each lane.' : null;
}

function memoryFault(memory: number, passed: number): string | null {
  if (memory > BOUNDS.memory) return `The hash needs more than ${BOUNDS.memory / MIB} MiB of memory.`;
  return passed > BOUNDS.passed ? TOO_LONG : null;
}

function outside(
  what: string,
  value: number,
  { least, most }: { least: number; most: number },
): string | null {
  return value < least || value > most ? `${what} must be ${least} to ${most}, and is ${value}.` : null;
}
