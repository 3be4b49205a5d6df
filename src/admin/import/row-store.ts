/**
 * Rows of imports in the database: kept aside, and then moved to where users are. Moving is the one place that writes
 * rows of several stores by one statement for each table: by their own verbs it would take ten times as long.
 */
import type { Writer } from '../../database/database.ts';
import { type Params, type Statement, statement } from '../../database/statement.ts';
import { table } from '../../database/table.ts';

/** One address of a user; the user's own data stand with number 1. */
export interface ImportRow {
  readonly runId: string;
  readonly userIdKey: string;
  /** 端末No */
  readonly number: number;
  /** Of the file. */
  readonly line: number;
  /** null: there was such a user already, and the rest is null, too. */
  readonly sub: string | null;
  readonly userId: string | null;
  readonly loginMethod: string | null;
  readonly state: string | null;
  readonly validUntil: number | null;
  readonly locale: string | null;
  readonly passwordHash: string | null;
  /** The account (account-scope.ts), where strangers have tried the user ID; else null. */
  readonly account: string | null;
  readonly address: string | null;
  readonly type: string | null;
}

/** Rows of a run by their user ID keys: behind `after`, up to and with `to`. */
export interface Chunk {
  readonly runId: string;
  readonly after: string;
  readonly to: string;
}

export interface ImportRowStore {
  add(rows: readonly ImportRow[]): Promise<void>;
  /** The lines of the user ID keys that are there. */
  lines(runId: string, userIdKeys: readonly string[]): Promise<{ userIdKey: string; line: number }[]>;
  /** The last of the next `size` user ID keys behind `after` that were not taken; null: there is none. */
  endOfChunk(runId: string, after: string, size: number): Promise<string | null>;
  /** Makes users of the rows; one whose user ID is taken stays as it is. @returns how many users were made */
  moveUsers(chunk: Chunk, contractId: string, now: number): Promise<number>;
  /** Addresses and passwords of the users that the chunk has made. */
  moveBelongings(chunk: Chunk, now: number): Promise<void>;
  /** Accounts of the chunk that strangers have tried. */
  tried(chunk: Chunk): Promise<string[]>;
  /** All rows of the users that the chunk has made and that are invited, a user's together, by number. */
  invited(chunk: Chunk): Promise<ImportRow[]>;
  /** @returns how many were deleted, `limit` at most */
  clear(runId: string, limit: number): Promise<number>;
}

const rows = table<ImportRow>('import_rows', {
  runId: 'run_id',
  userIdKey: 'user_id_key',
  number: 'number',
  line: 'line',
  sub: 'sub',
  userId: 'user_id',
  loginMethod: 'login_method',
  state: 'state',
  validUntil: 'valid_until_at',
  locale: 'locale',
  passwordHash: 'password_hash',
  account: 'account',
  address: 'address',
  type: 'type',
});

/** How many rows one statement adds, the largest that fits first. Each is compiled once. */
const SIZES = [64, 16, 4, 1] as const;
const addRows = SIZES.map((count) => ({
  count,
  statement: statement<Params>((knex, p) => rows.insertMany(knex, p, count)),
}));

const CHUNK = 'r.run_id = ? and r.user_id_key > ? and r.user_id_key <= ?';
/** The rows of a chunk, then `more`. What it inserts is in the order of the new keys: that touches each page of them once. */
function move(text: string): Statement<Params & { readonly [K in keyof Chunk]: string }, unknown> {
  return statement((knex, p) => {
    const names = [...text.matchAll(/:(\w+)|CHUNK/g)].flatMap(([, name]) => name ?? ['runId', 'after', 'to']);
    const sql = text.replace(/CHUNK/g, CHUNK).replace(/:\w+/g, '?');
    return knex.raw(
      sql,
      names.map((name) => p[name] as never),
    );
  });
}

/** Nobody else's rows have these subs. */
const MADE = 'exists (select 1 from users u where u.sub = r.sub)';

