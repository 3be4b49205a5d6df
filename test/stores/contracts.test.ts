import { beforeEach, describe, expect, test } from '@jest/globals';
import { parsePolicy } from '../../src/contracts/policy.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { addContract, NOW, sampleClient } from './samples.ts';

describeOnBothEngines('the store of contracts', (open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });

  test('gives a contract back with its policy completed, and apart what it sets', async () => {
    const policy = { lock: { tries: 3 }, support_desk: { name: 'サポート窓口 🚪' } };
    expect(
      await db.write(({ contracts }) => contracts.add({ id: 'acme', name: '関所', policy, at: NOW })),
    ).toBe(true);
    expect(await db.read(({ contracts }) => contracts.find('acme'))).toEqual({
      id: 'acme',
      name: '関所',
      policy: parsePolicy(policy),
      createdAt: NOW,
      updatedAt: NOW,
    });
    expect(await db.read(({ contracts }) => contracts.findPolicyInput('acme'))).toEqual(policy);
  });

  test('knows nothing of a contract that is not there', async () => {
    expect(await db.read(({ contracts }) => contracts.find('nobody'))).toBeUndefined();
    expect(await db.read(({ contracts }) => contracts.findPolicyInput('nobody'))).toBeUndefined();
    const contract = { id: 'nobody', name: 'x', policy: {}, at: NOW };
    expect(await db.write(({ contracts }) => contracts.update(contract, NOW))).toBe(false);
  });

  test('of two that take one id at once, one wins', async () => {
    const added = await atOnce(2, (number) =>
      db.write(({ contracts }) => contracts.add({ id: 'acme', name: `${number}`, policy: {}, at: NOW })),
    );
    expect(added.sort()).toEqual([false, true]);
    expect(await db.count('contracts')).toBe(1);
  });

  test('changes name, policy and the time of the change', async () => {
    await addContract(db);
    const change = { id: 'acme', name: '新', policy: { history_days: 31 }, at: NOW + 1 };
    expect(await db.write(({ contracts }) => contracts.update(change, NOW))).toBe(true);
    // Whoever read it before that change is too late.
    expect(await db.write(({ contracts }) => contracts.update(change, NOW))).toBe(false);
    expect(await db.read(({ contracts }) => contracts.find('acme'))).toMatchObject({
      name: '新',
      policy: { history_days: 31 },
      createdAt: NOW,
      updatedAt: NOW + 1,
    });
  });

  test('lists contracts by id', async () => {
    for (const id of ['b', 'c', 'a']) await addContract(db, id);
    const list = await db.read(({ contracts }) => contracts.list());
    expect(list.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  describe('and of clients', () => {
    beforeEach(() => addContract(db));

    test('gives a client back as it was added', async () => {
      const withSecret = sampleClient();
      const without = sampleClient({ secretHash: null, createdAt: NOW + 1 });
      for (const client of [withSecret, without]) {
        expect(await db.write(({ clients }) => clients.add(client))).toBe(true);
        expect(await db.read(({ clients }) => clients.find(client.clientId))).toEqual(client);
      }
      expect(await db.read(({ clients }) => clients.list('acme'))).toEqual([withSecret, without]);
      expect(await db.read(({ clients }) => clients.list('other'))).toEqual([]);
      expect(await db.read(({ clients }) => clients.find('nobody'))).toBeUndefined();
    });

    test('of two that take one client_id at once, one wins', async () => {
      const client = sampleClient();
      const added = await atOnce(2, () => db.write(({ clients }) => clients.add(client)));
      expect(added.sort()).toEqual([false, true]);
    });

    test('replaces name, metadata and secret, never the contract', async () => {
      const client = sampleClient();
      await db.write(({ clients }) => clients.add(client));
      const changed = {
        ...client,
        name: '新',
        metadata: { scope: 'openid' },
        secretHash: null,
        updatedAt: NOW + 9,
      };
      const update = { ...changed, contractId: 'other', createdAt: NOW + 9 };
      expect(await db.write(({ clients }) => clients.update(update, client.updatedAt))).toBe(true);
      expect(await db.write(({ clients }) => clients.update(update, client.updatedAt))).toBe(false);
      expect(await db.read(({ clients }) => clients.find(client.clientId))).toEqual(changed);
      expect(await db.write(({ clients }) => clients.update(sampleClient(), NOW))).toBe(false);
    });

    test('deletes once', async () => {
      const client = sampleClient();
      await db.write(({ clients }) => clients.add(client));
      const deleted = await atOnce(2, () => db.write(({ clients }) => clients.delete(client.clientId)));
      expect(deleted.sort()).toEqual([false, true]);
      expect(await db.read(({ clients }) => clients.find(client.clientId))).toBeUndefined();
    });

    test('a client needs its contract', async () => {
      const stray = sampleClient({ contractId: 'nobody' });
      await expect(db.write(({ clients }) => clients.add(stray))).rejects.toThrow();
      expect(await db.count('clients')).toBe(0);
    });
  });
});
