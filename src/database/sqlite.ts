/** SQLite through sqlite3: one connection that writes in groups, one that reads, both with their statements prepared. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import knexFactory, { type Knex } from 'knex';
import sqlite3 from 'sqlite3';
import { SekishoError } from '../errors.ts';
import type { Counters, Database, Reader, Writer } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { migratedWith, migrateWith } from './migrate.ts';
import { WriteHealth } from './readiness.ts';
import { type Compiled, compile, type Params, type Statement, toNative } from './statement.ts';

type Row = Record<string, unknown>;

/**
 * synchronous=FULL: a commit in WAL mode is flushed before it is acknowledged, so a power cut takes back nothing that a
 * user or a site was told (docs/decisions/0002-durable-commits-in-groups.md).
 */
const PRAGMAS = [
  'pragma busy_timeout = 5000',
  'pragma journal_mode = wal',
  'pragma synchronous = full',
  'pragma foreign_keys = on',
  'pragma temp_store = memory',
  // The log grows to 32 MiB before it is copied into the database: a page that many logins change is copied once.
  'pragma wal_autocheckpoint = 8000',
];

const CONTROL = {
  begin: 'begin immediate',
  commit: 'commit',
  rollback: 'rollback',
} as const;

/** Opens `sqlite:<file>`, making the folder where needed. @throws SekishoError database_unavailable */
export async function openSqlite(url: string): Promise<Database> {
  const file = resolve(url.slice('sqlite:'.length));
  makeFile(file);
  const counters: Counters = { queries: 0, commits: 0 };
  const builder = knexFactory({ client: 'sqlite3', useNullAsDefault: true });
  const compiled = new Map<Statement<never, unknown>, Compiled>();
  const connect = async (mode: number) => {
    const raw = await open(file, mode);
    const connection = new Connection(raw, builder, compiled, counters);
    for (const pragma of PRAGMAS) await connection.exec(pragma);
    return connection;
  };
  const writer = await connect(sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE);
  const reader = await connect(sqlite3.OPEN_READWRITE);
  await reader.exec('pragma query_only = on');
  const health = new WriteHealth();
  const group = new GroupCommit({
    execute: async (sql) => {
      await writer.control(CONTROL[sql]);
      if (sql === 'commit') counters.commits += 1;
    },
  });
  return {
    dialect: 'sqlite',
    counters,
    read: (work) => work(reader),
    get lastWriteFailed() {
      return health.failed;
    },
    write: (work) => health.watch(group.submit(() => work(writer))),
    migrate: () => migrateWith({ client: 'sqlite3', connection: { filename: file }, useNullAsDefault: true }),
    migrated: () =>
      migratedWith({ client: 'sqlite3', connection: { filename: file }, useNullAsDefault: true }),
    ping: () => reader.exec('select 1'),
    close: async () => {
      await group.idle();
      await reader.close();
      await writer.close();
      await builder.destroy();
    },
  };
}

/** A new file is its owner's only; SQLite gives its companions (-wal, -shm) the same mode. */
function makeFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  } catch (cause) {
    throw new SekishoError('database_unavailable', (cause as Error).message, { cause });
  }
}

function open(file: string, mode: number): Promise<sqlite3.Database> {
  return new Promise((done, failed) => {
    const database: sqlite3.Database = new sqlite3.Database(file, mode, (error) =>
      error ? failed(unavailable(error)) : done(database),
    );
  });
}

/** Locked, unreadable, full or missing: nothing that the caller did. */
function unavailable(cause: Error & { code?: string }): Error {
  const passing = /^SQLITE_(BUSY|CANTOPEN|IOERR|FULL|READONLY|LOCKED|NOTADB|CORRUPT|MISUSE)/.test(
    cause.code ?? '',
  );
  return passing ? new SekishoError('database_unavailable', cause.message, { cause }) : cause;
}

/** One connection. Every statement runs to its end at once, so that none keeps a lock. */
class Connection implements Writer {
  readonly #raw: sqlite3.Database;
  readonly #builder: Knex;
  readonly #compiled: Map<Statement<never, unknown>, Compiled>;
  readonly #counters: Counters;
  readonly #prepared = new Map<string, sqlite3.Statement>();

  constructor(
    raw: sqlite3.Database,
    builder: Knex,
    compiled: Map<Statement<never, unknown>, Compiled>,
    counters: Counters,
  ) {
    this.#raw = raw;
    this.#builder = builder;
    this.#compiled = compiled;
    this.#counters = counters;
  }

  async first<P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R | undefined> {
    return (await this.all(statement, params))[0];
  }

  all<P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
    const { sql, bind } = this.#compile(statement);
    this.#counters.queries += 1;
    return new Promise((done, failed) => {
      this.#prepare(sql).all(bind(params), (error: Error | null, rows: Row[]) =>
        error ? failed(unavailable(error)) : done(rows as R[]),
      );
    });
  }

  run<P extends Params>(statement: Statement<P, unknown>, params: P): Promise<number> {
    const { sql, bind } = this.#compile(statement);
    this.#counters.queries += 1;
    return new Promise((done, failed) => {
      this.#prepare(sql).run(bind(params), function (this: sqlite3.RunResult, error: Error | null) {
        if (error) failed(unavailable(error));
        else done(this.changes);
      });
    });
  }

  async lock(): Promise<void> {}

  query<R>(build: Parameters<Reader['query']>[0]): Promise<R[]> {
    const { sql, bindings } = toNative(build(this.#builder));
    this.#counters.queries += 1;
    return new Promise((done, failed) => {
      this.#raw.all(sql, bindings, (error: Error | null, rows: unknown[]) =>
        error ? failed(unavailable(error)) : done(rows as R[]),
      );
    });
  }

  /** Transaction control, prepared like the rest but not counted as a query. */
  control(sql: string): Promise<void> {
    return new Promise((done, failed) => {
      this.#prepare(sql).run((error: Error | null) => (error ? failed(unavailable(error)) : done()));
    });
  }

  exec(sql: string): Promise<void> {
    return new Promise((done, failed) => {
      this.#raw.exec(sql, (error) => (error ? failed(unavailable(error)) : done()));
    });
  }

  async close(): Promise<void> {
    for (const prepared of this.#prepared.values()) {
      await new Promise<void>((done) => prepared.finalize(() => done()));
    }
    await new Promise<void>((done, failed) => this.#raw.close((error) => (error ? failed(error) : done())));
  }

  #compile<P extends Params>(statement: Statement<P, unknown>): Compiled {
    const key = statement as unknown as Statement<never, unknown>;
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      compiled = compile(this.#builder, statement);
      this.#compiled.set(key, compiled);
    }
    return compiled;
  }

  #prepare(sql: string): sqlite3.Statement {
    let prepared = this.#prepared.get(sql);
    if (!prepared) {
      // A fault in the text is reported again by the first run.
      prepared = this.#raw.prepare(sql, (error: Error | null) => {
        if (error) this.#prepared.delete(sql);
      });
      this.#prepared.set(sql, prepared);
    }
    return prepared;
  }
}
