import type { Cell } from './cells.ts';
import { median } from './load.ts';
import { isLogin } from './options.ts';
import { middle, type Results, type Row, rowOf } from './results.ts';

function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Operations a second as a part of what the baseline does in the same cell. */
function ofBaseline(results: Results, row: Row): number {
  const same = results.rows.find(
    ({ cell, server }) => server === 'baseline' && JSON.stringify(cell) === JSON.stringify(row.cell),
  );
  return same ? middle(row, 'perSecond') / middle(same, 'perSecond') : Number.NaN;
}

const SPEED = ['a second', 'of baseline', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU ms'];

function speed(results: Results, row: Row): string[] {
  const values = (['p50', 'p95', 'p99', 'cpuMs'] as const).map((value) => figure(middle(row, value)));
  return [figure(middle(row, 'perSecond')), figure(ofBaseline(results, row)), ...values];
}

function counted(row: Row): string[] {
  return (['queries', 'commits', 'signatures'] as const).map((value) => figure(middle(row, value)));
}

function loginName(cell: Cell): string {
  const method = cell.kind === 'login' ? 'otp' : cell.kind;
  return `${method}, ${cell.concurrency}${cell.notices ? ', new-browser notice on' : ''}`;
}

function loginTable(results: Results): string {
  const rows = results.rows.filter(({ cell }) => isLogin(cell.kind));
  return table(
    ['method, at once', 'server', ...SPEED, 'waiting ms', 'RSS MB', 'queries', 'commits', 'signatures'],
    rows.map((row) => [
      loginName(row.cell),
      row.server,
      ...speed(results, row),
      row.cell.concurrency === 1 ? figure(middle(row, 'waitedMs')) : '',
      figure(middle(row, 'rssMb')),
      ...counted(row),
    ]),
  );
}

function requestTable(results: Results): string {
  const rows = results.rows.filter(({ cell }) => !isLogin(cell.kind));
  return table(
    ['request, 8 at once', 'server', ...SPEED, 'queries', 'commits', 'signatures'],
    rows.map((row) => [row.cell.kind, row.server, ...speed(results, row), ...counted(row)]),
  );
}

function importTable({ imports }: Results): string {
  return table(
    [
      'users',
      'with',
      'rows/s',
      'checking s',
      'importing s',
      'peak RSS MB',
      'logins',
      'p50 ms',
      'p95 ms',
      'longest ms',
    ],
    imports.flatMap(({ kind, rows, seconds, checkingSeconds, peakRssMb, before, during }) => {
      const work = [rows / seconds, checkingSeconds, seconds - checkingSeconds, peakRssMb].map(figure);
      return [
        ['', '', '', '', '', '', 'before', ...[before.p50, before.p95, before.longest].map(figure)],
        [String(rows), kind, ...work, 'meanwhile', ...[during.p50, during.p95, during.longest].map(figure)],
      ];
    }),
  );
}

function startTable({ servers }: Results): string {
  return table(
    ['server', 'start to ready ms', 'idle RSS MB'],
    servers.map(({ name, readyMs, idleRssMb }) => [name, figure(median(readyMs)), figure(idleRssMb)]),
  );
}

interface Aim {
  what: string;
  value: number;
  limit: number;
  atLeast?: boolean;
}

function aims(results: Results): Aim[] {
  const at8 = rowOf(results, 'Sekisho', 'login');
  const at1 = rowOf(results, 'Sekisho', 'login', 1);
  const server = results.servers.find(({ name }) => name === 'Sekisho');
  if (!at8 || !at1 || !server) return [];
  return [
    {
      what: "logins at 8 at once, part of the baseline's",
      value: ofBaseline(results, at8),
      limit: 0.5,
      atLeast: true,
    },
    { what: 'CPU ms a login at 8 at once', value: middle(at8, 'cpuMs'), limit: 4.5 },
    { what: 'p95 ms of a login at 8 at once', value: middle(at8, 'p95'), limit: 60 },
    { what: 'ms of waiting for the server, a login at a time', value: middle(at1, 'waitedMs'), limit: 10 },
    { what: 'ms from start to ready', value: median(server.readyMs), limit: 1000 },
    { what: 'MB of idle RSS', value: server.idleRssMb, limit: 130 },
  ];
}

function aimTable(results: Results): string {
  return table(
    ['aim', 'limit', 'measured', 'met'],
    aims(results).map(({ what, value, limit, atLeast }) => [
      what,
      `${atLeast ? 'at least' : 'at most'} ${limit}`,
      figure(value),
      (atLeast ? value >= limit : value <= limit) ? 'yes' : 'no',
    ]),
  );
}

function conditions({ machine, pinned, options }: Results): string {
  const cores = pinned ? 'server on core 0, driver and mail sink on core 1' : 'not pinned';
  const write = `${figure(machine.fsyncMs)} ms for a write with fsync`;
  return [
    `${machine.cores} cores, ${machine.cpu}, Node ${machine.node}; ${figure(machine.signatureMs)} ms for an RS256 signature,`,
    `${figure(machine.passwordHashMs)} ms for a password hash (argon2id as the server makes it);`,
    `${cores}; database: ${options.database} on ${machine.fileSystem}, ${write}; rounds: ${options.rounds}, medians.`,
    'RSS after the cell; CPU of the whole server process; queries, commits and signatures by its own count, all per login',
    'or request.',
  ].join('\n');
}

/** The results as Markdown. */
export function report(results: Results): string {
  const has = (login: boolean): boolean => results.rows.some(({ cell }) => isLogin(cell.kind) === login);
  const parts = [conditions(results), startTable(results)];
  if (has(true)) parts.push(loginTable(results));
  if (has(false)) parts.push(requestTable(results));
  if (results.imports.length > 0) parts.push(importTable(results));
  if (aims(results).length > 0) parts.push(aimTable(results));
  return parts.join('\n\n');
}
