/**
 * The threads that compute hashes. Imported hashes may cost a hundred times as much as ours, and strangers choose how
 * many of them are compared: they have a thread and a shorter queue of their own, and nobody else waits behind them.
 */
import { availableParallelism } from 'node:os';
import { MINUTE } from '../clock.ts';
import type { Derivation } from './derivation.ts';
import type { HashJob } from './hash-thread.ts';
import { PATIENCE } from './hasher.ts';
import { startThreads } from './threads.ts';
import type { QueueBounds } from './work-queue.ts';

/** Of each thread (MB): what hashes work in lies elsewhere. */
const HEAP = 32;

export interface HashLanes {
  /** @returns a hash for each password @throws SekishoError busy, WorkFault, Error as threads.ts does */
  derive(lane: 'ours' | 'imported', derivation: Derivation, passwords: readonly string[]): Promise<Buffer[]>;
  /** Computations since start. */
  readonly computed: number;
  /** Comparisons and new hashes that wait for their turn. */
  readonly waiting: number;
  stop(): Promise<void>;
}

/** @param bounds of our own hashes: as many threads as there are cores but one, at most 4; a queue of 200 */
export function hashLanes({
  parallel = Math.max(1, Math.min(4, availableParallelism() - 1)),
  queue = 200,
  patience = PATIENCE,
}: Partial<QueueBounds>): HashLanes {
  const script = new URL('./hash-thread.ts', import.meta.url);
  const start = (bounds: QueueBounds & { idle?: number }) =>
    startThreads<HashJob, Uint8Array[]>(script, { ...bounds, patience, heap: HEAP });
  const lanes = {
    ours: start({ parallel, queue }),
    imported: start({ parallel: 1, queue: 32, idle: MINUTE }),
  };
  let computed = 0;
  return {
    async derive(lane, derivation, passwords) {
      const hashes = await lanes[lane].do({ derivation, passwords });
      computed += hashes.length;
      return hashes.map((hash) => Buffer.from(hash));
    },
    get computed() {
      return computed;
    },
    get waiting() {
      return lanes.ours.waiting + lanes.imported.waiting;
    },
    async stop() {
      await Promise.all([lanes.ours.stop(), lanes.imported.stop()]);
    },
  };
}
