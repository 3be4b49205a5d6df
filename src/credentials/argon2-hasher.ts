/** Passwords and secret answers as argon2id with a key of the installation (docs/decisions/0013-passwords.md). */
import { timingSafeEqual } from 'node:crypto';
import { randomSalt } from '../secrets.ts';
import type { Argon2Derivation } from './derivation.ts';
import type { ParsedHash } from './foreign-forms.ts';
import { readForeignHash, verifyForeign } from './foreign-hash.ts';
import { hashLanes } from './hash-lanes.ts';
import type { Hasher, HashPurpose, Verification } from './hasher.ts';
import { normalPassword } from './normal-password.ts';
import { type Argon2Hash, base64, formatArgon2, parseArgon2 } from './phc-string.ts';
import { WorkFault } from './threads.ts';
import type { QueueBounds } from './work-queue.ts';

type Cost = Pick<Argon2Derivation, 'memory' | 'passes' | 'lanes'>;
/** OWASP's parameters for argon2id; about 20 ms of a core. */
const PRESENT: Cost = { memory: 19_456, passes: 2, lanes: 1 };
const SALT = 16;
const TAG = 32;

/** A key without which hashes cannot even be guessed at. */
export interface Pepper {
  readonly id: string;
  readonly key: Buffer;
}

export interface HasherOptions extends Partial<QueueBounds> {
  readonly pepper: Pepper;
  /** Of new hashes. */
  readonly cost?: Cost;
  /** Told when an imported hash cannot be computed. */
  readonly fault?: (error: Error) => void;
}

/** A hasher with threads to stop, and with its numbers for /metrics. */
export interface RunningHasher extends Hasher {
  /** Computations since start. */
  readonly computed: number;
  /** Comparisons and new hashes that wait for their turn. */
  readonly waiting: number;
  stop(): Promise<void>;
}

/** @param options bounds: see hash-lanes.ts */
export function createHasher({ pepper, cost = PRESENT, fault, ...bounds }: HasherOptions): RunningHasher {
  const lanes = hashLanes(bounds);
  // PHC strings have room for 8 bytes.
  const keyId = base64(Buffer.from(pepper.id, 'base64url').subarray(0, 8));

  const keyed = async (derivation: Argon2Derivation, purpose: HashPurpose, value: string) => {
    const ours = { ...derivation, secret: pepper.key, associatedData: Buffer.from(purpose) };
    const [hash = Buffer.alloc(0)] = await lanes.derive('ours', ours, [folded(purpose, value)]);
    return hash;
  };
  const fresh = () => ({ kind: 'argon2id', ...cost, salt: randomSalt(SALT), length: TAG }) as const;
  /** No hash to compare with: the same work for nothing. */
  const compareWithNothing = async (purpose: HashPurpose, value: string): Promise<Verification> => {
    await keyed(fresh(), purpose, value);
    return { right: false, outdated: false };
  };
  const compareWithOurs = async (purpose: HashPurpose, { derivation, tag }: Argon2Hash, value: string) => {
    const right = timingSafeEqual(await keyed(derivation, purpose, value), tag);
    return { right, outdated: right && !isOf(cost, derivation) };
  };
  /** One that cannot be computed is as good as none. */
  const compareWithForeign = (hash: ParsedHash, value: string) =>
    verifyForeign(hash, value, (...of) => lanes.derive('imported', ...of)).catch((error) => {
      if (!(error instanceof WorkFault)) throw error;
      fault?.(error);
      return compareWithNothing('password', value);
    });

  return {
    async hash(purpose, value) {
      const derivation = fresh();
      return formatArgon2({ derivation, keyId, tag: await keyed(derivation, purpose, value) });
    },
    verify(purpose, text, value) {
      const ours = parseArgon2(text ?? '');
      if (ours?.keyId === keyId) return compareWithOurs(purpose, ours, value);
      const foreign = purpose === 'password' ? readForeignHash(text ?? '') : undefined;
      if (foreign?.kind === 'hash') return compareWithForeign(foreign, value);
      return compareWithNothing(purpose, value);
    },
    get computed() {
      return lanes.computed;
    },
    get waiting() {
      return lanes.waiting;
    },
    stop: () => lanes.stop(),
  };
}

function isOf(cost: Cost, { kind, memory, passes, lanes, salt, length }: Argon2Derivation): boolean {
  const same = memory === cost.memory && passes === cost.passes && lanes === cost.lanes;
  return same && kind === 'argon2id' && salt.length === SALT && length === TAG;
}

function folded(purpose: HashPurpose, value: string): string {
  return purpose === 'password' ? normalPassword(value) : value;
}
