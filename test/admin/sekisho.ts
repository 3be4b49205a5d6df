/** Runs the `sekisho` command as its own process, with nothing in its environment but what a test sets. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

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
