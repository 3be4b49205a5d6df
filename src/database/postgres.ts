/** PostgreSQL through pg: a pool of connections, named prepared statements, one transaction for each unit of work. */
import { createHash } from 'node:crypto';
import knexFactory from 'knex';
import pg from 'pg';
import { SECOND } from '../clock.ts';
import { SekishoError } from '../errors.ts';
import type { Counters, Database, Reader, Writer } from './database.ts';
import { migratedWith, migrateWith } from './migrate.ts';
import { WriteHealth } from './readiness.ts';
import { compile, type Params, type Statement, statement, toNative, type Value } from './statement.ts';

/** bigint comes back as a string; every number here is a time in milliseconds or a count, far below 2^53. */
const INT8 = 20;
/** A deadlock or a serialization failure: PostgreSQL undid the unit, which is run again. */
const RUN_AGAIN = new Set(['40001', '40P01']);
const MOST_TRIES = 4;

/**
 * How long a request waits for the database (ms): for a connection, for another transaction's lock, for a statement. A
 * connection on which nothing more comes within a transaction gives its locks back. So one transaction that hangs, here
 * or in an administrator's hands, makes others fail in seconds and does not hold the pool.
 */
const WAITS = {
  connectionTimeoutMillis: 5 * SECOND,
  lock_timeout: 3 * SECOND,
  statement_timeout: 10 * SECOND,
  idle_in_transaction_session_timeout: 10 * SECOND,
  keepAlive: true,
};

/** Let go of by the engine when the transaction ends. */
const holdName = statement<{ name: string }>((knex, p) =>
  knex.select(knex.raw('pg_advisory_xact_lock(hashtextextended(?, 0))', [p.name as never])),
);

interface Prepared {
  readonly name: string;
  readonly sql: string;
  bind(params: Params): Value[];
}

/** Opens `postgres://…`. The first connection is made when it is needed. */
export async function openPostgres(url: string): Promise<Database> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, Number);
  const pool = new pg.Pool({ connectionString: url, types, max: 10, ...WAITS });
  // A connection that breaks while idle is replaced by the pool; one in a unit's hands, between two statements, fails the
  // next of them. Without listeners either would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const counters: Counters = { queries: 0, commits: 0 };
  const session = new Session(counters);
  const health = new WriteHealth();
  const migration = { client: 'pg', connection: url };
  const write = async <T>(work: (writer: Writer) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await transaction(pool, session, counters, work);
      } catch (error) {
        if (tries === MOST_TRIES || !RUN_AGAIN.has((error as { code?: string }).code ?? '')) throw error;
      }
    }
  };
  return {
    dialect: 'postgres',
    counters,
    read: (work) => work(session.on(pool)),
    get lastWriteFailed() {
      return health.failed;
    },
    write: (work) => health.watch(write(work)),
    migrate: () => migrateWith(migration).catch(rethrow),
    migrated: () => migratedWith(migration).catch(rethrow),
    ping: async () => {
      await pool.query('select 1').catch(rethrow);
    },
    close: async () => {
      await pool.end();
      await session.close();
    },
  };
}

async function transaction<T>(
  pool: pg.Pool,
  session: Session,
  counters: Counters,
  work: (writer: Writer) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(rethrow);
  let broken: Error | undefined;
  try {
    await client.query('begin').catch(rethrow);
    const result = await work(session.on(client));
    await client.query('commit').catch(rethrow);
    counters.commits += 1;
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Connection lost or refused, the server going down, or a wait too long: nothing that the caller did. */
function rethrow(cause: Error & { code?: string }): never {
  const code = cause.code ?? '';
  const lost =
    /^(08...|57P0[123]|57014|55P03|25P03|53...|ECONN.*|ENOTFOUND|EPIPE|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/.test(
      code,
    ) ||
    /timeout|terminated|not queryable|Connection ended/i.test(cause.message) ||
    cause instanceof AggregateError;
  throw lost ? new SekishoError('database_unavailable', cause.message || code, { cause }) : cause;
}

/** PostgreSQL's text cannot hold NUL; whoever sent it gets a 400 and not a fault. */
function refuseNul(values: Value[]): Value[] {
  if (values.some((value) => typeof value === 'string' && value.includes('\0'))) {
    throw new SekishoError('invalid_input', 'text must not hold NUL characters');
  }
  return values;
}

/** The statements, compiled once for all connections. */
class Session {
  readonly #builder = knexFactory({ client: 'pg' });
  readonly #prepared = new Map<unknown, Prepared>();
  readonly #counters: Counters;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  on(connection: pg.Pool | pg.PoolClient): Writer {
    const execute = async (statement: Statement<never, unknown>, params: Params) => {
      const { name, sql, bind } = this.#prepare(statement);
      this.#counters.queries += 1;
      return connection.query({ name, text: sql, values: refuseNul(bind(params)) }).catch(rethrow);
    };
    return {
      first: async (statement, params) => (await execute(statement as never, params)).rows[0],
      all: async (statement, params) => (await execute(statement as never, params)).rows,
      run: async (statement, params) => (await execute(statement as never, params)).rowCount ?? 0,
      lock: async (name) => {
        await execute(holdName as never, { name });
      },
      query: async <R>(build: Parameters<Reader['query']>[0]) => {
        const { sql, bindings } = toNative(build(this.#builder));
        this.#counters.queries += 1;
        return (await connection.query(sql, [...bindings]).catch(rethrow)).rows as R[];
      },
    };
  }

  #prepare(statement: Statement<never, unknown>): Prepared {
    let prepared = this.#prepared.get(statement);
    if (!prepared) {
      const { sql, bind } = compile(this.#builder, statement);
      prepared = { name: createHash('sha256').update(sql).digest('hex').slice(0, 40), sql, bind };
      this.#prepared.set(statement, prepared);
    }
    return prepared;
  }

  async close(): Promise<void> {
    await this.#builder.destroy();
  }
}
