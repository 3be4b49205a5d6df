import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Row {
  payload: AdapterPayload;
  /** Milliseconds since the epoch; Infinity when the row never ends. */
  expiresAt: number;
}

const rows = new Map<string, Row>();
const grantMembers = new Map<string, Set<string>>();
const sessionsByUid = new Map<string, string>();

/** Drops what has expired, so that a long run measures the library and not a growing heap. */
export function sweep(now: number): void {
  for (const [key, row] of rows) {
    if (row.expiresAt <= now) forget(key, row);
  }
}

function forget(key: string, row: Row): void {
  rows.delete(key);
  if (row.payload.uid) sessionsByUid.delete(row.payload.uid);
  if (!row.payload.grantId) return;
  const members = grantMembers.get(row.payload.grantId);
  members?.delete(key);
  if (members?.size === 0) grantMembers.delete(row.payload.grantId);
}

/** oidc-provider's storage in plain Maps: nothing survives the process, nothing is copied, hashed or sealed. */
export class MemoryAdapter implements Adapter {
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const key = this.#key(id);
    rows.set(key, { payload, expiresAt: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
    if (this.#model === 'Session' && payload.uid) sessionsByUid.set(payload.uid, id);
    if (payload.grantId && this.#model !== 'Session') {
      const members = grantMembers.get(payload.grantId);
      if (members) members.add(key);
      else grantMembers.set(payload.grantId, new Set([key]));
    }
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const key = this.#key(id);
    const row = rows.get(key);
    if (!row) return undefined;
    if (row.expiresAt > Date.now()) return row.payload;
    forget(key, row);
    return undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const id = sessionsByUid.get(uid);
    return id === undefined ? undefined : this.find(id);
  }

  /** The device flow is off, so no row has a user code. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const row = rows.get(this.#key(id));
    if (row) row.payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    const key = this.#key(id);
    const row = rows.get(key);
    if (row) forget(key, row);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const key of grantMembers.get(grantId) ?? []) rows.delete(key);
    grantMembers.delete(grantId);
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }
}
