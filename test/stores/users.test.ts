import { beforeEach, expect, test } from '@jest/globals';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { addContract, addUser, NOW, sampleDevice, sampleUser } from './samples.ts';

describeOnBothEngines('the store of users', (open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
    await addContract(db);
  });

  test('gives a user back as it was added, by sub and by user ID', async () => {
    const user = sampleUser({ unlockAt: NOW + 1, validUntil: NOW + 2, locale: 'en', state: 'locked' });
    expect(await db.write(({ users }) => users.add(user, 'p-01-usr007'))).toBe(true);
    expect(await db.read(({ users }) => users.find(user.sub))).toEqual(user);
    expect(await db.read(({ users }) => users.findByUserId('acme', 'p-01-usr007'))).toEqual(user);
    expect(await db.read(({ users }) => users.findByUserId('acme', 'P-01-usr007'))).toBeUndefined();
    expect(await db.read(({ users }) => users.findByUserId('other', 'p-01-usr007'))).toBeUndefined();
    expect(await db.read(({ users }) => users.find('nobody'))).toBeUndefined();
  });

  test('of many that take one user ID at once, one wins; in another contract it is free', async () => {
    await addContract(db, 'other');
    const added = await atOnce(8, () => db.write(({ users }) => users.add(sampleUser(), 'p-01-usr007')));
    expect(added.filter(Boolean)).toHaveLength(1);
    const elsewhere = sampleUser({ contractId: 'other' });
    expect(await db.write(({ users }) => users.add(elsewhere, 'p-01-usr007'))).toBe(true);
    expect(await db.count('users')).toBe(2);
  });

  test('lists a contract in the order of user IDs, a page at a time', async () => {
    for (const userId of ['c', 'a', 'd', 'b']) await addUser(db, userId);
    const page = async (after: string, limit: number) =>
      (await db.read(({ users }) => users.list('acme', after, limit))).map(({ userId }) => userId);
    expect(await page('', 3)).toEqual(['a', 'b', 'c']);
    expect(await page('c', 3)).toEqual(['d']);
    expect(await page('d', 3)).toEqual([]);
  });

  test('changes state and date, and says whether there was somebody', async () => {
    const sub = await addUser(db);
    expect(await db.write(({ users }) => users.setState(sub, 'locked', NOW + 5, NOW + 1))).toBe(true);
    expect(await db.read(({ users }) => users.find(sub))).toMatchObject({
      state: 'locked',
      unlockAt: NOW + 5,
      updatedAt: NOW + 1,
    });
    expect(await db.write(({ users }) => users.setState(sub, 'active', null, NOW + 2))).toBe(true);
    expect(await db.write(({ users }) => users.setValidUntil(sub, NOW + 9, NOW + 3))).toBe(true);
    expect(await db.read(({ users }) => users.find(sub))).toMatchObject({
      state: 'active',
      unlockAt: null,
      validUntil: NOW + 9,
      updatedAt: NOW + 3,
    });
    expect(await db.write(({ users }) => users.setState('nobody', 'active', null, NOW))).toBe(false);
    expect(await db.write(({ users }) => users.setValidUntil('nobody', null, NOW))).toBe(false);
  });

  test('changes a state from what it is expected to be, and else leaves it', async () => {
    const sub = await addUser(db);
    const change = (from: 'active' | 'locked', to: 'locked' | 'disabled', unlockAt: number | null) =>
      db.write(({ users }) => users.changeState(sub, from, to, unlockAt, NOW + 1));
    expect(await change('locked', 'disabled', null)).toBe(false);
    const raced = await Promise.all([
      change('active', 'locked', NOW + 5),
      change('active', 'disabled', null),
    ]);
    expect(raced.sort()).toEqual([false, true]);
    expect(await db.write(({ users }) => users.changeState('nobody', 'active', 'locked', null, NOW))).toBe(
      false,
    );
  });

  test('keeps devices in the order of their numbers; a number is given once', async () => {
    const sub = await addUser(db);
    const second = sampleDevice({
      number: 2,
      address: 'a..b@docomo.ne.jp',
      type: 'mobile',
      confirmedAt: null,
    });
    const first = sampleDevice();
    for (const device of [second, first]) await db.write(({ users }) => users.addDevice(sub, device));
    expect(await db.read(({ users }) => users.devices(sub))).toEqual([first, second]);
    await expect(db.write(({ users }) => users.addDevice(sub, first))).rejects.toThrow();
    expect(await db.read(({ users }) => users.devices('nobody'))).toEqual([]);
  });

  test('a deleted user takes devices and browsers along, and nobody else', async () => {
    const [sub, other] = [await addUser(db, 'a'), await addUser(db, 'b')];
    for (const each of [sub, other]) {
      await db.write(async ({ users, browsers }) => {
        await users.addDevice(each, sampleDevice());
        await browsers.remember(each, 'browser', NOW);
      });
    }
    const deleted = await atOnce(2, () => db.write(({ users }) => users.delete(sub)));
    expect(deleted.sort()).toEqual([false, true]);
    expect([await db.count('users'), await db.count('devices'), await db.count('browsers')]).toEqual([
      1, 1, 1,
    ]);
    expect(await db.read(({ users }) => users.devices(other))).toEqual([sampleDevice()]);
  });
});

describeOnBothEngines('the store of known browsers', (open) => {
  let db: TestDatabase;
  let sub: string;
  beforeEach(async () => {
    db = await open();
    await addContract(db);
    sub = await addUser(db);
  });

  test('knows a browser from its first login on, and per user', async () => {
    const other = await addUser(db, 'other');
    const knows = (whose: string) => db.read(({ browsers }) => browsers.knows(whose, 'b1'));
    const remember = (now: number) => db.write(({ browsers }) => browsers.remember(sub, 'b1', now));
    expect(await knows(sub)).toBe(false);
    expect(await remember(NOW)).toBe(true);
    expect(await knows(sub)).toBe(true);
    expect(await knows(other)).toBe(false);
    expect(await remember(NOW + 1)).toBe(false);
  });

  test('two logins from one browser at once leave one row', async () => {
    await atOnce(6, () => db.write(({ browsers }) => browsers.remember(sub, 'b1', NOW)));
    expect(await db.count('browsers')).toBe(1);
  });

  test('forgets what was not seen for long, a batch at a time', async () => {
    for (let number = 0; number < 5; number += 1) {
      await db.write(({ browsers }) => browsers.remember(sub, `old${number}`, NOW));
    }
    await db.write(({ browsers }) => browsers.remember(sub, 'old0', NOW + 10));
    const sweep = () => db.write(({ browsers }) => browsers.sweep(NOW + 1, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 1, 0]);
    expect(await db.read(({ browsers }) => browsers.knows(sub, 'old0'))).toBe(true);
  });
});
