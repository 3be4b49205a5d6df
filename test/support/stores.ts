/** Real databases for tests of what stands on the stores: each test file runs on SQLite and on PostgreSQL. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { type Stores, type UnitOfWork, unitOfWork } from '../../src/database/stores.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';

export const ENGINES = ['sqlite', 'postgres'] as const;
export type Engine = (typeof ENGINES)[number];

export interface TestDatabase {
  readonly engine: Engine;
  /** For DATABASE_URL. */
  readonly url: string;
  readonly database: Database;
  readonly uow: UnitOfWork;
  /** One unit of work with one store, as most tests need it. */
  write<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  read<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  /** How many rows a table has. */
  count(table: string): Promise<number>;
  /** Also done after the suite. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** false: an empty database without tables. */
  readonly migrate?: boolean;
}

/** Opens a database of its own on each call. */
export type Open = (options?: OpenOptions) => Promise<TestDatabase>;

/** Runs a suite once per engine. What `open` has opened is closed and removed after it. */
export function describeOnBothEngines(name: string, suite: (open: Open, engine: Engine) => void): void {
  describe.each(ENGINES)(`${name} on %s`, (engine) => {
    const places = new Places(engine);
    afterAll(() => places.close());
    suite((options) => places.open(options), engine);
  });
}

class Places {
  readonly #engine: Engine;
  readonly #open = new Set<TestDatabase>();
  #postgres: PostgresServer | undefined;
  #folder: string | undefined;
  #count = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async open({ migrate = true }: OpenOptions = {}): Promise<TestDatabase> {
    const url = await this.#newUrl();
    const database = await openDatabase(url);
    if (migrate) await database.migrate();
    const uow = unitOfWork(database);
    const opened: TestDatabase = {
      engine: this.#engine,
      url,
      database,
      uow,
      write: uow.write,
      read: uow.read,
      count: async (table) => {
        const rows = await database.read((reader) =>
          reader.query<{ count: number }>((knex) => knex(table).count({ count: '*' })),
        );
        return rows[0]?.count ?? 0;
      },
      close: async () => {
        if (this.#open.delete(opened)) await database.close();
      },
    };
    this.#open.add(opened);
    return opened;
  }

  async close(): Promise<void> {
    for (const opened of this.#open) await opened.close();
    await this.#postgres?.close();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  async #newUrl(): Promise<string> {
    if (this.#engine === 'postgres') {
      this.#postgres ??= await startPostgres();
      return this.#postgres.newDatabase();
    }
    this.#folder ??= await mkdtemp(join(tmpdir(), 'sekisho-stores-'));
    this.#count += 1;
    return `sqlite:${join(this.#folder, `${this.#count}.db`)}`;
  }
}

/** Does the same `times` times at once. */
export function atOnce<T>(times: number, work: (number: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, number) => work(number)));
}

/** Until a transaction of PostgreSQL waits for another's lock. */
export async function someoneWaits({ database }: Pick<TestDatabase, 'database'>): Promise<void> {
  for (;;) {
    const waiting = await database.read((reader) =>
      reader.query((knex) => knex('pg_locks').where({ granted: false })),
    );
    if (waiting.length > 0) return;
  }
}
