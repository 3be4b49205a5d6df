/** Makes users of the rows of an accepted import: some at a time, so that nobody's login waits for it. */
import { mailBudgetPrefix } from '../../credentials/account-scope.ts';
import type { Stores } from '../../database/stores.ts';
import { type AdminContext, record } from '../context.ts';
import { inviteImported } from './invite-imported.ts';
import type { Chunk } from './row-store.ts';
import { inTurns, keep } from './run.ts';
import type { ImportRun, RunCounts } from './run-store.ts';

/** Users of one unit of work. One with an invitation takes ten statements, the others share theirs. */
const USERS = 2000;
const USERS_WITH_MAILS = 250;

/** @param moved told after every step @returns the run, with nothing left of it but to clear away @throws SekishoError busy */
export async function moveRows(
  context: AdminContext,
  accepted: ImportRun,
  moved: (run: ImportRun) => void = () => {},
): Promise<ImportRun> {
  let run = accepted;
  while (run.state === 'moving') {
    const before = run;
    run = await inTurns(() => context.uow.write((stores) => moveSome(stores, context, before)));
    moved(run);
  }
  return run;
}

/** Inside a unit of work: moves the next rows, or notes that there are none. */
async function moveSome(stores: Stores, context: AdminContext, run: ImportRun): Promise<ImportRun> {
  const now = context.clock.now();
  const size = run.counts.toInvite > 0 ? USERS_WITH_MAILS : USERS;
  const to = await stores.importRows.endOfChunk(run.id, run.movedTo, size);
  if (to === null) return end(stores, context, { ...run, aliveAt: now });
  const chunk: Chunk = { runId: run.id, after: run.movedTo, to };
  const imported = await stores.importRows.moveUsers(chunk, run.contractId, now);
  await stores.importRows.moveBelongings(chunk, now);
  await forgetTries(stores, chunk);
  const counts = await inviteImported(stores, context, run, chunk);
  const next = {
    ...run,
    aliveAt: now,
    movedTo: to,
    counts: { ...counts, imported: counts.imported + imported },
  };
  await keep(stores, next);
  return next;
}

/** Strangers may have tried these user IDs before they existed; that is not held against their owners. */
async function forgetTries({ importRows, tries, rates }: Stores, chunk: Chunk): Promise<void> {
  for (const account of await importRows.tried(chunk)) {
    await tries.clearAccount(account);
    await rates.clearAll(mailBudgetPrefix(account));
  }
}

async function end(stores: Stores, context: AdminContext, run: ImportRun): Promise<ImportRun> {
  const { rows, bad, imported } = run.counts;
  const counts: RunCounts = { ...run.counts, alreadyThere: rows - bad - imported };
  const ended: ImportRun = { ...run, state: 'clearing', counts };
  await keep(stores, ended);
  const { nextMailAt: _, toInvite: __, pastDate: ___, alreadyThere, ...rest } = counts;
  await record(
    stores,
    { ...context, actor: run.settings.actor },
    {
      action: 'user.import',
      contractId: run.contractId,
      subject: run.id,
      details: { ...rest, already_there: alreadyThere, mails_per_minute: run.settings.mailsPerMinute },
    },
  );
  return ended;
}
