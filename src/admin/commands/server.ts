/** `serve` and `migrate`. */
import type { Command } from 'commander';
import type { Env } from './installation.ts';
import { type OutputOptions, print, withJson } from './output.ts';

export function addServerCommands(program: Command, env: Env): void {
  program
    .command('serve')
    .description('run the server until it is told to stop; brings the database up to date first')
    .action(() => serve(env));
  withJson(program.command('migrate'))
    .description('bring the database up to date; nothing happens when it is')
    .action((options: OutputOptions) => migrate(env, options));
}

async function serve(env: Env): Promise<void> {
  const { readConfig } = await import('../../config.ts');
  const { withSecrets } = await import('../../trial-secrets.ts');
  const config = await withSecrets(readConfig(env));
  const main = await import('../../main.ts');
  await main.serve(config);
}

async function migrate(env: Env, options: OutputOptions): Promise<void> {
  const { readConfig } = await import('../../config.ts');
  const { openDatabase } = await import('../../database/open.ts');
  const database = await openDatabase(readConfig(env).databaseUrl);
  try {
    await database.ping();
    const changed = !(await database.migrated());
    if (changed) await database.migrate();
    const done = changed ? 'the database is up to date now' : 'the database was up to date';
    print(options, { dialect: database.dialect, changed }, () => done);
  } finally {
    await database.close();
  }
}
