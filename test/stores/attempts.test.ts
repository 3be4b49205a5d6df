import { beforeEach, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import type { LoginAttempt } from '../../src/login/store.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { NOW } from './samples.ts';

const attempt: LoginAttempt = {
  id: 'attempt',
  contractId: 'acme',
  clientId: 'client',
  userSub: 'sub',
  userId: 'p-01-usr007',
  account: 'account',
  codeId: 'code',
  mails: 1,
  lastMailAt: NOW,
  createdAt: NOW,
  expiresAt: NOW + 10 * MINUTE,
};

describeOnBothEngines('the store of login attempts', (open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });
  const find = (id = 'attempt') => db.read(({ attempts }) => attempts.find(id));
  const begin = (changes: Partial<LoginAttempt> = {}) =>
    db.write(({ attempts }) => attempts.begin({ ...attempt, ...changes }));

  test('gives an attempt back as it was begun', async () => {
    expect(await find()).toBeUndefined();
    await begin();
    expect(await find()).toEqual(attempt);
    await begin({ id: 'shadow', userSub: null });
    expect(await find('shadow')).toMatchObject({ userSub: null });
  });

  test('a new attempt in an interaction takes the place of the earlier one', async () => {
    const again = { userSub: null, userId: 'other', account: 'other', codeId: 'code2', createdAt: NOW + 1 };
    await begin({ mails: 4 });
    await begin(again);
    expect(await find()).toEqual({ ...attempt, ...again });
    expect(await db.count('login_attempts')).toBe(1);
  });

  test('of many resends at once one is counted', async () => {
    await begin();
    const counted = await atOnce(10, () =>
      db.write(({ attempts }) => attempts.countMail('attempt', 1, NOW + 5)),
    );
    expect(counted.filter(Boolean)).toHaveLength(1);
    expect(await find()).toMatchObject({ mails: 2, lastMailAt: NOW + 5 });
    expect(await db.write(({ attempts }) => attempts.countMail('nothing', 1, NOW))).toBe(false);
  });

  test('sweeps what has ended, a batch at a time', async () => {
    for (let number = 0; number < 5; number += 1) await begin({ id: `${number}`, expiresAt: NOW });
    await begin();
    const sweep = () => db.write(({ attempts }) => attempts.sweep(NOW + 1, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 2, 0]);
    expect(await find()).toEqual(attempt);
  });
});
