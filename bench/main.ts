/** `npm run bench`: complete logins and single requests against a bare oidc-provider and Sekisho, in turn. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { startBaseline } from './baseline-target.ts';
import { type Bench, type Cell, canDo, cellsOf, measure } from './cells.ts';
import { freePort } from './free-port.ts';
import { type ImportMeasured, measureImport } from './import.ts';
import { machineFacts } from './machine.ts';
import { isLogin, type Options, readOptions, USAGE } from './options.ts';
import { canPin, pinDriver } from './pinned-process.ts';
import { startPostgres } from './postgres.ts';
import { discover } from './relying-site.ts';
import { report } from './report.ts';
import { failures, type Results, type Row } from './results.ts';
import { startSekisho } from './sekisho-target.ts';
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts';
import type { Target } from './target.ts';

/** What must be stopped or removed at the end, the last first. */
const cleanUps: (() => unknown)[] = [];

async function cleanUp(): Promise<void> {
  for (const undo of cleanUps.splice(0).reverse()) await undo();
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function startTarget(name: 'baseline' | 'sekisho', options: Options, folder: string, smtpPort: number) {
  const port = await freePort();
  if (name === 'baseline') return startBaseline(folder, port, smtpPort);
  let databaseUrl = `sqlite:${join(folder, 'bench.db')}`;
  if (options.database === 'postgres') {
    const postgres = await startPostgres(options.folder);
    cleanUps.push(postgres.stop);
    databaseUrl = postgres.url;
  }
  return startSekisho({ folder, port, smtpPort, databaseUrl });
}

async function connect(target: Target, sink: SmtpSink): Promise<Bench> {
  const agent = new Agent();
  const endpoints = await discover(agent, target.issuer);
  agent.destroy();
  return { target, endpoints, sink };
}

/** Lets the servers' code get hot; what fails here would fail in every cell. */
async function warmUp(benches: Bench[], cells: Cell[], options: Options): Promise<void> {
  for (const kind of new Set(cells.map((cell) => cell.kind))) {
    for (const bench of benches.filter(({ target }) => canDo(target, { kind }))) {
      say(`warm-up: ${bench.target.name}, ${kind}`);
      const cell = { kind, concurrency: 8, count: isLogin(kind) && kind !== 'login' ? 200 : options.warmUp };
      const { failed, firstError } = await measure(bench, cell);
      if (failed > 0)
        throw new Error(`${bench.target.name}, ${kind}: ${failed} of ${cell.count} failed: ${firstError}`);
    }
  }
}

async function runRounds(benches: Bench[], cells: Cell[], rounds: number): Promise<Row[]> {
  const rows: Row[] = cells.flatMap((cell) =>
    benches
      .filter(({ target }) => canDo(target, cell))
      .map(({ target }): Row => ({ cell, server: target.name, rounds: [] })),
  );
  for (let round = 1; round <= rounds; round += 1) {
    for (const row of rows) {
      const { cell, server } = row;
      const bench = benches.find(({ target }) => target.name === server) as Bench;
      const measured = await measure(bench, cell);
      row.rounds.push(measured);
      const what = `${cell.kind} at ${cell.concurrency}${cell.notices ? ' with notice' : ''}`;
      const rate = `${measured.perSecond.toFixed(0)}/s, CPU ${measured.cpuMs.toFixed(2)} ms`;
      say(`round ${round}/${rounds}: ${server}, ${what}: ${rate}, p95 ${measured.p95.toFixed(1)} ms`);
    }
  }
  return rows;
}

/** Invitations take so much longer that a tenth of the users is enough. */
async function runImports(
  benches: Bench[],
  { importRows }: Options,
  folder: string,
): Promise<ImportMeasured[]> {
  const bench = benches.find(({ target }) => target.importing);
  if (importRows === null || !bench) return [];
  const measured: ImportMeasured[] = [];
  for (const plan of [
    { kind: 'password', rows: importRows },
    { kind: 'invitation', rows: importRows / 10 },
  ] as const) {
    say(`import: ${plan.rows} users, ${plan.kind}`);
    measured.push(await measureImport(bench, plan, folder));
  }
  return measured;
}

async function run(options: Options): Promise<Results> {
  pinDriver();
  if (!canPin) say('Neither server nor driver is pinned: that needs Linux, taskset and two cores.');
  const folder = mkdtempSync(join(options.folder, 'sekisho-bench-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const sink = await startSmtpSink();
  cleanUps.push(() => sink.close());
  const machine = await machineFacts(folder);
  const benches: Bench[] = [];
  for (const name of options.targets) {
    say(`starting ${name}`);
    const target = await startTarget(name, options, folder, sink.port);
    cleanUps.push(() => target.stop());
    benches.push(await connect(target, sink));
  }
  const cells = cellsOf(options);
  await warmUp(benches, cells, options);
  const rows = await runRounds(benches, cells, options.rounds);
  const imports = await runImports(benches, options, folder);
  const servers = benches.map(({ target: { name, readyMs, idleRssMb } }) => ({ name, readyMs, idleRssMb }));
  return { machine, pinned: canPin, options, servers, rows, imports };
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    say(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const results = await run(options).finally(cleanUp);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  console.log(report(results));
  const failed = failures(results);
  for (const line of failed) say(line);
  return failed.length > 0 ? 1 : 0;
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(status)));
}
process.exitCode = await main();
