import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Core of the server under test, and core of driver and mail sink. */
const SERVER_CORE = 0;
const DRIVER_CORE = 1;

/** Linux counts CPU time of processes in hundredths of a second (USER_HZ). */
const MS_PER_TICK = 10;

export const canPin =
  process.platform === 'linux' &&
  availableParallelism() > DRIVER_CORE &&
  spawnSync('taskset', ['--version']).status === 0;

/** Pins this process and all its threads to the driver's core. */
export function pinDriver(): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(DRIVER_CORE), String(process.pid)]);
}

export interface Start {
  /** Arguments of this same Node. */
  args: string[];
  env: Record<string, string>;
  /** File that takes what the server prints. */
  log: string;
  cwd: string;
  /** Answers 2xx once the server is ready. */
  readyUrl: string;
}

const READY_TIMEOUT_MS = 30_000;

/** A server process on its own core. */
export class PinnedProcess {
  readonly #child: ChildProcess;
  readonly pid: number;
  /** From spawn to the first good answer of `readyUrl`. */
  readonly readyMs: number;

  private constructor(child: ChildProcess, pid: number, readyMs: number) {
    this.#child = child;
    this.pid = pid;
    this.readyMs = readyMs;
  }

  /** Starts the server and waits until it is ready; throws with the log's end when it is not within half a minute. */
  static async start({ args, env, log, cwd, readyUrl }: Start): Promise<PinnedProcess> {
    const command = canPin
      ? ['taskset', '-c', String(SERVER_CORE), process.execPath, ...args]
      : [process.execPath, ...args];
    const output = openSync(log, 'a');
    const start = performance.now();
    const child = spawn(command[0] ?? '', command.slice(1), {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', output, output],
    });
    while (
      performance.now() - start < READY_TIMEOUT_MS &&
      child.exitCode === null &&
      child.pid !== undefined
    ) {
      if (await answers(readyUrl)) return new PinnedProcess(child, child.pid, performance.now() - start);
      await pause(5);
    }
    child.kill('SIGKILL');
    throw new Error(`${args.join(' ')} did not become ready:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  }

  /** CPU time of all threads since the start, in milliseconds. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  }

  /** Resident memory in MB (10^6 bytes). */
  rssMb(): number {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return (Number(kb) * 1024) / 1e6;
  }

  /** Asks the process to end, and makes it after five seconds. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { headers: { connection: 'close' } });
    return ok;
  } catch {
    return false;
  }
}
