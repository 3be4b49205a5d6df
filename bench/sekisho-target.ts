import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LoginMethod } from '../src/contracts/login-methods.ts';
import type { PolicyInput } from '../src/contracts/policy.ts';
import { PinnedProcess } from './pinned-process.ts';
import { type Client, REDIRECT_URI } from './relying-site.ts';
import { seedUsers } from './seed.ts';
import { benchUsers, type Counters, type Target } from './target.ts';

const ROOT = join(import.meta.dirname, '..');
const CLI = join(ROOT, 'bin', 'sekisho.js');
const STARTS = 3;
const IDLE_MS = 2000;
const SERVICE_GRANTS = ['authorization_code', 'refresh_token', 'client_credentials'];

export interface Place {
  /** Takes data, policies and the log. */
  folder: string;
  port: number;
  smtpPort: number;
  databaseUrl: string;
}

type Environment = Record<string, string>;

function environment({ folder, port, smtpPort, databaseUrl }: Place): Environment {
  return {
    ISSUER: `http://127.0.0.1:${port}`,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    DATA_DIR: folder,
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    MAIL_FROM: 'login@bench.example',
    SECRETS: randomBytes(32).toString('base64url'),
    TRUST_PROXY: '1',
  };
}

async function command(env: Environment, ...args: string[]): Promise<string> {
  const options = { cwd: ROOT, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } };
  return (await promisify(execFile)(process.execPath, [CLI, ...args], options)).stdout;
}

/** Starts `user import`, with its progress on standard error. Mails are planned for hours to come. */
function startImport(env: Environment, kind: 'password' | 'invitation', file: string): ChildProcess {
  const args = [CLI, 'user', 'import', `import-${kind}`, file, '--mails-per-minute', '1', '--progress'];
  const options = { cwd: ROOT, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } };
  return spawn(process.execPath, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
}

/**
 * Limits as a contract of this many logins would set them. Those per address stand: each browser has an address of its
 * own.
 */
function policy(newBrowserNotice: boolean): PolicyInput {
  return {
    code: { mails_per_hour: 100 },
    notices: { new_browser: newBrowserNotice },
    rates: { code_requests_per_contract: { points: 1_000_000, seconds: 600 } },
  };
}

async function createContract(
  env: Environment,
  folder: string,
  id: string,
  rules: PolicyInput,
): Promise<void> {
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify(rules));
  await command(env, 'contract', 'create', id, '--name', 'Bench', '--policy', file);
}

async function createClient(env: Environment, contract: string, grants: string[]): Promise<Client> {
  const grantTypes = grants.flatMap((grant) => ['--grant-type', grant]);
  const args = ['--name', 'Site', '--redirect-uri', REDIRECT_URI, ...grantTypes, '--json'];
  const { client_id, client_secret } = JSON.parse(await command(env, 'client', 'create', contract, ...args));
  return { id: client_id, secret: client_secret };
}

async function setUp(env: Environment, { folder }: Place) {
  await command(env, 'migrate');
  await createContract(env, folder, 'bench', policy(false));
  await createContract(env, folder, 'bench-notice', policy(true));
  await createContract(env, folder, 'import-password', { login_methods: ['password'] });
  await createContract(env, folder, 'import-invitation', {});
  const site = await createClient(env, 'bench', ['authorization_code']);
  const noticeSite = await createClient(env, 'bench-notice', ['authorization_code']);
  const service = await createClient(env, 'bench', SERVICE_GRANTS);
  const passwordSites = {
    password: await passwordSite(env, folder, 'password'),
    'password+otp': await passwordSite(env, folder, 'password+otp'),
  };
  await seedUsers(env, ['bench', 'bench-notice'], benchUsers(), 'otp');
  for (const method of ['password', 'password+otp'] as const) {
    await seedUsers(env, [contractOf(method)], benchUsers(), method);
  }
  return { site, noticeSite, service, passwordSites };
}

function contractOf(method: LoginMethod): string {
  return `bench-${method.replace('+', '-')}`;
}

/** A contract whose users all log in by this method, and its site. */
async function passwordSite(env: Environment, folder: string, method: LoginMethod): Promise<Client> {
  const contract = contractOf(method);
  await createContract(env, folder, contract, { ...policy(false), login_methods: [method] });
  return createClient(env, contract, ['authorization_code']);
}

/** Sum of a counter over its labels in Prometheus' text format. */
function counter(metrics: string, name: string): number {
  const lines = metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'));
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

async function readCounters(issuer: string): Promise<Counters> {
  const answer = await fetch(`${issuer}/metrics`);
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  const metrics = await answer.text();
  return {
    queries: counter(metrics, 'sekisho_db_queries_total'),
    commits: counter(metrics, 'sekisho_db_commits_total'),
    signatures: counter(metrics, 'sekisho_signatures_total'),
  };
}

/** Sets Sekisho up by its own commands, starts it a few times to see how long that takes, and leaves it running. */
export async function startSekisho(place: Place): Promise<Target> {
  const env = environment(place);
  const issuer = `http://127.0.0.1:${place.port}`;
  const clients = await setUp(env, place);
  const serve = () =>
    PinnedProcess.start({
      args: [CLI, 'serve'],
      cwd: ROOT,
      env,
      log: join(place.folder, 'sekisho.log'),
      readyUrl: `${issuer}/readyz`,
    });
  const readyMs: number[] = [];
  let running = await serve();
  readyMs.push(running.readyMs);
  while (readyMs.length < STARTS) {
    await running.stop();
    running = await serve();
    readyMs.push(running.readyMs);
  }
  await pause(IDLE_MS);
  return {
    name: 'Sekisho',
    issuer,
    process: running,
    ...clients,
    importing: (kind, file) => startImport(env, kind, file),
    idleRssMb: running.rssMb(),
    readyMs,
    counters: () => readCounters(issuer),
    stop: () => running.stop(),
  };
}
