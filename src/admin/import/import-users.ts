/** Imports users from a CSV file: all of them or, when a row is bad, none; unless it is told to leave the bad ones out. */
import type { Contract } from '../../contracts/contract.ts';
import { SekishoError } from '../../errors.ts';
import { administratorAddresses } from '../../notices/invitation-mails.ts';
import type { AdminContext } from '../context.ts';
import { showContract } from '../find-contract.ts';
import { InputError } from '../input.ts';
import { type CsvFile, type Encoding, openCsv } from './csv-file.ts';
import { type Kept, keepRows } from './keep-rows.ts';
import { moveRows } from './move-rows.ts';
import { openRun } from './open-run.ts';
import type { BadRow, GoodRow } from './read-row.ts';
import { readRows } from './read-rows.ts';
import { clearRun, keep } from './run.ts';
import type { ImportRun, RunCounts } from './run-store.ts';

const MOST_MAILS = 10_000;

export interface ImportInput {
  readonly contractId: string;
  readonly file: string;
  /** Absent: found out. */
  readonly encoding?: Encoding | undefined;
  /** Import the good rows though there are bad ones. */
  readonly skipBad?: boolean | undefined;
  /** Check only. */
  readonly dryRun?: boolean | undefined;
  /** At most so many invitations a minute; 0: none are mailed, the operator invites later. */
  readonly mailsPerMinute: number;
}

export interface ImportWatch {
  bad(row: BadRow): void;
  /** @param done of the step, 0 to 1 @param rows of the file so far, or users so far */
  progress(step: 'checking' | 'importing', done: number, rows: number): void;
  /** Whether to stop; heeded until the import is accepted. */
  readonly stop?: AbortSignal;
}

export interface ImportResult {
  /** `refused`: there are bad rows, and nothing was changed. `checked`: nothing was to be changed. */
  readonly outcome: 'imported' | 'refused' | 'checked';
  readonly encoding: Encoding;
  /** Of a check what would be, mails included. */
  readonly counts: RunCounts;
  /** An import that was broken off after it was accepted, and has been completed before this one. */
  readonly completed: RunCounts | null;
}

/** @throws SekishoError not_found; invalid_input when the file as a whole cannot be used; busy */
export async function importUsers(
  context: AdminContext,
  input: ImportInput,
  watch: ImportWatch,
): Promise<ImportResult> {
  const { contractId, mailsPerMinute, skipBad = false, dryRun = false } = input;
  const { contract } = await showContract(context, contractId);
  refuseRate(mailsPerMinute);
  const csv = await openCsv(input.file, input.encoding);
  const settings = { actor: context.actor, mailsPerMinute };
  const { run, completed } = await openRun(context, contractId, settings);
  const result = { encoding: csv.encoding, completed: completed?.counts ?? null };
  const kept = await keepFile(context, csv, contract, run, watch).catch(async (error) => {
    await clearRun(context, run).catch(() => {});
    throw watch.stop?.aborted ? new SekishoError('invalid_input', 'stopped; nothing was imported') : error;
  });
  const refused = kept.counts.bad > 0 && !skipBad;
  if (refused || dryRun) {
    await clearRun(context, kept);
    return { outcome: refused ? 'refused' : 'checked', counts: kept.counts, ...result };
  }
  const moved = await accept(context, kept, watch);
  return { outcome: 'imported', counts: moved.counts, ...result };
}

/** Checks all rows and keeps them aside. @returns the run with what was counted */
async function keepFile(
  context: AdminContext,
  csv: CsvFile,
  contract: Contract,
  run: ImportRun,
  watch: ImportWatch,
): Promise<ImportRun> {
  const timeZone = contract.policy.time_zone ?? context.installation.timeZone;
  let kept = run;
  let bytes = 0;
  const rows = readRows(csv, contract, timeZone, (read) => {
    bytes = read;
  });
  for await (const some of rows) {
    watch.stop?.throwIfAborted();
    const now = await keepRows(context, kept, some);
    kept = { ...kept, counts: added(kept, now, some.length, contract, context.clock.now()) };
    for (const row of now.bad) watch.bad(row);
    watch.progress('checking', bytes / csv.size, kept.counts.rows);
  }
  watch.stop?.throwIfAborted();
  refuseUndeliverable(contract, kept.counts);
  return kept;
}

/** From here on the rows become users, whatever happens to this process. */
async function accept(context: AdminContext, kept: ImportRun, watch: ImportWatch): Promise<ImportRun> {
  const { imported: fresh, invited: toInvite } = kept.counts;
  const counts = { ...kept.counts, imported: 0, alreadyThere: 0, toInvite, invited: 0, mails: 0 };
  const accepted: ImportRun = { ...kept, state: 'moving', aliveAt: context.clock.now(), counts };
  await context.uow.write((stores) => keep(stores, accepted));
  const moved = await moveRows(context, accepted, ({ counts: { imported } }) =>
    watch.progress('importing', fresh === 0 ? 1 : imported / fresh, imported),
  ).catch((cause: Error) => {
    const rest = 'a running server, or the next import into the contract, completes it';
    throw new SekishoError('busy', `the import was accepted and then broken off: ${cause.message}; ${rest}`, {
      cause,
    });
  });
  // What is left then is cleared away by the next who looks.
  await clearRun(context, moved).catch(() => {});
  return moved;
}

function refuseRate(mailsPerMinute: number): void {
  if (Number.isInteger(mailsPerMinute) && mailsPerMinute >= 0 && mailsPerMinute <= MOST_MAILS) return;
  const message = `must be a whole number from 0 to ${MOST_MAILS}`;
  throw new InputError('import', [{ path: 'mailsPerMinute', message }]);
}

/** Users whose invitation only an administrator could hand over, while nobody would get it. */
function refuseUndeliverable(contract: Contract, { invited, mails }: RunCounts): void {
  if (invited === 0 || mails === 0 || contract.policy.registration.delivery !== 'administrator') return;
  if (administratorAddresses(contract).length > 0) return;
  throw new SekishoError(
    'invalid_input',
    'the contract hands invitations to its administrator, and its policy names no address for that ' +
      '(administrator.emails): set one, or import with --mails-per-minute 0 and invite one by one',
  );
}

function added(
  { counts, settings }: ImportRun,
  kept: Kept,
  rows: number,
  contract: Contract,
  now: number,
): RunCounts {
  const lasting = kept.fresh.filter(({ validUntil }) => validUntil === null || validUntil > now);
  const invited = settings.mailsPerMinute > 0 ? lasting.filter(({ state }) => state === 'invited') : [];
  return {
    ...counts,
    rows: counts.rows + rows,
    bad: counts.bad + kept.bad.length,
    imported: counts.imported + kept.fresh.length,
    alreadyThere: counts.alreadyThere + kept.alreadyThere,
    pastDate: counts.pastDate + kept.fresh.length - lasting.length,
    invited: counts.invited + invited.length,
    mails: counts.mails + invited.reduce((sum, row) => sum + mailsTo(row, contract), 0),
  };
}

/** As notices/invitation-mails.ts makes them. */
function mailsTo({ devices }: GoodRow, contract: Contract): number {
  switch (contract.policy.registration.delivery) {
    case 'one_mail':
      return devices.length;
    case 'two_mails':
      return 2 * devices.length;
    case 'administrator':
      return devices.length + administratorAddresses(contract).length;
  }
}
