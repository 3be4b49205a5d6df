/**
 * One request of the provider, one transaction: what the provider writes while it answers is collected and committed
 * together before the answer leaves. Single-use models are consumed first in that transaction; when another request was
 * quicker, nothing of this one is kept and the grant is revoked.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Stores, UnitOfWork } from '../database/stores.ts';
import { SessionEnded, type SessionPayload, type SessionSeal, saveSession } from './sessions.ts';
import type { ModelStore, StoredModel } from './store.ts';

type Write =
  | { type: 'upsert'; model: StoredModel }
  | { type: 'add once'; model: StoredModel }
  | { type: 'save session'; model: StoredModel; payload: SessionPayload; seal: SessionSeal }
  | { type: 'keep login'; model: StoredModel; signOuts: number }
  | { type: 'destroy' | 'end'; kind: string; id: string }
  | { type: 'destroy by grant'; kind: string; grantId: string };

interface Consumption {
  readonly kind: string;
  readonly id: string;
  readonly grantId: string | null;
}

/** A model that can be used once was used by another request: the answer must be a refusal. */
export class AlreadyUsed extends Error {
  override name = 'AlreadyUsed';
  readonly kind: string;
  readonly grantId: string | null;

  constructor(kind: string, grantId: string | null) {
    super(`${kind} was used already`);
    this.kind = kind;
    this.grantId = grantId;
  }
}

/**
 * Asked in the transaction, before anything is written: whether the request may write at all.
 * @returns null, or when it may come again (ms)
 */
export type Admission = (stores: Stores) => Promise<number | null>;

/** Nothing of the request was kept. */
export class NotAdmitted extends Error {
  override name = 'NotAdmitted';
  /** When it may come again (ms). */
  readonly until: number;

  constructor(until: number) {
    super('too many requests');
    this.until = until;
  }
}

/** What one request has written and not yet committed. */
export class RequestWrites {
  /** Whether the request came with a session: saving it must then respect what others did to it meanwhile. */
  loadedSession = false;
  readonly #grants = new Map<string, string>();
  readonly #writes: Write[] = [];
  readonly #consumed: Consumption[] = [];
  readonly #overlay = new Map<string, StoredModel | null>();
  readonly #afterCommit: (() => Promise<void>)[] = [];

  add(write: Write): void {
    this.#writes.push(write);
    if ('model' in write) this.#overlay.set(keyOf(write.model), write.model);
    else if ('id' in write) this.#overlay.set(keyOf(write), null);
  }

  /** Notes what the request has read. */
  loaded(model: StoredModel): void {
    if (model.kind === 'Session') this.loadedSession = true;
    if (model.grantId !== null) this.#grants.set(model.id, model.grantId);
  }

  /** The grant of a model that the request has read. */
  grantOf(id: string): string | undefined {
    return this.#grants.get(id);
  }

  consume(consumption: Consumption): void {
    this.#consumed.push(consumption);
  }

  /** What this request wrote under a key; undefined: nothing, look in the database; null: it is gone. */
  find(kind: string, id: string): StoredModel | null | undefined {
    return this.#overlay.get(keyOf({ kind, id }));
  }

  /** Has something done once the writes are durable, before the answer leaves. @param task never rejects */
  afterCommit(task: () => Promise<void>): void {
    this.#afterCommit.push(task);
  }

