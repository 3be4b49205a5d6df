/** Deletes what has expired, in small batches, so that tables stop growing and nobody waits long for a lock. */
import { type Clock, DAY } from '../clock.ts';
import { startRounds, within } from './rounds.ts';
import type { Stores, UnitOfWork } from './stores.ts';

/** Rows deleted by one transaction. */
const BATCH = 500;

/** How long rows stay after they have ended: as long as a page may still have something to say about them. */
const KEEP = {
  attempts: DAY,
  codes: DAY,
  mails: 7 * DAY,
  tries: 30 * DAY,
  browsers: 400 * DAY,
  invitations: 30 * DAY,
} as const;

type Sweep = (stores: Stores, limit: number) => Promise<number>;

/**
 * Deletes all that has ended, however much it is: tables in turn, a batch each, until none has a full batch left.
 * @param goOn false once the sweep should end early @returns rows deleted
 */
export async function sweep(uow: UnitOfWork, clock: Clock, goOn: () => boolean = within()): Promise<number> {
  let deleted = 0;
  let left = await allSweeps(uow, clock.now());
  while (left.length > 0) {
    const unfinished: Sweep[] = [];
    for (const each of left) {
      if (!goOn()) return deleted;
      const count = await uow.write((stores) => each(stores, BATCH));
      deleted += count;
      if (count >= BATCH) unfinished.push(each);
    }
    left = unfinished;
  }
  return deleted;
}

/** Everything that ends, as a list. */
async function allSweeps(uow: UnitOfWork, now: number): Promise<Sweep[]> {
  const contracts = await uow.read((stores) => stores.contracts.list());
  return [
    ({ models }, limit) => models.forget(now, limit),
    ({ models }, limit) => models.sweep(now, limit),
    ({ attempts }, limit) => attempts.sweep(now - KEEP.attempts, limit),
    ({ codes }, limit) => codes.sweep(now - KEEP.codes, limit),
    ({ mails }, limit) => mails.sweep(now - KEEP.mails, limit),
    ({ tries }, limit) => tries.sweep(now - KEEP.tries, limit),
    ({ browsers }, limit) => browsers.sweep(now - KEEP.browsers, limit),
    ({ invitations }, limit) => invitations.sweep(now - KEEP.invitations, limit),
    ({ rates }, limit) => rates.sweep(now, limit),
    ({ keys }, limit) => keys.sweep(now, limit),
    ...contracts.map(
      ({ id, policy }): Sweep =>
        ({ audit }, limit) =>
          audit.sweepLogins(id, now - policy.history_days * DAY, limit),
    ),
  ];
}

/** Sweeps every minute. @param failed told of a sweep that could not be finished @returns stops it */
export function startSweeper(
  uow: UnitOfWork,
  clock: Clock,
  failed: (error: unknown) => void,
): () => Promise<void> {
  return startRounds((goOn) => sweep(uow, clock, goOn), failed);
}
