/** What oidc-provider keeps, and the installation's keys, in the database. Values are hashed and sealed by the caller. */
import type { Writer } from '../database/database.ts';
import { type Params, statement } from '../database/statement.ts';

/** A row of provider_models. */
export interface StoredModel {
  /** The provider's name of the model: Session, Grant, AuthorizationCode … */
  readonly kind: string;
  /** Hash of the identifier. */
  readonly id: string;
  /** Sealed; null when it was destroyed and only its client is remembered. */
  readonly payload: Buffer | null;
  readonly grantId: string | null;
  readonly uid: string | null;
  readonly clientId: string | null;
  readonly accountId: string | null;
  readonly consumedAt: number | null;
  readonly expiresAt: number;
}

export interface ModelStore {
  find(kind: string, id: string): Promise<StoredModel | undefined>;
  findByUid(kind: string, uid: string): Promise<StoredModel | undefined>;
  /** All rows of a kind with this uid, locked against other transactions where the engine has several writers. */
  lockByUid(kind: string, uid: string): Promise<StoredModel[]>;
  /** Adds or replaces models of different keys. A consumed model stays consumed. */
  upsert(...models: readonly StoredModel[]): Promise<void>;
  /** Consumes a model that can be used once. @returns true for one caller only */
  consume(kind: string, id: string, now: number): Promise<boolean>;
  destroy(kind: string, id: string): Promise<void>;
  /** Deletes a session under all the ids that it has, old ones and those that another request is giving it just now. */
  destroySession(id: string): Promise<void>;
  /** Empties the payload, keeps the row until it expires. */
  end(kind: string, id: string): Promise<void>;
  /** Adds a model of which there must be one only. @returns false when it is there already */
  addOnce(model: StoredModel): Promise<boolean>;
  /** Deletes all of one kind that was issued under a grant. */
  destroyByGrant(kind: string, grantId: string): Promise<void>;
  /** Deletes the grant and everything issued under it. */
  destroyGrant(grantId: string): Promise<void>;
  /** Deletes what expired before. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

/** Signing keys by the algorithm they are for (the RSA key serves RS256 and PS256), cookie keys, the salt of pairwise subjects. */
export type KeyKind = 'RS256' | 'ES256' | 'EdDSA' | 'cookie' | 'pairwise';

export interface StoredKey {
  /** The kid of a signing key. */
  readonly id: string;
  readonly kind: KeyKind;
  /** Sealed private JWK, or the sealed text of a cookie key. */
  readonly sealed: Buffer;
  readonly createdAt: number;
  readonly activeAt: number;
  readonly endsAt: number | null;
}

export interface KeyStore {
  /** Those that have not ended, oldest first. */
  list(now: number): Promise<StoredKey[]>;
  add(key: StoredKey): Promise<void>;
  /** Sets the end of all keys of a kind that were created before and would end later or never. */
  endOlder(kind: KeyKind, createdBefore: number, endsAt: number): Promise<void>;
  /** Replaces the seal, after SECRETS were rotated. */
  reseal(id: string, sealed: Buffer): Promise<void>;
  sweep(before: number, limit: number): Promise<number>;
}

interface ModelRow {
  kind: string;
  id: string;
  payload: Buffer | null;
  grant_id: string | null;
  uid: string | null;
  client_id: string | null;
  account_id: string | null;
  consumed_at: number | null;
  expires_at: number;
}

interface KeyRow {
  id: string;
  kind: KeyKind;
  sealed: Buffer;
  created_at: number;
  active_at: number;
  ends_at: number | null;
}

const findModel = statement<{ kind: string; id: string }, ModelRow>((knex, p) =>
  knex('provider_models').where({ kind: p.kind, id: p.id }),
);
const findModelByUid = statement<{ kind: string; uid: string }, ModelRow>((knex, p) =>
  knex('provider_models')
    .where({ uid: p.uid, kind: p.kind })
    .whereNotNull('uid')
    .orderBy('expires_at', 'desc'),
);
const lockModelsByUid = statement<{ kind: string; uid: string }, ModelRow>((knex, p) => {
  const query = knex('provider_models').where({ uid: p.uid, kind: p.kind }).whereNotNull('uid').orderBy('id');
  return knex.client.config.client === 'pg' ? query.forUpdate() : query;
});
/** Rows that one statement adds at most: what a request of the provider writes, in one round trip. */
const MOST_ROWS = 4;
const upsertRows = Array.from({ length: MOST_ROWS }, (_, index) => upsertStatement(index + 1));

function upsertStatement(rows: number) {
  return statement<Params>((knex, p) =>
    knex('provider_models')
      .insert(
        Array.from({ length: rows }, (_, row) => ({
          kind: p[`kind${row}`],
          id: p[`id${row}`],
          payload: p[`payload${row}`],
          grant_id: p[`grantId${row}`],
          uid: p[`uid${row}`],
          client_id: p[`clientId${row}`],
          account_id: p[`accountId${row}`],
          consumed_at: p[`consumedAt${row}`],
          expires_at: p[`expiresAt${row}`],
        })),
      )
      .onConflict(['kind', 'id'])
      .merge(['payload', 'grant_id', 'uid', 'client_id', 'account_id', 'expires_at']),
  );
}

/** The parameters of `upsertStatement`: each column with the row's number. */
function numbered(models: readonly StoredModel[]): Params {
  return Object.fromEntries(
    models.flatMap((model, row) =>
      Object.entries(model).map(([column, value]) => [`${column}${row}`, value]),
    ),
  );
}

const consumeModel = statement<{ kind: string; id: string; now: number }>((knex, p) =>
  knex('provider_models')
    .where({ kind: p.kind, id: p.id })
    .whereNull('consumed_at')
    .update({ consumed_at: p.now }),
);
const destroyModel = statement<{ kind: string; id: string }>((knex, p) =>
  knex('provider_models').where({ kind: p.kind, id: p.id }).delete(),
);
const destroyModelsByUid = statement<{ kind: string; uid: string }>((knex, p) =>
  knex('provider_models').where({ uid: p.uid, kind: p.kind }).whereNotNull('uid').delete(),
);
const endModel = statement<{ kind: string; id: string }>((knex, p) =>
  knex('provider_models').where({ kind: p.kind, id: p.id }).update({ payload: null }),
);
const addModelOnce = statement<{ kind: string; id: string; expiresAt: number }>((knex, p) =>
  knex('provider_models')
    .insert({ kind: p.kind, id: p.id, expires_at: p.expiresAt })
    .onConflict(['kind', 'id'])
    .ignore(),
);
const destroyByGrant = statement<{ kind: string; grantId: string }>((knex, p) =>
  knex('provider_models').where({ grant_id: p.grantId, kind: p.kind }).whereNotNull('grant_id').delete(),
);
const destroyGrant = statement<{ grantId: string }>((knex, p) =>
  knex('provider_models').where({ grant_id: p.grantId }).whereNotNull('grant_id').delete(),
);
const sweepModels = statement<{ before: number; limit: number }>((knex, p) =>
  knex('provider_models')
    .whereIn(
      ['kind', 'id'],
      knex('provider_models').select('kind', 'id').where('expires_at', '<', p.before).limit(p.limit),
    )
    .delete(),
);
const listKeys = statement<{ now: number }, KeyRow>((knex, p) =>
  knex('keys')
    .where((open) => open.whereNull('ends_at').orWhere('ends_at', '>', p.now))
    .orderBy('created_at')
    .orderBy('id'),
);
const addKey = statement<{
  id: string;
  kind: string;
  sealed: Buffer;
  createdAt: number;
  activeAt: number;
  endsAt: number | null;
}>((knex, p) =>
  knex('keys').insert({
    id: p.id,
    kind: p.kind,
    sealed: p.sealed,
    created_at: p.createdAt,
    active_at: p.activeAt,
    ends_at: p.endsAt,
  }),
);
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
const sweepKeys = statement<{ before: number; limit: number }>((knex, p) =>
  knex('keys')
    .whereIn('id', knex('keys').select('id').where('ends_at', '<', p.before).limit(p.limit))
    .delete(),
);

function toModel(row: ModelRow): StoredModel {
  return {
    kind: row.kind,
    id: row.id,
    payload: row.payload,
    grantId: row.grant_id,
    uid: row.uid,
    clientId: row.client_id,
    accountId: row.account_id,
    consumedAt: row.consumed_at,
    expiresAt: row.expires_at,
  };
}

export function modelStore(db: Writer): ModelStore {
  return {
    find: async (kind, id) => {
      const row = await db.first(findModel, { kind, id });
      return row && toModel(row);
    },
    findByUid: async (kind, uid) => {
      const row = await db.first(findModelByUid, { kind, uid });
      return row && toModel(row);
    },
    lockByUid: async (kind, uid) => (await db.all(lockModelsByUid, { kind, uid })).map(toModel),
    upsert: async (...models) => {
      for (let at = 0; at < models.length; at += MOST_ROWS) {
        const some = models.slice(at, at + MOST_ROWS);
        const upsert = upsertRows[some.length - 1];
        if (upsert) await db.run(upsert, numbered(some));
      }
    },
    consume: async (kind, id, now) => (await db.run(consumeModel, { kind, id, now })) === 1,
    destroy: async (kind, id) => {
      await db.run(destroyModel, { kind, id });
    },
    destroySession: async (id) => {
      const row = await db.first(findModel, { kind: 'Session', id });
      if (!row?.uid) return;
      // A statement does not see a row that was committed while it waited for another's lock: again, until none is left.
      while ((await db.run(destroyModelsByUid, { kind: 'Session', uid: row.uid })) > 0);
    },
    end: async (kind, id) => {
      await db.run(endModel, { kind, id });
    },
    addOnce: async ({ kind, id, expiresAt }) => (await db.run(addModelOnce, { kind, id, expiresAt })) === 1,
    destroyByGrant: async (kind, grantId) => {
      await db.run(destroyByGrant, { kind, grantId });
    },
    destroyGrant: async (grantId) => {
      await db.run(destroyGrant, { grantId });
    },
    sweep: (before, limit) => db.run(sweepModels, { before, limit }),
  };
}

export function keyStore(db: Writer): KeyStore {
  return {
    list: async (now) =>
      (await db.all(listKeys, { now })).map((row) => ({
        id: row.id,
        kind: row.kind,
        sealed: row.sealed,
        createdAt: row.created_at,
        activeAt: row.active_at,
        endsAt: row.ends_at,
      })),
    add: async (key) => {
      await db.run(addKey, { ...key });
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
