import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import knexFactory from 'knex';
import { migrations } from '../../db/migrations/index.ts';
import { openDatabase } from '../../src/database/open.ts';
import { atOnce, describeOnBothEngines } from '../support/stores.ts';

const TABLES = [
  'audit_events',
  'browsers',
  'clients',
  'contracts',
  'devices',
  'import_rows',
  'import_runs',
  'invitations',
  'keys',
  'login_attempts',
  'login_events',
  'mails',
  'one_time_codes',
  'passwords',
  'provider_models',
  'rate_limits',
  'secret_answers',
  'try_counters',
  'users',
];

describeOnBothEngines('migrations', (open, engine) => {
  const knexOf = (url: string) =>
    engine === 'postgres'
      ? knexFactory({ client: 'pg', connection: url })
      : knexFactory({
          client: 'sqlite3',
          connection: { filename: url.slice('sqlite:'.length) },
          useNullAsDefault: true,
        });

  async function tablesOf(url: string): Promise<string[]> {
    const knex = knexOf(url);
    try {
      const rows =
        engine === 'postgres'
          ? await knex('pg_tables').where({ schemaname: 'public' }).select({ name: 'tablename' })
          : await knex('sqlite_master').where({ type: 'table' }).select('name');
      const names: string[] = rows.map(({ name }) => name);
      return names.filter((name) => !/^(sqlite_|migrations)/.test(name)).sort();
    } finally {
      await knex.destroy();
    }
  }

  test('bring an empty database up to date, and do nothing the second time', async () => {
    const db = await open({ migrate: false });
    expect(await db.database.migrated()).toBe(false);
    await db.database.migrate();
    expect(await db.database.migrated()).toBe(true);
    expect(await tablesOf(db.url)).toEqual(TABLES);
    await db.database.migrate();
    expect(await db.count('migrations')).toBe(migrations.length);
  });

  test('run once when several processes start at the same time', async () => {
    const db = await open({ migrate: false });
    const others = await atOnce(3, () => openDatabase(db.url));
    await Promise.all([db.database, ...others].map((database) => database.migrate()));
    expect(await db.count('migrations')).toBe(migrations.length);
    for (const other of others) {
      expect(await other.migrated()).toBe(true);
      await other.close();
    }
  });

  test('keep what is there', async () => {
    const db = await open();
    await db.write(({ contracts }) => contracts.add({ id: 'acme', name: 'x', policy: {}, at: 1 }));
    await db.database.migrate();
    expect(await db.count('contracts')).toBe(1);
  });

  test('can be taken back', async () => {
    const db = await open();
    await db.close();
    const knex = knexOf(db.url);
    for (const migration of [...migrations].reverse()) await migration.down(knex);
    await knex.destroy();
    expect(await tablesOf(db.url)).toEqual([]);
  });
});

describe('a database that cannot be used', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sekisho-database-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const use = async (url: string) => {
    const database = await openDatabase(url);
    try {
      await database.ping();
      await database.migrate();
    } finally {
      await database.close();
    }
  };

  test('a file that is no database', async () => {
    const file = join(folder, 'text');
    await writeFile(file, 'This is a text and no database. '.repeat(100));
    await expect(use(`sqlite:${file}`)).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  test('a folder in place of a file', async () => {
    await expect(use(`sqlite:${folder}`)).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  test('a folder that cannot be made', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(use(`sqlite:${file}/sekisho.db`)).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  test('a server that does not answer', async () => {
    const url = 'postgres://nobody:secret@127.0.0.1:9/sekisho';
    await expect(use(url)).rejects.toMatchObject({ code: 'database_unavailable' });
    await expect(use(url)).rejects.not.toThrow(/secret/);
  });
});
