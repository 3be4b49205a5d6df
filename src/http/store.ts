/** Counters of rate limits in the database, so that limits hold across processes and restarts. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { sweepOf } from '../database/table.ts';

/** How many within how many seconds (contracts/policy.ts). */
export interface Rate {
  readonly points: number;
  readonly seconds: number;
}

export interface RateStore {
  /** Counts one use of `key` in a fixed window. @returns null when it is allowed, else when the window ends (ms) */
  take(key: string, rate: Rate, now: number): Promise<number | null>;
  /** Starts the window of a key anew. */
  clear(key: string): Promise<void>;
  /** The same for every key that begins so. */
  clearAll(prefix: string): Promise<void>;
  /** Those of these beginnings, all of one length, with which a key is counted. */
  counted(prefixes: readonly string[]): Promise<string[]>;
  sweep(before: number, limit: number): Promise<number>;
}

/** Counts up to one beyond the limit, so that a flood does not overflow the column. */
const take = statement<
  { key: string; points: number; now: number; endsAt: number },
  { points: number; expiresAt: number }
>((knex, p) =>
  knex('rate_limits')
    .insert({ key: p.key, points: 1, expires_at: p.endsAt })
    .onConflict('key')
    .merge({
      points: knex.raw(
        'case when rate_limits.expires_at <= ? then 1 when rate_limits.points > ? then rate_limits.points else rate_limits.points + 1 end',
        [p.now, p.points],
      ),
      expires_at: knex.raw(
        'case when rate_limits.expires_at <= ? then excluded.expires_at else rate_limits.expires_at end',
        [p.now],
      ),
    })
    .returning(['points', 'expires_at as expiresAt']),
);
const clear = statement<{ key: string }>((knex, { key }) => knex('rate_limits').where({ key }).delete());
const clearAll = statement<{ prefix: string; length: number }>((knex, p) =>
  knex('rate_limits').whereRaw('substr(key, 1, ?) = ?', [p.length, p.prefix]).delete(),
);
const sweep = sweepOf('rate_limits', ['key'], 'expires_at');

export function rateStore(db: Writer): RateStore {
  return {
    take: async (key, rate, now) => {
      const window = { key, points: rate.points, now, endsAt: now + rate.seconds * 1000 };
      const row = await db.first(take, window);
      return row && row.points > rate.points ? row.expiresAt : null;
    },
    clear: async (key) => {
      await db.run(clear, { key });
    },
    clearAll: async (prefix) => {
      await db.run(clearAll, { prefix, length: prefix.length });
    },
    counted: async (prefixes) => {
      const found = await db.query<{ prefix: string }>((knex) =>
        knex
          .distinct('prefix')
          .from(
            knex('rate_limits')
              .select(knex.raw('substr(??, 1, ?) as prefix', ['key', prefixes[0]?.length ?? 0]))
              .as('counted'),
          )
          .whereIn('prefix', prefixes),
      );
      return found.map(({ prefix }) => prefix);
    },
    sweep: (before, limit) => db.run(sweep, { before, limit }),
  };
}
