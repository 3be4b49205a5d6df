/**
 * Two requests of one browser may change its session at once: each added a site, each gave the session a new id. What
 * both added is kept, and a session that was ended meanwhile stays ended.
 */
import type { ModelStore, StoredModel } from './store.ts';

/** A session's payload, as far as it matters here. */
export interface SessionPayload {
  readonly accountId?: string;
  /** What each client has in this session, by client_id. */
  readonly authorizations?: Readonly<Record<string, unknown>>;
}

export interface SessionSeal {
  open(model: StoredModel): SessionPayload | undefined;
  /** @param id the row's id, to which the seal is bound */
  seal(id: string, payload: SessionPayload): Buffer;
}

/** The session was ended by another request while this one was answered. */
export class SessionEnded extends Error {
  override name = 'SessionEnded';
}

/**
 * Saves a session that existed when the request began.
 * @param destroyed ids of rows that this request removes @throws SessionEnded
 */
export async function saveSession(
  models: ModelStore,
  { model, payload, seal }: { model: StoredModel; payload: SessionPayload; seal: SessionSeal },
  destroyed: ReadonlySet<string>,
): Promise<void> {
  const find = async () => (model.uid === null ? [] : models.lockByUid('Session', model.uid));
  const found = await find();
  // While this one waited for the lock, another request may have put a row with a new id in the place of the locked one.
  const rows = found.length > 0 ? found : await find();
  if (rows.length === 0) throw new SessionEnded('the session was ended meanwhile');
  const others = rows.map((row) => ({ row, payload: seal.open(row) }));
  const same = others.filter((other) => other.payload?.accountId === payload.accountId);
  const authorizations = Object.assign(
    {},
    ...same.map((other) => other.payload?.authorizations),
    payload.authorizations,
  );
  await models.upsert({ ...model, payload: seal.seal(model.id, { ...payload, authorizations }) });
  for (const { row, payload: theirs } of same) {
    if (row.id === model.id || destroyed.has(row.id) || !theirs) continue;
    await models.upsert({ ...row, payload: seal.seal(row.id, { ...theirs, authorizations }) });
  }
}
