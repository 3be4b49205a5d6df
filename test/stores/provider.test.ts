import { beforeEach, expect, test } from '@jest/globals';
import type { StoredKey } from '../../src/oidc/key-store.ts';
import { REMEMBERED, type StoredModel } from '../../src/oidc/store.ts';
import { atOnce, describeOnBothEngines, someoneWaits, type TestDatabase } from '../support/stores.ts';
import { NOW } from './samples.ts';

const model: StoredModel = {
  kind: 'AuthorizationCode',
  id: 'id',
  payload: Buffer.from([0, 255, 1, 128]),
  grantId: 'grant',
  uid: null,
  clientId: 'client',
  accountId: 'sub',
  consumedAt: null,
  expiresAt: NOW + 1000,
};

describeOnBothEngines("the store of the provider's models", (open, engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });
  const put = (changes: Partial<StoredModel> = {}) =>
    db.write(({ models }) => models.upsert({ ...model, ...changes }));
  const find = (kind = model.kind, id = model.id) => db.read(({ models }) => models.find(kind, id));

  test('gives a model back as it was added, by kind and id', async () => {
    await put();
    expect(await find()).toEqual(model);
    expect(await find('Session')).toBeUndefined();
    await put({ kind: 'Session', uid: 'uid', grantId: null });
    expect(await db.read(({ models }) => models.findByUid('Session', 'uid'))).toMatchObject({ id: 'id' });
    expect(await db.read(({ models }) => models.findByUid('AuthorizationCode', 'uid'))).toBeUndefined();
  });

  test('replaces a model, but a consumed one stays consumed', async () => {
    await put();
    await db.write(({ models }) => models.consume(model.kind, model.id, NOW));
    await put({ payload: Buffer.from('new'), expiresAt: NOW + 5 });
    expect(await find()).toEqual({
      ...model,
      payload: Buffer.from('new'),
      expiresAt: NOW + 5,
      consumedAt: NOW,
    });
    expect(await db.count('provider_models')).toBe(1);
  });

  test('is consumed by one of many who try at once', async () => {
    await put();
    const consumed = await atOnce(20, () =>
      db.write(({ models }) => models.consume(model.kind, model.id, NOW)),
    );
    expect(consumed.filter(Boolean)).toHaveLength(1);
    expect(await db.write(({ models }) => models.consume(model.kind, 'nothing', NOW))).toBe(false);
  });

  test('what there must be one only of is added by one of many', async () => {
    const added = await atOnce(20, () =>
      db.write(({ models }) => models.addOnce({ ...model, kind: 'ReplayDetection' })),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await find('ReplayDetection')).toMatchObject({ payload: null, expiresAt: model.expiresAt });
  });

  test('finds all models of a uid to change them together', async () => {
    for (const id of ['b', 'a']) await put({ kind: 'Session', id, uid: 'uid' });
    await put({ kind: 'Session', id: 'c', uid: 'other' });
    const locked = await db.write(({ models }) => models.lockSession('uid'));
    expect(locked.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('ends a model without forgetting it, and destroys one', async () => {
    await put();
    await db.write(({ models }) => models.end(model.kind, model.id, NOW));
    expect(await find()).toEqual({ ...model, payload: null, consumedAt: NOW });
    await db.write(({ models }) => models.destroy('Session', model.id));
    expect(await find()).toBeDefined();
    await db.write(({ models }) => models.destroy(model.kind, model.id));
    expect(await find()).toBeUndefined();
  });

  test('revokes a grant with all that was issued under it, or one kind of it', async () => {
    await put({ kind: 'AccessToken', id: '1' });
    await put({ kind: 'RefreshToken', id: '2' });
    await put({ kind: 'Grant', id: 'grant' });
    await put({ kind: 'AccessToken', id: '3', grantId: 'other' });
    await put({ kind: 'Session', id: '4', grantId: null });
    await db.write(({ models }) => models.destroyByGrant('RefreshToken', 'grant'));
    expect(await find('RefreshToken', '2')).toBeUndefined();
    expect(await db.count('provider_models')).toBe(4);
    await db.write(({ models }) => models.destroyGrant('grant'));
    expect(await db.count('provider_models')).toBe(2);
  });

  test('revokes a grant with the tokens that a refresh adds at the same moment', async () => {
    await put({ kind: 'Grant', id: 'grant' });
    await put({ kind: 'RefreshToken', id: 'old' });
    let commit: () => void = () => {};
    const mayCommit = new Promise<void>((done) => {
      commit = done;
    });
    let consumed: () => void = () => {};
    const hasConsumed = new Promise<void>((done) => {
      consumed = done;
    });
    const refresh = db.write(async ({ models }) => {
      await models.consume('RefreshToken', 'old', NOW);
      await models.upsert({ ...model, kind: 'RefreshToken', id: 'new' }, { ...model, kind: 'AccessToken' });
      consumed();
      await mayCommit;
    });
    await hasConsumed;
    const revoke = db.write(({ models }) => models.destroyGrant('grant'));
    if (engine === 'postgres') await someoneWaits(db);
    commit();
    await Promise.all([refresh, revoke]);
    expect(await db.count('provider_models')).toBe(0);
  });

  test('ends an account: its sessions under all their ids, its grants with their tokens, and nobody else’s', async () => {
    const session = { kind: 'Session', grantId: null, uid: 'uid' };
    for (const id of ['1', '2']) await put({ ...session, id });
    await put({ ...session, id: '3', uid: 'another' });
    await put({ kind: 'Grant', id: 'grant' });
    await put({ kind: 'RefreshToken', id: 'token' });
    const theirs = { accountId: 'other' };
    await put({ ...session, ...theirs, id: '4', uid: 'theirs' });
    await put({ kind: 'Grant', id: 'theirs', grantId: 'theirs', ...theirs });
    await put({ kind: 'RefreshToken', id: 'theirs', grantId: 'theirs', ...theirs });
    const ended = await db.write(({ models }) => models.endAccount('sub', NOW));
    expect(ended.map(({ id }) => id).sort()).toEqual(['1', '2', '3']);
    expect(await db.count('provider_models')).toBe(3);
    for (const [kind, id] of [
      ['Session', '4'],
      ['Grant', 'theirs'],
      ['RefreshToken', 'theirs'],
    ] as const)
      expect(await find(kind, id)).toBeDefined();
    expect(await db.write(({ models }) => models.endAccount('sub', NOW))).toEqual([]);
  });

  test('of two requests at once that end a model, one is told that it did', async () => {
    await put();
    const ended = await atOnce(6, () => db.write(({ models }) => models.end(model.kind, model.id, NOW)));
    expect(ended.filter(Boolean)).toHaveLength(1);
  });

  test('empties what is only remembered, a batch at a time, and nothing before its end', async () => {
    for (const kind of REMEMBERED.kinds) {
      for (const id of ['1', '2']) await put({ kind, id, expiresAt: NOW + REMEMBERED.ms });
      await put({ kind, id: 'open', expiresAt: NOW + 1 + REMEMBERED.ms });
    }
    await put({ expiresAt: NOW });
    const forget = () => db.write(({ models }) => models.forget(NOW + 1, 3));
    expect([await forget(), await forget(), await forget()]).toEqual([3, 1, 0]);
    for (const kind of REMEMBERED.kinds) {
      expect(await find(kind, '1')).toMatchObject({ payload: null, clientId: 'client', consumedAt: null });
      expect(await find(kind, 'open')).toMatchObject({ payload: model.payload });
    }
    expect(await find()).toMatchObject({ payload: model.payload });
  });

  test('sweeps what has expired, a batch at a time', async () => {
    for (let number = 0; number < 5; number += 1) await put({ id: `${number}`, expiresAt: NOW });
    await put();
    const sweep = () => db.write(({ models }) => models.sweep(NOW + 1, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 2, 0]);
    expect(await find()).toEqual(model);
  });
});

describeOnBothEngines('the store of keys', (open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });

  const key = (id: string, changes: Partial<StoredKey> = {}): StoredKey => ({
    id,
    kind: 'RS256',
    sealed: Buffer.from([0, 1, 254]),
    createdAt: NOW,
    activeAt: NOW,
    endsAt: null,
    ...changes,
  });
  const add = (stored: StoredKey) => db.write(({ keys }) => keys.add(stored));
  const list = (now = NOW) => db.read(({ keys }) => keys.list(now));

  test('lists those that have not ended, oldest first', async () => {
    const [old, young, ended] = [
      key('old'),
      key('young', { createdAt: NOW + 1, activeAt: NOW + 9 }),
      key('ended', { endsAt: NOW }),
    ];
    for (const each of [young, old, ended]) await add(each);
    expect(await list()).toEqual([old, young]);
    expect((await list(NOW - 1)).map(({ id }) => id).sort()).toEqual(['ended', 'old', 'young']);
  });

  test('ends older keys of a kind that have no end yet', async () => {
    await add(key('a'));
    await add(key('b', { endsAt: NOW + 1 }));
    await add(key('c', { kind: 'ES256' }));
    await add(key('d', { createdAt: NOW + 5 }));
    await db.write(({ keys }) => keys.endOlder('RS256', NOW + 5, NOW + 99));
    const ends = Object.fromEntries((await list()).map(({ id, endsAt }) => [id, endsAt]));
    expect(ends).toEqual({ a: NOW + 99, b: NOW + 1, c: null, d: null });
  });

  test('takes a new seal', async () => {
    await add(key('a'));
    await db.write(({ keys }) => keys.reseal('a', Buffer.from('again')));
    expect(await list()).toEqual([key('a', { sealed: Buffer.from('again') })]);
  });

  test('sweeps what has ended, a batch at a time', async () => {
    for (let number = 0; number < 5; number += 1) await add(key(`${number}`, { endsAt: NOW }));
    await add(key('alive'));
    const sweep = () => db.write(({ keys }) => keys.sweep(NOW + 1, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 2, 0]);
    expect(await db.count('keys')).toBe(1);
  });
});
