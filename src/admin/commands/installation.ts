/** What a command works on: the database that the settings name, brought up to date. */
import { systemClock } from '../../clock.ts';
import { type Config, readConfig } from '../../config.ts';
import { openDatabase } from '../../database/open.ts';
import { unitOfWork } from '../../database/stores.ts';
import { Secrets } from '../../secrets.ts';
import { withSecrets } from '../../trial-secrets.ts';
import type { AdminContext } from '../context.ts';

/** Environment variables. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Does `work` and closes the database, whatever comes of it. @throws ConfigError, SekishoError */
export async function withInstallation<T>(
  env: Env,
  work: (context: AdminContext, config: Config) => Promise<T>,
): Promise<T> {
  const config = await withSecrets(readConfig(env));
  const database = await openDatabase(config.databaseUrl);
  try {
    await database.ping();
    if (!(await database.migrated())) await database.migrate();
    const uow = unitOfWork(database);
    const secrets = new Secrets(config.secrets);
    const context = { uow, clock: systemClock, secrets, installation: config, actor: 'command' };
    return await work(context, config);
  } finally {
    await database.close();
  }
}