  /** Does, all at once, what was to be done after the commit. */
  async finish(): Promise<void> {
    await Promise.all(this.#afterCommit.splice(0).map((task) => task()));
  }

  /** Whether the request adds or replaces a model of this kind. */
  adds(kind: string): boolean {
    return this.#writes.some((write) => 'model' in write && write.model.kind === kind);
  }

  /** Commits. @throws AlreadyUsed after having revoked the grant; SessionEnded; NotAdmitted */
  async commit(uow: UnitOfWork, now: number, admission?: Admission): Promise<void> {
    if (this.#writes.length === 0 && this.#consumed.length === 0) return;
    try {
      const until = await uow.write(async (stores) => {
        const refused = (await admission?.(stores)) ?? null;
        if (refused === null) await this.#apply(stores.models, now);
        return refused;
      });
      if (until !== null) throw new NotAdmitted(until);
    } catch (error) {
      if (error instanceof AlreadyUsed && error.grantId !== null) {
        const { grantId } = error;
        await uow.write(({ models }) => models.destroyGrant(grantId));
      }
      throw error;
    }
  }

  async #apply(models: ModelStore, now: number): Promise<void> {
    for (const { kind, id, grantId } of this.#consumed) {
      if (!(await models.consume(kind, id, now))) throw new AlreadyUsed(kind, grantId);
    }
    // Before all else that a login leads to: who ends the account meanwhile waits for this, or was quicker.
    for (const write of this.#writes) {
      if (write.type === 'end' && !(await models.end(write.kind, write.id, now))) {
        throw new SessionEnded('the interaction was ended meanwhile');
      }
    }
    // Then sessions: what another request made of the session must be seen before this one removes its old id. And their
    // lock keeps a logout and a login from locking the grants behind a session in different orders.
    const saves = this.#writes.filter((write) => write.type === 'save session');
    const gone = new Set(this.#writes.flatMap((write) => (isSessionEnd(write) ? [write.id] : [])));
    const kept = new Set<string>();
    for (const save of saves) {
      for (const id of await saveSession(models, save, gone, now)) kept.add(id);
    }
    if (saves.length === 0) for (const id of gone) await models.destroySession(id);
    const added = this.#added();
    await models.upsert(...added);
    for (const write of this.#writes) {
      if (write.type === 'upsert' && added.has(write.model)) continue;
      if (!isSessionEnd(write)) await applyWrite(models, write);
      else if (saves.length > 0 && !kept.has(write.id)) await models.destroy(write.kind, write.id);
    }
  }

  /** What is only added in this request, and so can go in one statement before all else. */
  #added(): Set<StoredModel> {
    const times = new Map<string, number>();
    for (const write of this.#writes) {
      if (write.type === 'destroy by grant') return new Set();
      const key = keyOf('model' in write ? write.model : write);
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    const once = (model: StoredModel) => times.get(keyOf(model)) === 1;
    return new Set(
      this.#writes.flatMap((write) => (write.type === 'upsert' && once(write.model) ? [write.model] : [])),
    );
  }
}

/** A session that is destroyed: in a request that saves one, an id that was replaced; otherwise a logout. */
function isSessionEnd(write: Write): write is Extract<Write, { type: 'destroy' | 'end' }> {
  return write.type === 'destroy' && write.kind === 'Session';
}

async function applyWrite(models: ModelStore, write: Write): Promise<void> {
  switch (write.type) {
    case 'upsert':
      return models.upsert(write.model);
    case 'add once':
      if (!(await models.addOnce(write.model))) throw new AlreadyUsed(write.model.kind, null);
      return;
    case 'keep login':
      if (await models.keepLogin(write.model, write.signOuts)) return;
      throw new SessionEnded('the user was signed out meanwhile');
    case 'save session':
    case 'end':
      return;
    case 'destroy':
      return write.kind === 'Grant' ? models.destroyGrant(write.id) : models.destroy(write.kind, write.id);
    case 'destroy by grant':
      return models.destroyByGrant(write.kind, write.grantId);
  }
}

function keyOf({ kind, id }: { kind: string; id: string }): string {
  return `${kind}\n${id}`;
}

const current = new AsyncLocalStorage<RequestWrites>();

/** The writes of the request that is being answered; undefined outside of one. */
export function currentWrites(): RequestWrites | undefined {
  return current.getStore();
}

/**
 * Runs `answer`, then commits what it wrote.
 * @param admit whether it may be written has to be asked @throws AlreadyUsed, SessionEnded, NotAdmitted
 */
export async function collectWrites<T>(
  uow: UnitOfWork,
  now: () => number,
  answer: () => Promise<T>,
  admit: (writes: RequestWrites) => Admission | undefined = () => undefined,
): Promise<T> {
  const writes = new RequestWrites();
  const result = await current.run(writes, answer);
  await writes.commit(uow, now(), admit(writes));
  await writes.finish();
  return result;
}
