/** The `sekisho` command as a process that can be ended while it works. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '..', '..', '..', 'bin', 'sekisho.js');

export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
}

export function startSekisho(env: Readonly<Record<string, string>>, args: readonly string[]): Child {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (piece) => {
    texts.out += piece;
  });
  child.stderr.on('data', (piece) => {
    texts.err += piece;
  });
  const ended = new Promise<Awaited<Child['ended']>>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done({ code, signal, ...texts }));
  });
  return { process: child, ended };
}
