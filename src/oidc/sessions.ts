/**
 * Two requests of one browser may change its session at once: each added a site, each gave the session a new id. What
 * both added is kept, and a session that was ended meanwhile stays ended. A session that has got a new id is found under
 * the old one for a moment, by requests that the browser had sent before the new cookie came.
 */
import { SECOND } from '../clock.ts';
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

/** How long a session is found under an id that was replaced. */
const OLD_ID = 10 * SECOND;

/** The session, or the login that was to become one, was ended by another request while this one was answered. */
export class SessionEnded extends Error {
  override name = 'SessionEnded';
}

/**
 * Saves a session that existed when the request began.
 * @param replaced ids of rows in whose place this one is saved
 * @returns those of them that stay for a moment: of the same user, so that nobody gains a login by an id known before it
 * @throws SessionEnded
 */
export async function saveSession(
  models: ModelStore,
  { model, payload, seal }: { model: StoredModel; payload: SessionPayload; seal: SessionSeal },
  replaced: ReadonlySet<string>,
  now: number,
): Promise<string[]> {
  const rows = model.uid === null ? [] : await models.lockSession(model.uid);
  if (rows.length === 0) throw new SessionEnded('the session was ended meanwhile');
  const same = rows
    .map((row) => ({ row, payload: seal.open(row) }))
    .filter((other) => other.payload?.accountId === payload.accountId);
  const authorizations = Object.assign(
    {},
    ...same.map((other) => other.payload?.authorizations),
    payload.authorizations,
  );
  await models.upsert({ ...model, payload: seal.seal(model.id, { ...payload, authorizations }) });
  const others = same.filter(({ row }) => row.id !== model.id);
  for (const { row, payload: theirs } of others) {
    const expiresAt = replaced.has(row.id) ? Math.min(row.expiresAt, now + OLD_ID) : row.expiresAt;
    await models.upsert({ ...row, expiresAt, payload: seal.seal(row.id, { ...theirs, authorizations }) });
  }
  return others.map(({ row }) => row.id).filter((id) => replaced.has(id));
}
