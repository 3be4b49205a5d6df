/** Runs the migrations of db/ through knex, on a connection of their own. */
import knexFactory, { type Knex } from 'knex';
import { migrations } from '../../db/migrations/index.ts';
import { SekishoError } from '../errors.ts';

/** One number for all installations: the lock under which PostgreSQL lets one process migrate at a time. */
const LOCK = 736_551;
const TABLE = { tableName: 'migrations' };

const migrationSource: Knex.MigrationSource<(typeof migrations)[number]> = {
  getMigrations: async () => [...migrations],
  getMigrationName: (migration) => migration.name,
  getMigration: async (migration) => migration,
};

/** Brings the tables up to date; others that start at the same time wait. */
export async function migrateWith(config: Knex.Config): Promise<void> {
  await using(config, async (knex) => {
    if (config.client !== 'pg') await knex.raw('pragma busy_timeout = 10000');
    await knex.transaction(async (transaction) => {
      if (config.client === 'pg') await transaction.raw('select pg_advisory_xact_lock(?)', [LOCK]);
      // A write, so that SQLite lets one process in from here on; a read first could not be made a write later.
      else await transaction.raw('pragma user_version = 1');
      await transaction.migrate.latest({ migrationSource, ...TABLE });
    });
  });
}

/** Whether nothing is left to migrate. */
export async function migratedWith(config: Knex.Config): Promise<boolean> {
  return using(config, async (knex) => {
    if (!(await knex.schema.hasTable(TABLE.tableName))) return false;
    const done = await knex(TABLE.tableName).select('name');
    const names = new Set(done.map(({ name }) => name));
    return migrations.every(({ name }) => names.has(name));
  });
}

async function using<T>(config: Knex.Config, work: (knex: Knex) => Promise<T>): Promise<T> {
  const knex = knexFactory({ ...config, pool: { min: 0, max: 1 } });
  try {
    return await work(knex);
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? '';
    if (
      /^(ECONN|ENOTFOUND|28|3D000|08|SQLITE_CANTOPEN|SQLITE_NOTADB)/.test(code) ||
      cause instanceof AggregateError
    ) {
      throw new SekishoError('database_unavailable', (cause as Error).message || code, { cause });
    }
    throw cause;
  } finally {
    await knex.destroy();
  }
}
