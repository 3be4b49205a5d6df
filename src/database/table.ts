/** What a table's columns are called in the program, so that each is spelled once for reading and for writing. */
import type { Knex } from 'knex';
import { type Params, type Query, type Statement, statement, type Value } from './statement.ts';

/** `T` as its table holds it: what `Json` names is JSON text there. */
export type Stored<T, Json extends keyof T = never> = {
  readonly [K in keyof T]: K extends Json ? string : T[K];
};

/** A table whose rows come back as `R`, without a mapping at run time. */
export interface Table<R> {
  /** What `returning` takes for whole rows. */
  readonly returned: readonly string[];
  /** Begins a query for whole rows. */
  select(knex: Knex): Query;
  /**
   * Begins an insert of a row.
   * @param row the statement's placeholders, one for each property
   * @param more columns that are written and never read, by their own names
   */
  insert(knex: Knex, row: Row<R>, more?: Readonly<Record<string, Value>>): Query;
  /** Begins an insert of `count` rows, whose parameters `numbered` makes. */
  insertMany(knex: Knex, params: Params, count: number): Query;
  /** Each property of each row, with the row's number. */
  numbered(rows: readonly Row<R>[]): Params;
}

type Row<R> = { readonly [K in keyof R]: Value };

/** @param columns the column of each property of `R` */
export function table<R>(name: string, columns: { readonly [K in keyof R]: string }): Table<R> {
  const pairs = Object.entries(columns) as [keyof R & string, string][];
  return {
    returned: pairs.map(([property, column]) => `${column} as ${property}`),
    select: (knex) => knex(name).select(columns),
    insert: (knex, row, more) =>
      knex(name).insert({
        ...Object.fromEntries(pairs.map(([property, column]) => [column, row[property]])),
        ...more,
      }),
    insertMany: (knex, params, count) =>
      knex(name).insert(
        Array.from({ length: count }, (_, at) =>
          Object.fromEntries(pairs.map(([property, column]) => [column, params[`${property}${at}`]])),
        ),
      ),
    numbered: (rows) =>
      Object.fromEntries(
        rows.flatMap((row, at) => pairs.map(([property]) => [`${property}${at}`, row[property]])),
      ),
  };
}

/** Deletes rows whose time in `column` is before `before`, `limit` at most. @param key columns of the primary key */
export function sweepOf(
  name: string,
  key: readonly string[],
  column: string,
): Statement<{ before: number; limit: number }, unknown> {
  return statement((knex, p) =>
    knex(name)
      .whereIn(
        key,
        knex(name)
          .select(...key)
          .where(column, '<', p.before)
          .limit(p.limit),
      )
      .delete(),
  );
}
