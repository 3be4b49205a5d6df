/** What every unit of work of an import does beside its own work. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Stores } from '../../database/stores.ts';
import { SekishoError } from '../../errors.ts';
import type { AdminContext } from '../context.ts';
import type { ImportRun } from './run-store.ts';

/** Rows deleted by one unit of work. */
const CLEAR = 5000;
/** The longest pause (ms). */
const LONGEST = 100;

/**
 * Does something that holds up other writers, and lets them write for as long: SQLite has one writer, and whoever waits for
 * it looks again less and less often, after 100 ms at most.
 */
export async function inTurns<T>(work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  await pause(Math.min(LONGEST, performance.now() - start));
  return result;
}

/** Inside a unit of work: notes where a run is, and that its process lives. @throws SekishoError busy when it is another's */
export async function keep({ importRuns }: Stores, run: ImportRun): Promise<void> {
  if (await importRuns.save(run)) return;
  throw new SekishoError(
    'busy',
    'this import stood still for so long that it was taken for broken off, and was ended',
  );
}

/** Deletes what is kept aside, and the run last. Nothing more is imported of it. */
export async function clearRun({ uow, clock }: AdminContext, run: ImportRun): Promise<void> {
  for (;;) {
    const deleted = await inTurns(() =>
      uow.write(async (stores) => {
        await keep(stores, { ...run, state: 'clearing', aliveAt: clock.now() });
        return stores.importRows.clear(run.id, CLEAR);
      }),
    );
    if (deleted < CLEAR) break;
  }
  await uow.write(({ importRuns }) => importRuns.close(run.id));
}
