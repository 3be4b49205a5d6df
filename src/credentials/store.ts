/** One-time codes and counts of wrong tries in the database. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { type Stored, sweepOf, table } from '../database/table.ts';

/** A one-time code without the code: that is derived when needed (one-time-code.ts). */
export interface OneTimeCode {
  readonly id: string;
  /** Which of SECRETS it is derived from. */
  readonly secretId: string;
  readonly digits: number;
  /** For whose login or recovery it was made (account-scope.ts), and completes no other; null: an initial OTP. */
  readonly account: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly spentAt: number | null;
}

export interface CodeStore {
  find(id: string): Promise<OneTimeCode | undefined>;
  add(code: OneTimeCode): Promise<void>;
  /** Spends the code, unless it is spent or expired: true for one caller only. */
  spend(id: string, now: number): Promise<boolean>;
  /** Deletes codes that expired before. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

/** Whose wrong tries are counted together. */
export interface TryScope {
  /** Keyed hash of contract and user ID (account-scope.ts). */
  readonly account: string;
  /** Hash of a known browser's device cookie, or '' for all other browsers together; or see answerScope. */
  readonly browser: string;
}

export interface TryCounter {
  readonly tries: number;
  readonly lockedAt: number | null;
  readonly unlockAt: number | null;
  /** When the last try was counted, or the lock made (ms). */
  readonly updatedAt: number;
}

export interface TryStore {
  find(scope: TryScope): Promise<TryCounter | undefined>;
  /**
   * Counts a try before its value is compared.
   * @returns the number of this try since the last login; undefined: locked, the try must not be made
   */
  count(scope: TryScope, limit: number, now: number): Promise<number | undefined>;
  /** Takes a try back that was right, where a login is not complete by it: only wrong ones add up. */
  giveBack(scope: TryScope): Promise<void>;
  /** Locks the scope. @param unlockAt when it opens by itself (ms) or null */
  lock(scope: TryScope, unlockAt: number | null, now: number): Promise<void>;
  /** After a login: starts the count of this scope anew. */
  clear(scope: TryScope): Promise<void>;
  /** Those of these accounts under which tries are counted. */
  counted(accounts: readonly string[]): Promise<string[]>;
  /** Opens every scope of an account. */
  clearAccount(account: string): Promise<void>;
  /** Deletes counters untouched since `before`; a user's lock stands on in the user's state. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

const codes = table<OneTimeCode>('one_time_codes', {
  id: 'id',
  secretId: 'secret_id',
  digits: 'digits',
  account: 'account',
  createdAt: 'created_at',
  expiresAt: 'expires_at',
  spentAt: 'spent_at',
});

const findCode = statement<{ id: string }, OneTimeCode>((knex, { id }) => codes.select(knex).where({ id }));
const addCode = statement<Stored<OneTimeCode>>((knex, p) => codes.insert(knex, p));
const spendCode = statement<{ id: string; now: number }>((knex, p) =>
  knex('one_time_codes')
    .where({ id: p.id })
    .whereNull('spent_at')
    .where('expires_at', '>', p.now)
    .update({ spent_at: p.now }),
);
const sweepCodes = sweepOf('one_time_codes', ['id'], 'expires_at');

const counters = table<TryCounter>('try_counters', {
  tries: 'tries',
  lockedAt: 'locked_at',
  unlockAt: 'unlock_at',
  updatedAt: 'updated_at',
});

const findCounter = statement<Stored<TryScope>, TryCounter>((knex, p) =>
  counters.select(knex).where({ account: p.account, browser: p.browser }),
);
/** One statement counts and refuses: two tries at once cannot both be the last one. */
const countTry = statement<Stored<TryScope> & { limit: number; now: number }, { tries: number }>((knex, p) =>
  knex('try_counters')
    .insert({ account: p.account, browser: p.browser, tries: 1, updated_at: p.now })
    .onConflict(['account', 'browser'])
    .merge({
      tries: knex.raw('case when try_counters.unlock_at <= ? then 1 else try_counters.tries + 1 end', [
        p.now,
      ]),
      locked_at: knex.raw('case when try_counters.unlock_at <= ? then null else try_counters.locked_at end', [
        p.now,
      ]),
      unlock_at: knex.raw('case when try_counters.unlock_at <= ? then null else try_counters.unlock_at end', [
        p.now,
      ]),
      updated_at: p.now,
    })
    .where((open) =>
      open
        .where((counting) =>
          counting.whereNull('try_counters.locked_at').where('try_counters.tries', '<', p.limit),
        )
        .orWhere('try_counters.unlock_at', '<=', p.now),
    )
    .returning('tries'),
);
const giveBack = statement<Stored<TryScope>>((knex, p) =>
  knex('try_counters')
    .where({ account: p.account, browser: p.browser })
    .whereNull('locked_at')
    .where('tries', '>', 0)
    .update({ tries: knex.raw('tries - 1') }),
);
const lockScope = statement<Stored<TryScope> & { unlockAt: number | null; now: number }>((knex, p) =>
  knex('try_counters')
    .where({ account: p.account, browser: p.browser })
    .update({ locked_at: p.now, unlock_at: p.unlockAt, updated_at: p.now }),
);
const clearScope = statement<Stored<TryScope>>((knex, p) =>
  knex('try_counters').where({ account: p.account, browser: p.browser }).delete(),
);
const clearAccount = statement<{ account: string }>((knex, p) =>
  knex('try_counters').where({ account: p.account }).delete(),
);
const sweepCounters = sweepOf('try_counters', ['account', 'browser'], 'updated_at');

export function codeStore(db: Writer): CodeStore {
  return {
    find: (id) => db.first(findCode, { id }),
    add: async (code) => {
      await db.run(addCode, code);
    },
    spend: async (id, now) => (await db.run(spendCode, { id, now })) === 1,
    sweep: (before, limit) => db.run(sweepCodes, { before, limit }),
  };
}

export function tryStore(db: Writer): TryStore {
  return {
    find: (scope) => db.first(findCounter, scope),
    count: async (scope, limit, now) => (await db.first(countTry, { ...scope, limit, now }))?.tries,
    giveBack: async (scope) => {
      await db.run(giveBack, scope);
    },
    lock: async (scope, unlockAt, now) => {
      await db.run(lockScope, { ...scope, unlockAt, now });
    },
    clear: async (scope) => {
      await db.run(clearScope, scope);
    },
    counted: async (accounts) => {
      const found = await db.query<{ account: string }>((knex) =>
        knex('try_counters').distinct('account').whereIn('account', accounts),
      );
      return found.map(({ account }) => account);
    },
    clearAccount: async (account) => {
      await db.run(clearAccount, { account });
    },
    sweep: (before, limit) => db.run(sweepCounters, { before, limit }),
  };
}
