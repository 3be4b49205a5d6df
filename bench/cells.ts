import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type LoginPlan, login } from './driver.ts';
import { type Load, quantile, runLoad } from './load.ts';
import { isLogin, type Kind, type LoginKind, type Options } from './options.ts';
import { type Endpoints, get, post, type Tokens, tokens } from './relying-site.ts';
import type { SmtpSink } from './smtp-sink.ts';
import { benchUser, type Target } from './target.ts';

/** One line of the report: an operation at a number of workers. */
export interface Cell {
  kind: Kind;
  concurrency: number;
  count: number;
  /** Users are told about each login from a new browser. */
  notices?: boolean;
}

/** Numbers of one cell in one round. Times in milliseconds, memory in MB. */
export interface Measured {
  perSecond: number;
  p50: number;
  p95: number;
  p99: number;
  cpuMs: number;
  rssMb: number;
  /** Mean sum of request latencies of a login: what the server makes a person wait, the mail's way aside. */
  waitedMs?: number;
  noticesPerLogin?: number;
  queries?: number;
  commits?: number;
  signatures?: number;
  failed: number;
  firstError?: string;
}

/** A target with what the driver needs to use it. */
export interface Bench {
  target: Target;
  endpoints: Endpoints;
  sink: SmtpSink;
}

/** Time for a server to finish what it put off (mail states, log lines) before the next cell begins. */
const SETTLE_MS = 300;

/** The cells of a run, in order. */
export function cellsOf({ kinds, logins, requests }: Options): Cell[] {
  const cells: Cell[] = [];
  for (const kind of kinds) {
    if (!isLogin(kind)) {
      cells.push({ kind, concurrency: 8, count: requests });
      continue;
    }
    if (kind !== 'login') {
      cells.push({ kind, concurrency: 1, count: Math.ceil(logins / 12) });
      cells.push({ kind, concurrency: 8, count: Math.ceil(logins / 2) });
      continue;
    }
    cells.push({ kind, concurrency: 1, count: Math.ceil(logins / 6) });
    cells.push({ kind, concurrency: 8, count: logins });
    cells.push({ kind, concurrency: 32, count: logins });
    cells.push({ kind, concurrency: 8, count: logins, notices: true });
  }
  return cells;
}

let browsers = 0;

/** A login of the next user from a browser at an address of its own. */
function nextLogin(
  agent: Agent,
  { endpoints, sink }: Bench,
  client: Target['site'],
  method: LoginPlan['method'] = 'otp',
) {
  browsers += 1;
  const address = `10.${(browsers >> 16) & 255}.${(browsers >> 8) & 255}.${browsers & 255}`;
  return login({ method, agent, endpoints, client, sink, user: benchUser(browsers), address });
}

function siteFor(target: Target, kind: LoginKind, notices = false): Target['site'] {
  if (kind === 'login') return notices ? (target.noticeSite ?? target.site) : target.site;
  const site = target.passwordSites?.[kind];
  if (!site) throw new Error(`${target.name} has no logins by ${kind}`);
  return site;
}

/** Whether a server can do what a cell measures. */
export function canDo(target: Target, { kind }: Pick<Cell, 'kind'>): boolean {
  return kind === 'login' || !isLogin(kind) || target.passwordSites !== undefined;
}

/** What one worker does again and again in a cell. */
async function operation(agent: Agent, bench: Bench, cell: Cell, waited: number[]) {
  const { target, endpoints } = bench;
  const { kind } = cell;
  if (isLogin(kind)) {
    const method = kind === 'login' ? 'otp' : kind;
    const client = siteFor(target, kind, cell.notices);
    return async () => {
      waited.push((await nextLogin(agent, bench, client, method)).waitedMs);
    };
  }
  const { service } = target;
  const chains: Tokens[] = [];
  for (let worker = 0; worker < cell.concurrency; worker += 1) {
    chains.push((await nextLogin(agent, bench, service)).tokens);
  }
  const chain = (worker: number): Tokens => chains[worker] as Tokens;
  const operations: Record<Exclude<Kind, LoginKind>, (worker: number) => Promise<unknown>> = {
    refresh: async (worker) => {
      const refresh = { grant_type: 'refresh_token', refresh_token: chain(worker).refresh_token ?? '' };
      const old = refresh.refresh_token;
      chains[worker] = await tokens(agent, endpoints, service, refresh);
      if (chain(worker).refresh_token === old) throw new Error('the refresh token was not rotated');
    },
    client_credentials: () => post(agent, endpoints.token, service, { grant_type: 'client_credentials' }),
    userinfo: (worker) => get(agent, endpoints.userinfo, chain(worker).access_token),
    introspection: async (worker) => {
      const { body } = await post(agent, endpoints.introspection, service, {
        token: chain(worker).access_token,
      });
      if (!body.includes('"active":true')) throw new Error(`introspection says ${body}`);
    },
    discovery: () => get(agent, endpoints.discovery),
  };
  return async (worker: number) => {
    await operations[kind](worker);
  };
}

/** Runs a cell once against one target. */
export async function measure(bench: Bench, cell: Cell): Promise<Measured> {
  const { target, sink } = bench;
  const agent = new Agent({ keepAlive: true, maxSockets: cell.concurrency });
  try {
    const waited: number[] = [];
    const run = await operation(agent, bench, cell, waited);
    await pause(SETTLE_MS);
    const [counted, notices, cpu] = [await target.counters(), sink.accepted.notices, target.process.cpuMs()];
    const load = await runLoad(cell.count, cell.concurrency, run);
    await pause(SETTLE_MS);
    const cpuMs = target.process.cpuMs() - cpu;
    const countedAfter = await target.counters();
    const per = (before = 0, after = 0): number => (after - before) / load.done;
    return {
      ...times(load),
      cpuMs: cpuMs / load.done,
      rssMb: target.process.rssMb(),
      ...(waited.length > 0 ? { waitedMs: waited.reduce((sum, ms) => sum + ms, 0) / waited.length } : {}),
      ...(cell.notices ? { noticesPerLogin: per(notices, sink.accepted.notices) } : {}),
      ...(counted && countedAfter
        ? {
            queries: per(counted.queries, countedAfter.queries),
            commits: per(counted.commits, countedAfter.commits),
            signatures: per(counted.signatures, countedAfter.signatures),
          }
        : {}),
    };
  } finally {
    agent.destroy();
  }
}

function times(load: Load) {
  return {
    perSecond: (load.done / load.elapsedMs) * 1000,
    p50: quantile(load.latencies, 0.5),
    p95: quantile(load.latencies, 0.95),
    p99: quantile(load.latencies, 0.99),
    failed: load.failed,
    ...(load.firstError === undefined ? {} : { firstError: load.firstError }),
  };
}
