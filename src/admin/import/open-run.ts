/**
 * An import is brought to its end whatever happens to processes. Whoever works on one says so with every unit of work; one
 * that falls silent is taken over: what was not accepted is cleared away, what was accepted is imported to the last row.
 */
import { SECOND } from '../../clock.ts';
import { SekishoError } from '../../errors.ts';
import { newId } from '../../secrets.ts';
import type { AdminContext } from '../context.ts';
import { moveRows } from './move-rows.ts';
import { clearRun } from './run.ts';
import type { ImportRun, RunSettings } from './run-store.ts';

/** So long after its last sign of life an import is taken for broken off. */
const SILENCE = 30 * SECOND;

const NOTHING = {
  rows: 0,
  bad: 0,
  imported: 0,
  alreadyThere: 0,
  pastDate: 0,
  toInvite: 0,
  invited: 0,
  mails: 0,
  nextMailAt: null,
};

export interface OpenedRun {
  readonly run: ImportRun;
  /** The import before, which was broken off after it was accepted and has been completed now. */
  readonly completed: ImportRun | null;
}

/**
 * Begins an import, after one of the same contract that was broken off has been dealt with.
 * @throws SekishoError busy when another import into the contract is under way
 */
export async function openRun(
  context: AdminContext,
  contractId: string,
  settings: RunSettings,
): Promise<OpenedRun> {
  const { uow, clock } = context;
  let completed: ImportRun | null = null;
  for (;;) {
    const now = clock.now();
    const begins = { state: 'reading', aliveAt: now, movedTo: '', counts: NOTHING, createdAt: now } as const;
    const run: ImportRun = { id: newId(), contractId, holder: newId(), settings, ...begins };
    if (await uow.write(({ importRuns }) => importRuns.open(run))) return { run, completed };
    const other = await uow.read(({ importRuns }) => importRuns.ofContract(contractId));
    if (!other) continue;
    refuseWhileAlive(other, now);
    completed = (await takeOver(context, other)) ?? completed;
  }
}

function refuseWhileAlive({ contractId, aliveAt }: ImportRun, now: number): void {
  const wait = Math.ceil((aliveAt + SILENCE - now) / SECOND);
  if (wait <= 0) return;
  throw new SekishoError(
    'busy',
    `an import into contract "${contractId}" is under way; if it was broken off, try again in ${wait} s`,
  );
}

/** @returns the run if it was accepted, and is imported now; null: it was not, or another was quicker */
async function takeOver(context: AdminContext, found: ImportRun): Promise<ImportRun | null> {
  const { uow, clock } = context;
  const held = { ...found, holder: newId(), aliveAt: clock.now() };
  const mine = await uow.write(({ importRuns }) =>
    importRuns.take(found.id, found.aliveAt, held.holder, held.aliveAt),
  );
  if (!mine) return null;
  const moved = held.state === 'moving' ? await moveRows(context, held) : null;
  await clearRun(context, moved ?? held);
  return moved;
}

/** Deals with every import that fell silent. @param goOn false once it should end early */
export async function tidyImports(context: AdminContext, goOn: () => boolean = () => true): Promise<void> {
  const { uow, clock } = context;
  const silent = await uow.read(({ importRuns }) => importRuns.abandoned(clock.now() - SILENCE));
  for (const run of silent) if (goOn()) await takeOver(context, run);
}
