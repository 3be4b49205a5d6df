/** What oidc-provider keeps, in the database. Values are hashed and sealed by the caller. */
import { DAY } from '../clock.ts';
import type { Writer } from '../database/database.ts';
import { type Params, statement } from '../database/statement.ts';
import { sweepOf, table } from '../database/table.ts';
import { notSignedOut } from '../users/store.ts';

/**
 * Rows of these kinds stay for longer than they can be used (ms), without their payload: an interaction, so that a page
 * left open can still lead back to the site that it belongs to; a pushed request, until the logins that it began have
 * ended, so that one of them only gets a code.
 */
export const REMEMBERED = { kinds: ['Interaction', 'PushedAuthorizationRequest'], ms: DAY } as const;

/** A row of provider_models. */
export interface StoredModel {
  /** The provider's name of the model: Session, Grant, AuthorizationCode … */
  readonly kind: string;
  /** Hash of the identifier. */
  readonly id: string;
  /** Sealed; null when it was destroyed or has ended, and is only remembered. */
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
  /** All rows of a session, which no other unit of work changes until this one has ended. */
  lockSession(uid: string): Promise<StoredModel[]>;
  /** Adds or replaces models of different keys. A consumed model stays consumed. */
  upsert(...models: readonly StoredModel[]): Promise<void>;
  /** Consumes a model that can be used once. @returns true for one caller only */
  consume(kind: string, id: string, now: number): Promise<boolean>;
  destroy(kind: string, id: string): Promise<void>;
  /** Deletes a session under all the ids that it has, old ones and those that another request is giving it just now. */
  destroySession(id: string): Promise<void>;
  /** Marks as consumed and empties the payload; the row stays until it expires. @returns true for one caller only */
  end(kind: string, id: string, now: number): Promise<boolean>;
  /**
   * Keeps a complete login in its interaction, unless that has ended, or all that the user was signed in by has since
   * `signOuts` was read. @returns whether it was kept; then it is seen by whoever ends the account next
   */
  keepLogin(interaction: StoredModel, signOuts: number): Promise<boolean>;
  /** Adds a model of which there must be one only. @returns false when it is there already */
  addOnce(model: StoredModel): Promise<boolean>;
  /** Deletes all of one kind that was issued under a grant. */
  destroyByGrant(kind: string, grantId: string): Promise<void>;
  /** Deletes the grant and everything issued under it, by another request just now included. */
  destroyGrant(grantId: string): Promise<void>;
  /**
   * Ends logins of an account that are complete and have not become a session yet; deletes all its sessions, and all
   * grants with what was issued under them. Whoever calls it holds the user. @param now ms @returns the sessions
   */
  endAccount(accountId: string, now: number): Promise<StoredModel[]>;
  /** Empties the payload of what is only remembered (REMEMBERED) since before. @returns how many, `limit` at most */
  forget(before: number, limit: number): Promise<number>;
  /** Deletes what expired before. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

const rows = table<StoredModel>('provider_models', {
  kind: 'kind',
  id: 'id',
  payload: 'payload',
  grantId: 'grant_id',
  uid: 'uid',
  clientId: 'client_id',
  accountId: 'account_id',
  consumedAt: 'consumed_at',
  expiresAt: 'expires_at',
});

const findModel = statement<{ kind: string; id: string }, StoredModel>((knex, p) =>
  rows.select(knex).where({ kind: p.kind, id: p.id }),
);
const findModelByUid = statement<{ kind: string; uid: string }, StoredModel>((knex, p) =>
  rows.select(knex).where({ uid: p.uid, kind: p.kind }).whereNotNull('uid').orderBy('expires_at', 'desc'),
);
const findModelsByUid = statement<{ kind: string; uid: string }, StoredModel>((knex, p) =>
  rows.select(knex).where({ uid: p.uid, kind: p.kind }).whereNotNull('uid').orderBy('id'),
);
/** Rows that one statement adds at most: what a request of the provider writes, in one round trip. */
const MOST_ROWS = 4;
const upsertRows = Array.from({ length: MOST_ROWS }, (_, index) => upsertStatement(index + 1));

function upsertStatement(count: number) {
  return statement<Params>((knex, p) =>
    rows
      .insertMany(knex, p, count)
      .onConflict(['kind', 'id'])
      .merge(['payload', 'grant_id', 'uid', 'client_id', 'account_id', 'expires_at']),
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
const endModel = statement<{ kind: string; id: string; now: number }>((knex, p) =>
  knex('provider_models')
    .where({ kind: p.kind, id: p.id })
    .whereNull('consumed_at')
    .update({ payload: null, consumed_at: p.now }),
);
const keepLogin = statement<{
  id: string;
  payload: Buffer | null;
  accountId: string | null;
  signOuts: number;
}>((knex, p) =>
  knex('provider_models')
    .where({ kind: 'Interaction', id: p.id })
    .whereNull('consumed_at')
    .whereExists(notSignedOut(knex, { sub: p.accountId, signOuts: p.signOuts }))
    .update({ payload: p.payload, account_id: p.accountId }),
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
/** The condition reads as that of the index provider_models_account; see forgetModels. */
const OF_ACCOUNT = "kind || '' in ('Session', 'Grant', 'Interaction') and kind || '' = ?";
const ofAccount = statement<{ kind: string; accountId: string }, StoredModel>((knex, p) =>
  rows.select(knex).where({ account_id: p.accountId }).whereRaw(OF_ACCOUNT, [p.kind]).orderBy(['uid', 'id']),
);
const endLogins = statement<{ accountId: string; now: number }>((knex, p) =>
  knex('provider_models')
    .where({ account_id: p.accountId })
    .whereRaw(OF_ACCOUNT, ['Interaction'])
    .whereNull('consumed_at')
    .update({ payload: null, consumed_at: p.now }),
);
/**
 * The condition reads as that of the index provider_models_remembered does, or no engine would use the index. By the
 * bare `kind` SQLite would rather go through all rows of these kinds by the primary key.
 */
const forgetModels = statement<{ expiresBefore: number; limit: number }>((knex, p) =>
  knex('provider_models')
    .whereIn(
      ['kind', 'id'],
      knex('provider_models')
        .select('kind', 'id')
        .whereRaw("kind || '' in ('Interaction', 'PushedAuthorizationRequest') and payload is not null")
        .where('expires_at', '<', p.expiresBefore)
        .limit(p.limit),
    )
    .update({ payload: null }),
);
const sweepModels = sweepOf('provider_models', ['kind', 'id'], 'expires_at');

export function modelStore(db: Writer): ModelStore {
  const store: ModelStore = {
    find: (kind, id) => db.first(findModel, { kind, id }),
    findByUid: (kind, uid) => db.first(findModelByUid, { kind, uid }),
    lockSession: async (uid) => {
      await db.lock(`session ${uid}`);
      return db.all(findModelsByUid, { kind: 'Session', uid });
    },
    upsert: async (...models) => {
      for (let at = 0; at < models.length; at += MOST_ROWS) {
        const some = models.slice(at, at + MOST_ROWS);
        const upsert = upsertRows[some.length - 1];
        if (upsert) await db.run(upsert, rows.numbered(some));
      }
    },
    consume: async (kind, id, now) => (await db.run(consumeModel, { kind, id, now })) === 1,
    destroy: async (kind, id) => {
      await db.run(destroyModel, { kind, id });
    },
    destroySession: async (id) => {
      const row = await db.first(findModel, { kind: 'Session', id });
      if (!row?.uid) return;
      await db.lock(`session ${row.uid}`);
      await db.run(destroyModelsByUid, { kind: 'Session', uid: row.uid });
    },
    end: async (kind, id, now) => (await db.run(endModel, { kind, id, now })) === 1,
    keepLogin: async ({ id, payload, accountId }, signOuts) =>
      (await db.run(keepLogin, { id, payload, accountId, signOuts })) === 1,
    addOnce: async ({ kind, id, expiresAt }) => (await db.run(addModelOnce, { kind, id, expiresAt })) === 1,
    destroyByGrant: async (kind, grantId) => {
      await db.run(destroyByGrant, { kind, grantId });
    },
    destroyGrant: async (grantId) => {
      // Tokens that a refresh under way adds are seen once its lock on the spent one was waited for: again, until none is left.
      while ((await db.run(destroyGrant, { grantId })) > 0);
    },
    endAccount: async (accountId, now) => {
      // Each step waits for the requests that lead to what the next one looks for: what they have added is seen there.
      await db.run(endLogins, { accountId, now });
      const sessions = await db.all(ofAccount, { kind: 'Session', accountId });
      const ended: StoredModel[] = [];
      for (const uid of new Set(sessions.flatMap((row) => row.uid ?? []))) {
        // By now somebody else may be signed in there.
        const rows = (await store.lockSession(uid)).filter((row) => row.accountId === accountId);
        for (const { kind, id } of rows) await store.destroy(kind, id);
        ended.push(...rows);
      }
      for (const { id } of await db.all(ofAccount, { kind: 'Grant', accountId }))
        await store.destroyGrant(id);
      return ended;
    },
    forget: (before, limit) => db.run(forgetModels, { expiresBefore: before + REMEMBERED.ms, limit }),
    sweep: (before, limit) => db.run(sweepModels, { before, limit }),
  };
  return store;
}
