/**
 * What the rest of the program sees of a database: units of work. Stores are the only callers of Reader and Writer.
 */
import type { Knex } from 'knex';
import type { AnyQuery, Params, Statement } from './statement.ts';

/** Reads. Rows come back with every number as a number, on both engines. */
export interface Reader {
  first<P extends Params, R>(statement: Statement<P, R>, params: NoInfer<P>): Promise<R | undefined>;
  all<P extends Params, R>(statement: Statement<P, R>, params: NoInfer<P>): Promise<R[]>;
  /** A query whose text depends on the call (lists with optional filters): built and prepared anew each time. */
  query<R>(build: (knex: Knex) => AnyQuery): Promise<R[]>;
}

/** Reads and writes inside one transaction. */
export interface Writer extends Reader {
  /** @returns how many rows were inserted, changed or deleted */
  run<P extends Params>(statement: Statement<P, unknown>, params: NoInfer<P>): Promise<number>;
  /**
   * Waits until no other unit of work holds the name, and holds it to the end of this one. Taken before rows that several
   * units lock in different orders, it keeps them from a deadlock. On SQLite there is one writer, which holds everything.
   */
  lock(name: string): Promise<void>;
}

/** Counted since start, for /metrics and the benchmark. */
export interface Counters {
  queries: number;
  commits: number;
}

export interface Database {
  readonly dialect: 'sqlite' | 'postgres';
  readonly counters: Readonly<Counters>;
  /** Whether the last unit of work that ended could not be written. */
  readonly lastWriteFailed: boolean;
  /** Runs reads outside of a transaction, each seeing what is committed. Writing here is an error. */
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  /**
   * Runs a unit of work: all of its writes are committed, and durable, when the promise resolves; none are when `work`
   * throws. `work` awaits nothing but its stores, touches nothing else, and may run again (after a deadlock, or without a unit that failed beside it).
   * @throws SekishoError database_unavailable
   */
  write<T>(work: (writer: Writer) => Promise<T>): Promise<T>;
  /** Brings the tables up to date. Safe when several processes start at once. */
  migrate(): Promise<void>;
  /** Whether all migrations of this version have run. */
  migrated(): Promise<boolean>;
  /** @throws SekishoError database_unavailable */
  ping(): Promise<void>;
  close(): Promise<void>;
}
