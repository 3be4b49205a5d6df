/** Whether a database takes writes: one that answers reads may still be locked, full or read-only. */
import type { Clock } from '../clock.ts';
import { isError, SekishoError } from '../errors.ts';
import type { Database } from './database.ts';
import type { UnitOfWork } from './stores.ts';

/** What became of the last unit of work. */
export class WriteHealth {
  failed = false;

  /** Passes on what `write` gives, and notes whether the database could do it. */
  async watch<T>(write: Promise<T>): Promise<T> {
    try {
      const result = await write;
      this.failed = false;
      return result;
    } catch (error) {
      if (isError(error, 'database_unavailable')) this.failed = true;
      throw error;
    }
  }
}

/**
 * @returns throws while the database does not answer, and after a failed write until one succeeds. Where nobody comes to
 * write any more, because a load balancer heard of it, being asked makes a write of its own, for the next answer
 */
export function readiness(database: Database, uow: UnitOfWork, clock: Clock): () => Promise<void> {
  let probing = false;
  return async () => {
    await database.ping();
    if (!database.lastWriteFailed) return;
    if (!probing) {
      probing = true;
      uow
        .write(({ rates }) => rates.take('readiness', { points: 1, seconds: 60 }, clock.now()))
        // What comes of it is in lastWriteFailed.
        .catch(() => {})
        .finally(() => {
          probing = false;
        });
    }
    throw new SekishoError('database_unavailable', 'the last write failed');
  };
}
