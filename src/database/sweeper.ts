/** Deletes what has expired, in small batches, so that tables stop growing and nobody waits long for a lock. */
import { type Clock, DAY, MINUTE } from '../clock.ts';
import type { Stores, UnitOfWork } from './stores.ts';

/** Rows deleted by one transaction. */
const BATCH = 500;
/** Batches of one table in one sweep; what is left waits for the next. */
const MOST_BATCHES = 40;
const EVERY = MINUTE;

/** How long rows stay after they have ended: as long as a page may still have something to say about them. */
const KEEP = {
  attempts: DAY,
  codes: DAY,
  mails: 7 * DAY,
  tries: 30 * DAY,
  browsers: 400 * DAY,
} as const;

type Sweep = (stores: Stores, limit: number) => Promise<number>;

/** Everything that ends, as a list. @returns rows deleted */
export async function sweep(uow: UnitOfWork, clock: Clock): Promise<number> {
  const now = clock.now();
  const contracts = await uow.read((stores) => stores.contracts.list());
  const sweeps: Sweep[] = [
    ({ models }, limit) => models.sweep(now, limit),
    ({ attempts }, limit) => attempts.sweep(now - KEEP.attempts, limit),
    ({ codes }, limit) => codes.sweep(now - KEEP.codes, limit),
    ({ mails }, limit) => mails.sweep(now - KEEP.mails, limit),
    ({ tries }, limit) => tries.sweep(now - KEEP.tries, limit),
    ({ browsers }, limit) => browsers.sweep(now - KEEP.browsers, limit),
    ({ rates }, limit) => rates.sweep(now, limit),
    ({ keys }, limit) => keys.sweep(now, limit),
    ...contracts.map(
      ({ id, policy }): Sweep =>
        ({ audit }, limit) =>
          audit.sweepLogins(id, now - policy.history_days * DAY, limit),
    ),
  ];
  let deleted = 0;
  for (const each of sweeps) deleted += await inBatches(uow, each);
  return deleted;
}

async function inBatches(uow: UnitOfWork, each: Sweep): Promise<number> {
  let deleted = 0;
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const count = await uow.write((stores) => each(stores, BATCH));
    deleted += count;
    if (count < BATCH) break;
  }
  return deleted;
}

/** Sweeps every minute. @param failed told of a sweep that could not be finished @returns stops it */
export function startSweeper(
  uow: UnitOfWork,
  clock: Clock,
  failed: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => sweep(uow, clock)).catch(failed);
  }, EVERY);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
