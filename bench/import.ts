/** Imports of many users by the real command, while the server goes on logging people in. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import type { Bench } from './cells.ts';
import { login } from './driver.ts';
import { quantile } from './load.ts';
import { benchUser } from './target.ts';

export interface ImportPlan {
  /** password: with hashes from elsewhere. invitation: everybody is invited, mails planned for later. */
  readonly kind: 'password' | 'invitation';
  readonly rows: number;
}

/** Of logins one at a time. Milliseconds. */
export interface LoginTimes {
  count: number;
  p50: number;
  p95: number;
  longest: number;
}

export interface ImportMeasured extends ImportPlan {
  /** From the start of the command to its end. */
  seconds: number;
  /** From the start of the command to the acceptance of the file. */
  checkingSeconds: number;
  /** Most resident memory of the command (10^6 bytes). */
  peakRssMb: number;
  /** Logins before the import, and as many as there were during it. */
  before: LoginTimes;
  during: LoginTimes;
}

const LOGINS_BEFORE = 200;
const SAMPLE_MS = 50;

/** What the import's password hashes look like: bcrypt at cost 12, as most systems have it. They are never compared. */
const HASH = '$2b$12$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

/** @param folder takes the CSV file @throws when the import or a login fails */
export async function measureImport(bench: Bench, plan: ImportPlan, folder: string): Promise<ImportMeasured> {
  const { importing } = bench.target;
  if (!importing) throw new Error(`${bench.target.name} has no imports`);
  const file = join(folder, `import-${plan.kind}.csv`);
  writeUsers(file, plan);
  const before = await logins(bench, (count) => count < LOGINS_BEFORE);
  let runs = true;
  const start = performance.now();
  const command = importing(plan.kind, file);
  const watched = watch(command).finally(() => {
    runs = false;
  });
  const during = await logins(bench, () => runs);
  const { acceptedAt, peakRssMb, endedAt } = await watched;
  const seconds = (endedAt - start) / 1000;
  return { ...plan, seconds, checkingSeconds: (acceptedAt - start) / 1000, peakRssMb, before, during };
}

function writeUsers(file: string, { kind, rows }: ImportPlan): void {
  const out = openSync(file, 'w');
  writeSync(out, kind === 'password' ? 'user_id,email,password_hash,valid_until\r\n' : 'user_id,email\r\n');
  const more = kind === 'password' ? `,${HASH},2027/3/31` : '';
  for (let from = 0; from < rows; from += 1000) {
    const lines = Array.from({ length: Math.min(1000, rows - from) }, (_, at) => {
      const id = `i${String(from + at).padStart(6, '0')}`;
      return `${id},${id}@users.bench.example${more}\r\n`;
    });
    writeSync(out, lines.join(''));
  }
  closeSync(out);
}

/** Follows the command by what it prints and by /proc. */
function watch(command: ChildProcess): Promise<{ acceptedAt: number; endedAt: number; peakRssMb: number }> {
  let [acceptedAt, peakRssMb, said] = [Number.NaN, 0, ''];
  const timer = setInterval(() => {
    peakRssMb = Math.max(peakRssMb, peakRss(command.pid));
  }, SAMPLE_MS);
  command.stderr?.on('data', (piece) => {
    said += piece;
    if (Number.isNaN(acceptedAt) && /^imported /m.test(said)) acceptedAt = performance.now();
  });
  return new Promise((done, failed) => {
    command.once('close', (code) => {
      clearInterval(timer);
      if (code === 0) done({ acceptedAt, peakRssMb, endedAt: performance.now() });
      else failed(new Error(`the import ended with ${code}:\n${said.slice(-2000)}`));
    });
  });
}

function peakRss(pid: number | undefined): number {
  try {
    const kb = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kb ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

let browsers = 0;

/** Logins one after the other, each from a new browser. */
async function logins(
  { target, endpoints, sink }: Bench,
  goOn: (count: number) => boolean,
): Promise<LoginTimes> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  try {
    while (goOn(times.length)) {
      browsers += 1;
      const address = `10.255.${(browsers >> 8) & 255}.${browsers & 255}`;
      const user = benchUser(browsers);
      const start = performance.now();
      await login({ method: 'otp', agent, endpoints, client: target.site, sink, user, address });
      times.push(performance.now() - start);
    }
  } finally {
    agent.destroy();
  }
  times.sort((a, b) => a - b);
  const [p50, p95, longest] = [0.5, 0.95, 1].map((part) => quantile(times, part));
  return { count: times.length, p50, p95, longest } as LoginTimes;
}
