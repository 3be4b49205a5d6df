/**
 * A statement is written once with knex's query builder and compiled once per engine; engines keep it prepared. So one
 * text serves SQLite and PostgreSQL, and the cost of building SQL is not paid again on every request.
 */
import type { Knex } from 'knex';

/** A value that a column can hold. Times are milliseconds since the epoch; there are no booleans in tables. */
export type Value = string | number | Buffer | null;
export type Params = Readonly<Record<string, Value>>;

/** A query that knex has built. */
// biome-ignore lint/suspicious/noExplicitAny: knex's builder types do not survive compilation
export type Query = Knex.QueryBuilder<any, any>;
export type AnyQuery = Query | Knex.Raw;
type Build<P> = (knex: Knex, params: P) => AnyQuery;

/** A query with named parameters. `P`: its parameters; `R`: the rows it returns. */
export interface Statement<P extends Params, R> {
  readonly build: Build<P>;
  /** Never set: carries the row type. */
  readonly row?: R;
}

/** Declares a statement. `build` is called once per engine with placeholders in place of the parameters' values. */
export function statement<P extends Params, R = unknown>(build: Build<P>): Statement<P, R> {
  return { build };
}

/** Stands for a parameter's value while a statement is built. */
class Placeholder {
  readonly name: string;
  readonly #number: number;

  constructor(name: string, number: number) {
    this.name = name;
    this.#number = number;
  }

  /** knex's limit() takes whole numbers only and reads this as one; `compile` knows it again by its size. */
  toString(): string {
    return String(this.#number);
  }
}

const FIRST_NUMBER = 9_007_199_254_000_000;

/** SQL text and where each of its bindings comes from. */
export interface Compiled {
  readonly sql: string;
  /** The values in the order in which the text wants them. */
  bind(params: Params): Value[];
}

/** Compiles a statement for the engine of `knex`. */
export function compile<P extends Params>(knex: Knex, { build }: Statement<P, unknown>): Compiled {
  const numbered: Placeholder[] = [];
  const placeholders = new Proxy({} as P, {
    get: (_, name) => {
      const placeholder = new Placeholder(String(name), FIRST_NUMBER + numbered.length);
      numbered.push(placeholder);
      return placeholder;
    },
    ownKeys: () => {
      throw new Error('name each parameter of a statement: its parameters cannot be spread');
    },
  });
  const { sql, bindings } = toNative(build(knex, placeholders));
  const sources = bindings.map((binding) =>
    typeof binding === 'number' && binding >= FIRST_NUMBER ? numbered[binding - FIRST_NUMBER] : binding,
  );
  return {
    sql,
    bind: (params) =>
      sources.map((source) => {
        if (!(source instanceof Placeholder)) return source as Value;
        const value = params[source.name];
        if (value === undefined) throw new Error(`statement parameter ${source.name} is missing`);
        return value;
      }),
  };
}

/** SQL text and bindings of a builder in the engine's own notation. */
export function toNative(built: AnyQuery): { sql: string; bindings: readonly unknown[] } {
  return built.toSQL().toNative();
}
