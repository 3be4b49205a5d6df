/** oidc-provider's storage: hashes identifiers, seals payloads, and hands the rest to the stores. */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { Stores, UnitOfWork } from '../database/stores.ts';
import { CannotOpen, hashToken, type Secrets } from '../secrets.ts';
import type { Contracts } from './contracts.ts';
import { currentWrites, RequestWrites } from './request-writes.ts';
import type { SessionPayload, SessionSeal } from './sessions.ts';
import { REMEMBERED, type StoredModel } from './store.ts';

export interface AdapterParts {
  readonly uow: UnitOfWork;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly contracts: Contracts;
}

/** Used once by their nature: a second one at the same time must fail. */
const ONCE = new Set(['ReplayDetection']);

/** @returns the `adapter` of the provider's configuration */
export function adapterFactory(parts: AdapterParts): (name: string) => Adapter {
  return (name) => (name === 'Client' ? clientAdapter(parts.contracts) : modelAdapter(name, parts));
}

function clientAdapter(contracts: Contracts): Adapter {
  const readOnly = async () => {
    throw new Error('clients are registered through the contracts store');
  };
  return {
    find: (clientId) => contracts.findClientMetadata(clientId) as Promise<AdapterPayload | undefined>,
    findByUid: readOnly,
    findByUserCode: readOnly,
    upsert: readOnly,
    consume: readOnly,
    destroy: readOnly,
    revokeByGrantId: readOnly,
  };
}

function modelAdapter(kind: string, { uow, secrets, clock }: AdapterParts): Adapter {
  const place = (id: string) => `${kind}:${id}`;

  function open(model: StoredModel | undefined | null): AdapterPayload | undefined {
    if (!model?.payload) return undefined;
    // One that has ended may have been written again by a request that had read it before.
    if (kind === 'Interaction' && model.consumedAt !== null) return undefined;
    // The provider looks at the end that is in the payload; a session's old id ends earlier (sessions.ts).
    if (kind === 'Session' && model.expiresAt <= clock.now()) return undefined;
    try {
      const payload = JSON.parse(secrets.open('seal provider model', place(model.id), model.payload));
      return model.consumedAt === null
        ? payload
        : { ...payload, consumed: Math.floor(model.consumedAt / 1000) };
    } catch (error) {
      // Sealed by a secret that was taken out of SECRETS: it has ended.
      if (error instanceof CannotOpen) return undefined;
      throw error;
    }
  }

  /** Joins the request's transaction; outside of a request, one of its own. */
  async function write(change: (writes: RequestWrites) => void): Promise<void> {
    const collected = currentWrites();
    if (collected) return change(collected);
    const own = new RequestWrites();
    change(own);
    await own.commit(uow, clock.now());
  }

  const sessionSeal: SessionSeal = {
    open: (model) => open(model) as SessionPayload | undefined,
    seal: (id, payload) => secrets.seal('seal provider model', place(id), JSON.stringify(payload)),
  };

  const read = (work: (stores: Stores) => Promise<StoredModel | undefined>) => uow.read(work).then(open);

  return {
    async find(value) {
      const id = hashToken(value);
      const writes = currentWrites();
      const written = writes?.find(kind, id);
      const model = written === undefined ? await uow.read(({ models }) => models.find(kind, id)) : written;
      const payload = ONCE.has(kind) ? trace(model) : (open(model) ?? ended(model, value));
      if (model && payload) writes?.loaded(model);
      return payload;
    },
    findByUid: (uid) => read(({ models }) => models.findByUid(kind, hashToken(uid))),
    // The device flow is not offered.
    findByUserCode: async () => undefined,
    upsert(value, payload, expiresIn) {
      const id = hashToken(value);
      const sealed = secrets.seal('seal provider model', place(id), JSON.stringify(payload));
      const remember = isRemembered(kind) ? REMEMBERED.ms : 0;
      const model = { id, ...columns(kind, id, payload), payload: sealed, consumedAt: null };
      const expiresAt = clock.now() + (expiresIn ?? 0) * 1000 + remember;
      const stored = { ...model, expiresAt };
      return write((writes) => {
        const signOuts = payload.result?.signOuts;
        if (ONCE.has(kind)) writes.add({ type: 'add once', model: stored });
        else if (kind === 'Interaction' && typeof signOuts === 'number') {
          writes.add({ type: 'keep login', model: stored, signOuts });
        } else if (kind === 'Session' && writes.loadedSession) {
          writes.add({ type: 'save session', model: stored, payload, seal: sessionSeal });
        } else writes.add({ type: 'upsert', model: stored });
      });
    },
    async consume(value) {
      const id = hashToken(value);
      const grantId =
        currentWrites()?.grantOf(id) ?? (await uow.read(({ models }) => models.find(kind, id)))?.grantId;
      await write((writes) => writes.consume({ kind, id, grantId: grantId ?? null }));
    },
    destroy: (value) =>
      write((writes) =>
        writes.add({ type: kind === 'Interaction' ? 'end' : 'destroy', kind, id: hashToken(value) }),
      ),
    revokeByGrantId: (grantId) =>
      write((writes) => writes.add({ type: 'destroy by grant', kind, grantId: hashToken(grantId) })),
  };
}

/** That something was used before; there is nothing else to know about it. */
function trace(model: StoredModel | undefined | null): AdapterPayload | undefined {
  return model ? { jti: model.id, exp: Math.floor(model.expiresAt / 1000) } : undefined;
}

/** A pushed request that has ended: enough for the logins that it began to be told of its use. */
function ended(model: StoredModel | undefined | null, jti: string): AdapterPayload | undefined {
  if (model?.kind !== 'PushedAuthorizationRequest' || model.payload) return undefined;
  const { kind, consumedAt } = model;
  const consumed = consumedAt === null ? {} : { consumed: Math.floor(consumedAt / 1000) };
  return { jti, kind, exp: 1, ...consumed };
}

function isRemembered(kind: string): boolean {
  return REMEMBERED.kinds.some((one) => one === kind);
}

/**
 * What rows are looked up by, besides their id. An interaction names a grant and is not issued under it: a logout in
 * another tab ends the grant, and the open page must still know the way back to its site.
 */
function columns(kind: string, id: string, payload: AdapterPayload) {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const hashed = (value: unknown) => (typeof value === 'string' ? hashToken(value) : null);
  return {
    kind,
    grantId: kind === 'Grant' ? id : kind === 'Interaction' ? null : hashed(payload.grantId),
    uid: kind === 'Session' ? hashed(payload.uid) : null,
    clientId: text(kind === 'Interaction' ? payload.params?.client_id : payload.clientId),
    // A login that is complete and not yet followed back to the provider belongs to who logged in.
    accountId: text(kind === 'Interaction' ? payload.result?.login?.accountId : payload.accountId),
  };
}
