/** Ends everything that a user is signed in by, when the credentials that it rests on end. */
import type { Stores } from '../database/stores.ts';
import { CannotOpen, type Secrets } from '../secrets.ts';
import { tellSite } from './end-session.ts';
import type { RunningProvider } from './provider.ts';
import type { StoredModel } from './store.ts';

/** A session that was ended, still to be told to its sites. */
export interface EndedSession {
  readonly accountId: string;
  /** The session as each site knows it, by client_id. */
  readonly sids: ReadonlyMap<string, string | undefined>;
}

/**
 * Inside a unit of work: ends the user's sessions in every browser, and all grants with their tokens, those for offline
 * use included. A login that is under way comes to an end as well, however far it is. @param now ms
 */
export async function endAccount(
  { users, models }: Stores,
  secrets: Secrets,
  accountId: string,
  now: number,
): Promise<EndedSession[]> {
  await users.signOut(accountId);
  const sessions = await models.endAccount(accountId, now);
  return sessions.map((model) => ({ accountId, sids: sidsOf(model, secrets) }));
}

/**
 * After the commit: tells the sites that registered for it (OpenID Connect Back-Channel Logout 1.0). Never rejects.
 * @param failed called for each site that could not be told
 */
export async function tellSites(
  running: RunningProvider,
  ended: readonly EndedSession[],
  failed: (clientId: string, error: unknown) => void,
): Promise<void> {
  const told = new Set<string>();
  await Promise.all(
    ended.flatMap(({ accountId, sids }) =>
      [...sids].map(async ([clientId, sid]) => {
        // A session that has just got a new id is there under both.
        const key = `${clientId}\n${sid}`;
        if (told.has(key)) return;
        told.add(key);
        await tellSite(running.current(), accountId, clientId, sid, failed);
      }),
    ),
  );
}

/** Of a session sealed by a secret that is gone, nobody can be told. */
function sidsOf(model: StoredModel, secrets: Secrets): Map<string, string | undefined> {
  if (!model.payload) return new Map();
  try {
    const text = secrets.open('seal provider model', `Session:${model.id}`, model.payload);
    const { authorizations = {} }: SessionPayload = JSON.parse(text);
    return new Map(Object.entries(authorizations).map(([clientId, { sid }]) => [clientId, sid]));
  } catch (error) {
    if (error instanceof CannotOpen) return new Map();
    throw error;
  }
}

interface SessionPayload {
  readonly authorizations?: Readonly<Record<string, { readonly sid?: string }>>;
}
