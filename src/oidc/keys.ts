/**
 * The installation's keys: one RSA, one P-256 and one Ed25519 key that sign, a cookie key, the salt of pairwise subjects,
 * and the pepper of passwords. Made on first start, sealed by SECRETS; those that can be replaced, by `key rotate`.
 */
import { createHash, generateKeyPair, type JsonWebKey } from 'node:crypto';
import { promisify } from 'node:util';
import { type Clock, DAY, MINUTE } from '../clock.ts';
import type { Stores, UnitOfWork } from '../database/stores.ts';
import { newId, newToken, type Secrets } from '../secrets.ts';
import type { KeyKind, StoredKey } from './key-store.ts';

const generate = promisify(generateKeyPair);

/** A rotated key is published so long before it signs: relying sites and other processes have it by then. */
export const PUBLISHED_BEFORE_USE = 15 * MINUTE;
/** A replaced key is accepted so long: the longest session, whose ID token may still come back as id_token_hint. */
export const ACCEPTED_AFTER_USE = 31 * DAY;

export const ROTATED_KINDS = ['RS256', 'ES256', 'EdDSA', 'cookie'] as const satisfies readonly KeyKind[];
export type RotatedKind = (typeof ROTATED_KINDS)[number];
/** Without these, subjects would change and passwords would be wrong: they stay. */
const LASTING_KINDS = ['pairwise', 'pepper'] as const satisfies readonly KeyKind[];
const PLAIN_KINDS: readonly KeyKind[] = ['cookie', ...LASTING_KINDS];

/** A key as `key list` shows it: no secret part. */
export interface KeySummary {
  readonly id: string;
  readonly kind: KeyKind;
  readonly state: 'published' | 'active' | 'accepted';
  readonly createdAt: number;
  readonly activeAt: number;
  readonly endsAt: number | null;
}

/** The keys in use, opened. */
export interface KeySet {
  /** Changes when anything in it changes. */
  readonly version: string;
  /** Private JWKs; of each kind the one that signs comes first. */
  readonly jwks: readonly (JsonWebKey & { kid: string; use: 'sig' })[];
  /** The one that signs first. */
  readonly cookieKeys: readonly string[];
  readonly pairwiseSalt: string;
}

/** Makes the first keys where there are none, and seals again what an older secret sealed. */
export async function ensureKeys(uow: UnitOfWork, secrets: Secrets, clock: Clock): Promise<void> {
  const now = clock.now();
  const existing = await uow.read(({ keys }) => keys.list(now));
  const missing = [...ROTATED_KINDS, ...LASTING_KINDS].filter(
    (kind) => !existing.some((key) => key.kind === kind),
  );
  const made = await Promise.all(missing.map((kind) => makeKey(kind, secrets, now, now)));
  const old = existing.filter(
    (key) => !key.sealed.subarray(0, 8).equals(Buffer.from(secrets.currentId, 'hex')),
  );
  if (made.length === 0 && old.length === 0) return;
  await uow.write(async ({ keys }) => {
    // Another process may have made them meanwhile, or be making them.
    await keys.lock();
    const present = new Set((await keys.list(now)).map((key) => key.kind));
    for (const key of made) if (!present.has(key.kind)) await keys.add(key);
    for (const { id, sealed } of old) {
      await keys.reseal(id, secrets.seal('seal key', id, secrets.open('seal key', id, sealed)));
    }
  });
}

/** All keys that have not ended, opened and in order of use. @throws CannotOpen when SECRETS do not fit */
export async function loadKeys(uow: UnitOfWork, secrets: Secrets, clock: Clock): Promise<KeySet> {
  const now = clock.now();
  const stored = inOrderOfUse(await uow.read(({ keys }) => keys.list(now)), now);
  const open = (key: StoredKey) => secrets.open('seal key', key.id, key.sealed);
  return {
    version: stored.map((key) => key.id).join(' '),
    jwks: stored
      .filter((key) => !PLAIN_KINDS.includes(key.kind))
      .map((key) => ({ ...JSON.parse(open(key)), kid: key.id, use: 'sig' as const })),
    cookieKeys: stored.filter((key) => key.kind === 'cookie').map(open),
    pairwiseSalt: stored.filter((key) => key.kind === 'pairwise').map(open)[0] ?? '',
  };
}

