/** The `sekisho` command: its groups, and what becomes of errors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../../config.ts';
import { SekishoError } from '../../errors.ts';
import { CannotOpen } from '../../secrets.ts';
import { addClientCommands } from './client.ts';
import { addContractCommands } from './contract.ts';
import type { Env } from './installation.ts';
import { addKeyCommands } from './key.ts';
import { addServerCommands } from './server.ts';
import { addUserCommands } from './user.ts';

/** All commands over these settings. Each action is loaded when it runs, so that every command starts fast. */
export function createProgram(env: Env): Command {
  const program = new Command('sekisho')
    .description('An OpenID Connect identity provider: user ID and a one-time password by e-mail.')
    .version(ownVersion(), '--version', 'print the version')
    .exitOverride()
    .showSuggestionAfterError();
  addServerCommands(program, env);
  addContractCommands(program, env);
  addClientCommands(program, env);
  addUserCommands(program, env);
  addKeyCommands(program, env);
  return program;
}

function ownVersion(): string {
  const file = join(import.meta.dirname, '../../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/**
 * Runs one command line. Refusals and faults go to standard error.
 * @param args without the program's name @returns the exit code: 0, or 1 when nothing was done
 */
export async function run(args: readonly string[], env: Env): Promise<number> {
  try {
    await createProgram(env).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    console.error(messageOf(error));
    return 1;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof CannotOpen) return `error: ${error.message}. Does SECRETS belong to this database?`;
  if (!(error instanceof SekishoError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error.code === 'database_unavailable') return `error: the database cannot be used: ${error.message}`;
  return `error: ${error.message}`;
}
