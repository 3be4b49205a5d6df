/** `user import` */
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Command } from 'commander';
import type { Encoding } from '../import/csv-file.ts';
import type { ImportResult } from '../import/import-users.ts';
import type { BadRow } from '../import/read-row.ts';
import { ImportProgress } from './import-progress.ts';
import type { Env } from './installation.ts';
import { fields, type OutputOptions, print, withJson } from './output.ts';

interface ImportOptions extends OutputOptions {
  readonly skipBad?: true;
  readonly dryRun?: true;
  readonly mailsPerMinute: number;
  readonly encoding?: string;
  readonly report?: string;
  readonly progress?: true;
}

/** Bad rows that are shown; all of them are in the report. */
const MOST_LINES = 20;
const MOST_IN_JSON = 1000;

export function addUserImport(group: Command, env: Env): void {
  withJson(group.command('import <contract> <file.csv>'))
    .description('create the users of a CSV file, with the passwords that they have elsewhere')
    .option('--skip-bad', 'import the good rows though there are bad ones')
    .option('--dry-run', 'check only, and say what would be')
    .option('--mails-per-minute <number>', 'how fast invitations go out; 0: none do', Number, 60)
    .option('--encoding <encoding>', 'utf-8 or shift_jis; found out if absent')
    .option('--report <file.csv>', 'write all bad rows with their reasons to a new CSV file')
    .option('--progress', 'show progress though standard error is no terminal')
    .action((contract: string, file: string, options: ImportOptions) =>
      importFile(env, contract, file, options),
    );
}

async function importFile(env: Env, contractId: string, file: string, options: ImportOptions): Promise<void> {
  // The machine's memory is no reason to let garbage pile up: it takes a third of the time more at most, and half the memory.
  (await import('node:v8')).setFlagsFromString('--optimize-for-size');
  const { withInstallation } = await import('./installation.ts');
  const { importUsers } = await import('../import/import-users.ts');
  const encoding = await readEncoding(options.encoding);
  const report = options.report === undefined ? null : await openReport(options.report);
  const shown: BadRow[] = [];
  const progress = new ImportProgress(options.progress ?? process.stderr.isTTY);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const watch = {
      bad: (row: BadRow) => {
        if (shown.length < MOST_IN_JSON) shown.push(row);
        report?.write(csvLine([String(row.line), row.userId, row.reasons.join('; ')]));
      },
      progress: progress.show,
      stop: stop.signal,
    };
    const { skipBad, dryRun, mailsPerMinute } = options;
    const input = { contractId, file, encoding, skipBad, dryRun, mailsPerMinute };
    const result = await withInstallation(env, (context) => importUsers(context, input, watch))
      .catch(inOptions)
      .finally(() => progress.end());
    await say(result, { contractId, file, options, shown });
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    report?.end();
    if (report) await once(report, 'close');
  }
}

/** Faults name what was typed. */
async function inOptions(error: unknown): Promise<never> {
  const { InputError } = await import('../input.ts');
  if (!(error instanceof InputError)) throw error;
  throw error.renamed((path) => (path === 'mailsPerMinute' ? '--mails-per-minute' : path));
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function readEncoding(given: string | undefined): Promise<Encoding | undefined> {
  if (given === undefined) return undefined;
  const { ENCODINGS } = await import('../import/csv-file.ts');
  const folded = given.toLowerCase().replace(/_|-/g, '');
  const found = ENCODINGS.find((encoding) => encoding.replace(/_|-/g, '') === folded);
  if (found) return found;
  const { SekishoError } = await import('../../errors.ts');
  throw new SekishoError('invalid_input', `--encoding: must be ${ENCODINGS.join(' or ')}`);
}

/** UTF-8 with its mark, as Excel wants it. */
async function openReport(name: string): Promise<WriteStream> {
  const report = createWriteStream(name, { flags: 'wx', mode: 0o600 });
  try {
    await once(report, 'open');
  } catch (cause) {
    const { SekishoError } = await import('../../errors.ts');
    const { code, message } = cause as NodeJS.ErrnoException;
    const said = code === 'EEXIST' ? `${name} exists already: name another` : message;
    throw new SekishoError('invalid_input', `--report: ${said}`, { cause });
  }
  report.write(`\uFEFF${csvLine(['line', 'user_id', 'reasons'])}`);
  return report;
}

/** What a program for tables would take for a formula becomes text. */
function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) => `"${cell.replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`);
  return `${quoted.join(',')}\r\n`;
}

interface Asked {
  readonly contractId: string;
  readonly file: string;
  readonly options: ImportOptions;
  /** The first bad rows. */
  readonly shown: readonly BadRow[];
}

/** @throws SekishoError invalid_input when the import was refused, or would be */
async function say(result: ImportResult, { contractId, file, options, shown }: Asked): Promise<void> {
  const { outcome, encoding, counts, completed } = result;
  const { rows, imported, alreadyThere, bad, pastDate, invited, mails, nextMailAt } = counts;
  const refused = outcome === 'refused';
  const json = {
    contract: contractId,
    file,
    encoding,
    outcome,
    rows,
    imported: refused ? 0 : imported,
    already_there: alreadyThere,
    bad,
    past_valid_until: pastDate,
    invited: refused ? 0 : invited,
    mails: refused ? 0 : mails,
    mails_until: nextMailAt === null ? null : new Date(nextMailAt).toISOString(),
    completed_before: completed && { rows: completed.rows, imported: completed.imported },
  };
  print(options, { ...json, bad_rows: shown.map(badRowJson), bad_rows_left_out: bad - shown.length }, () =>
    fields({ ...json, completed_before: completed && `${completed.imported} users` }),
  );
  if (bad === 0) return;
  if (!options.json) console.error(badLines(shown, bad));
  if (!refused && outcome !== 'checked') return;
  if (outcome === 'checked' && options.skipBad) return;
  const { SekishoError } = await import('../../errors.ts');
  const rest = 'nothing was imported; mend them, or leave them out by --skip-bad';
  throw new SekishoError('invalid_input', `${bad} of ${rows} rows are bad: ${rest}`);
}

function badRowJson({ line, userId, reasons }: BadRow) {
  return { line, user_id: userId, reasons };
}

function badLines(shown: readonly BadRow[], bad: number): string {
  const lines = shown
    .slice(0, MOST_LINES)
    .map(
      ({ line, userId, reasons }) =>
        `line ${line}${userId && ` (${printable(userId)})`}: ${reasons.join('; ')}`,
    );
  if (bad > lines.length)
    lines.push(`… and ${bad - lines.length} more bad rows: --report <file.csv> lists all`);
  return lines.join('\n');
}

function printable(text: string): string {
  return text.slice(0, 128).replace(/\p{Cc}+/gu, ' ');
}