const endOfChunk = statement<{ runId: string; after: string; size: number }, { key: string | null }>(
  (knex, p) =>
    knex
      .max({ key: 'user_id_key' })
      .from(
        knex('import_rows')
          .select('user_id_key')
          .where({ run_id: p.runId, number: 1 })
          .whereNotNull('sub')
          .where('user_id_key', '>', p.after)
          .orderBy('user_id_key')
          .limit(p.size)
          .as('next'),
      ),
);
const moveUsers = move(`
  insert into users
    (sub, contract_id, user_id, user_id_key, login_method, state, valid_until_at, locale, created_at, updated_at)
  select r.sub, cast(:contractId as text), r.user_id, r.user_id_key, r.login_method, r.state, r.valid_until_at, r.locale,
    cast(:now as bigint), cast(:now as bigint)
  from import_rows r where CHUNK and r.number = 1 and r.sub is not null
  order by r.sub on conflict (contract_id, user_id_key) do nothing`);
const moveDevices = move(`
  insert into devices (user_sub, number, address, type, confirmed_at, created_at)
  select r.sub, r.number, r.address, r.type, cast(:now as bigint), cast(:now as bigint)
  from import_rows r where CHUNK and ${MADE} order by r.sub, r.number`);
const movePasswords = move(`
  insert into passwords (user_sub, hash, created_at, updated_at)
  select r.sub, r.password_hash, cast(:now as bigint), cast(:now as bigint)
  from import_rows r where CHUNK and r.password_hash is not null and ${MADE} order by r.sub`);
const triedAccounts = move(`
  select r.account as account from import_rows r where CHUNK and r.account is not null and ${MADE}`);
const invitedRows = statement<{ runId: string; after: string; to: string }, ImportRow>((knex, p) =>
  rows
    .select(knex)
    .where({ run_id: p.runId })
    .where('user_id_key', '>', p.after)
    .where('user_id_key', '<=', p.to)
    .whereRaw("exists (select 1 from users u where u.sub = import_rows.sub and u.state = 'invited')")
    .orderBy('user_id_key')
    .orderBy('number'),
);
const clearRows = statement<{ runId: string; limit: number }>((knex, p) =>
  knex('import_rows')
    .whereIn(
      ['run_id', 'user_id_key', 'number'],
      knex('import_rows')
        .select('run_id', 'user_id_key', 'number')
        .where({ run_id: p.runId })
        .orderBy(['user_id_key', 'number'])
        .limit(p.limit),
    )
    .delete(),
);

export function importRowStore(db: Writer): ImportRowStore {
  return {
    add: async (all) => {
      let done = 0;
      for (const { count, statement: insert } of addRows) {
        for (; done + count <= all.length; done += count) {
          await db.run(insert, rows.numbered(all.slice(done, done + count)));
        }
      }
    },
    lines: (runId, userIdKeys) =>
      db.query((knex) =>
        knex('import_rows')
          .select({ userIdKey: 'user_id_key', line: 'line' })
          .where({ run_id: runId, number: 1 })
          .whereIn('user_id_key', userIdKeys),
      ),
    endOfChunk: async (runId, after, size) =>
      (await db.first(endOfChunk, { runId, after, size }))?.key ?? null,
    moveUsers: (chunk, contractId, now) => db.run(moveUsers, { ...chunk, contractId, now }),
    moveBelongings: async (chunk, now) => {
      await db.run(moveDevices, { ...chunk, now });
      await db.run(movePasswords, { ...chunk, now });
    },
    tried: async (chunk) => {
      const found = (await db.all(triedAccounts, { ...chunk })) as { account: string }[];
      return found.map(({ account }) => account);
    },
    invited: (chunk) => db.all(invitedRows, { ...chunk }),
    clear: (runId, limit) => db.run(clearRows, { runId, limit }),
  };
}
