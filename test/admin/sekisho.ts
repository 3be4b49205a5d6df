/** Runs the `sekisho` command as its own process, with nothing in its environment but what a test sets. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { run } from '../../src/admin/commands/program.ts';

const CLI = join(import.meta.dirname, '..', '..', 'bin', 'sekisho.js');

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What it printed, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect in it
  json(): any;
}

/** @param cwd where it looks for `.env` */
export function sekisho(
  env: Readonly<Record<string, string>>,
  cwd: string,
  args: readonly string[],
): Promise<Run> {
  const options = { env: { PATH: process.env.PATH ?? '', ...env }, cwd };
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], options, (error, out, err) => {
      const code = error === null ? 0 : Number(error.code ?? -1);
      done({ code, out, err, json: () => JSON.parse(out) });
    });
  });
}

/** The same in this process, which is quicker. commander's own messages are not caught. */
export async function runHere(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Run> {
  const [out, err] = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')].map((spy) =>
    spy.mockImplementation(() => {}),
  );
  try {
    const code = await run(args, env);
    const printed = (spy: typeof out) => (spy?.mock.calls ?? []).map(([line]) => `${line}\n`).join('');
    const texts = { out: printed(out), err: printed(err) };
    return { code, ...texts, json: () => JSON.parse(texts.out) };
  } finally {
    out?.mockRestore();
    err?.mockRestore();
  }
}
