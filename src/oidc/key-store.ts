/** The installation's keys in the database. They are sealed by the caller. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { type Stored, sweepOf, table } from '../database/table.ts';

/** Signing keys by the algorithm they are for (the RSA key serves RS256 and PS256), cookie keys, the salt of pairwise subjects, the pepper of passwords. */
export type KeyKind = 'RS256' | 'ES256' | 'EdDSA' | 'cookie' | 'pairwise' | 'pepper';

export interface StoredKey {
  /** The kid of a signing key. */
  readonly id: string;
  readonly kind: KeyKind;
  /** Sealed private JWK, or the sealed text of another key. */
  readonly sealed: Buffer;
  readonly createdAt: number;
  readonly activeAt: number;
  readonly endsAt: number | null;
}

export interface KeyStore {
  /** Those that have not ended, oldest first. */
  list(now: number): Promise<StoredKey[]>;
  /** Until the transaction's end no other one comes past here: for what is made where it is missing. */
  lock(): Promise<void>;
  add(key: StoredKey): Promise<void>;
  /** Sets the end of all keys of a kind that were created before and would end later or never. */
  endOlder(kind: KeyKind, createdBefore: number, endsAt: number): Promise<void>;
  /** Replaces the seal, after SECRETS were rotated. */
  reseal(id: string, sealed: Buffer): Promise<void>;
  sweep(before: number, limit: number): Promise<number>;
}

const keys = table<StoredKey>('keys', {
  id: 'id',
  kind: 'kind',
  sealed: 'sealed',
  createdAt: 'created_at',
  activeAt: 'active_at',
  endsAt: 'ends_at',
});

const listKeys = statement<{ now: number }, StoredKey>((knex, p) =>
  keys
    .select(knex)
    .where((open) => open.whereNull('ends_at').orWhere('ends_at', '>', p.now))
    .orderBy('created_at')
    .orderBy('id'),
);
/** One number for all installations: the lock under which PostgreSQL lets one process make keys at a time. */
const LOCK = 736_552;
/** SQLite has one writer anyway. */
const lockKeys = statement<Record<string, never>>((knex) =>
  knex.client.config.client === 'pg'
    ? knex.raw('select pg_advisory_xact_lock(?)', [LOCK])
    : knex.raw('select 1'),
);
const addKey = statement<Stored<StoredKey>>((knex, p) => keys.insert(knex, p));
const endOlderKeys = statement<{ kind: string; before: number; endsAt: number }>((knex, p) =>
  knex('keys')
    .where({ kind: p.kind })
    .where('created_at', '<', p.before)
    .where((later) => later.whereNull('ends_at').orWhere('ends_at', '>', p.endsAt))
    .update({ ends_at: p.endsAt }),
);
const resealKey = statement<{ id: string; sealed: Buffer }>((knex, p) =>
  knex('keys').where({ id: p.id }).update({ sealed: p.sealed }),
);
const sweepKeys = sweepOf('keys', ['id'], 'ends_at');

export function keyStore(db: Writer): KeyStore {
  return {
    list: (now) => db.all(listKeys, { now }),
    lock: async () => {
      await db.all(lockKeys, {});
    },
    add: async (key) => {
      await db.run(addKey, key);
    },
    reseal: async (id, sealed) => {
      await db.run(resealKey, { id, sealed });
    },
    endOlder: async (kind, before, endsAt) => {
      await db.run(endOlderKeys, { kind, before, endsAt });
    },
    sweep: (before, limit) => db.run(sweepKeys, { before, limit }),
  };
}