/** The key that goes into every hash of a password or secret answer. @throws CannotOpen when SECRETS do not fit */
export async function loadPepper(
  uow: UnitOfWork,
  secrets: Secrets,
  clock: Clock,
): Promise<{ id: string; key: Buffer }> {
  const stored = (await uow.read(({ keys }) => keys.list(clock.now()))).find(({ kind }) => kind === 'pepper');
  if (!stored) throw new Error('the pepper is made at the start');
  const { id, sealed } = stored;
  return { id, key: Buffer.from(secrets.open('seal key', id, sealed), 'base64url') };
}

/** What `key list` shows. */
export async function listKeys(uow: UnitOfWork, clock: Clock): Promise<KeySummary[]> {
  const now = clock.now();
  const stored = inOrderOfUse(await uow.read(({ keys }) => keys.list(now)), now);
  const seen = new Set<KeyKind>();
  return stored.map(({ id, kind, createdAt, activeAt, endsAt }) => {
    const active = activeAt <= now && !seen.has(kind);
    if (active) seen.add(kind);
    const state = activeAt > now ? 'published' : active ? 'active' : 'accepted';
    return { id, kind, state, createdAt, activeAt, endsAt };
  });
}

export interface RotateOptions {
  /** Which; all of them if absent. */
  readonly kinds?: readonly RotatedKind[];
  /** Sign with the new keys at once, for when a key is known to be stolen. */
  readonly immediately?: boolean;
}

/**
 * Adds new keys: published now, signing after PUBLISHED_BEFORE_USE; the old ones are accepted for ACCEPTED_AFTER_USE
 * after that. Immediately: the new ones sign now and the old ones are not accepted any more.
 * @returns the new keys
 */
export async function rotateKeys(
  uow: UnitOfWork,
  secrets: Secrets,
  clock: Clock,
  actor: string,
  { kinds = ROTATED_KINDS, immediately = false }: RotateOptions = {},
): Promise<KeySummary[]> {
  const now = clock.now();
  const activeAt = immediately ? now : now + PUBLISHED_BEFORE_USE;
  const made = await Promise.all(kinds.map((kind) => makeKey(kind, secrets, now, activeAt)));
  await uow.write((stores) =>
    replace(stores, made, actor, immediately ? now : activeAt + ACCEPTED_AFTER_USE),
  );
  const ids = new Set(made.map((key) => key.id));
  return (await listKeys(uow, clock)).filter((key) => ids.has(key.id));
}

async function replace(
  { keys, audit }: Stores,
  made: StoredKey[],
  actor: string,
  oldEndAt: number,
): Promise<void> {
  for (const key of made) {
    await keys.endOlder(key.kind, key.createdAt, oldEndAt);
    await keys.add(key);
    await audit.add({
      id: newId(),
      actor,
      action: 'key.rotate',
      contractId: null,
      subject: key.id,
      details: { kind: key.kind, active_at: key.activeAt },
      at: key.createdAt,
    });
  }
}

async function makeKey(kind: KeyKind, secrets: Secrets, now: number, activeAt: number): Promise<StoredKey> {
  const { id, secret } = await newKey(kind);
  const sealed = secrets.seal('seal key', id, secret);
  return { id, kind, sealed, createdAt: now, activeAt, endsAt: null };
}

async function newKey(kind: KeyKind): Promise<{ id: string; secret: string }> {
  if (PLAIN_KINDS.includes(kind)) return { id: newId(), secret: newToken() };
  const { privateKey } =
    kind === 'RS256'
      ? await generate('rsa', { modulusLength: 2048 })
      : kind === 'ES256'
        ? await generate('ec', { namedCurve: 'P-256' })
        : await generate('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  return { id: thumbprint(jwk), secret: JSON.stringify(jwk) };
}

/** JWK thumbprint (RFC 7638). */
function thumbprint(jwk: JsonWebKey): string {
  const { crv, e, kty, n, x, y } = jwk;
  const required = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}

/** What signs now before what signed earlier, before what is only published yet. */
function inOrderOfUse(keys: readonly StoredKey[], now: number): StoredKey[] {
  const usable = keys.filter((key) => key.activeAt <= now).sort((a, b) => b.activeAt - a.activeAt);
  return [...usable, ...keys.filter((key) => key.activeAt > now)];
}
