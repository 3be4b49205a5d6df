import { beforeEach, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import type { LoginAttempt, Whose } from '../../src/login/store.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { NOW } from './samples.ts';

const attempt: LoginAttempt = {
  id: 'attempt',
  contractId: 'acme',
  clientId: 'client',
  userSub: 'sub',
  userId: 'p-01-usr007',
  account: 'account',
  method: 'otp',
  needs: ['otp'],
  held: [],
  passwordAt: null,
  codeAt: null,
  answerAt: null,
  codeId: 'code',
  mails: 1,
  lastMailAt: NOW,
  createdAt: NOW,
  expiresAt: NOW + 10 * MINUTE,
};

const ATTEMPT: Whose = { id: attempt.id, account: attempt.account, userSub: attempt.userSub };

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

  test('of many that pass a step at once one is told that it did', async () => {
    await begin({ needs: ['password', 'otp'], held: [] });
    for (const step of ['password', 'code', 'answer'] as const) {
      const passed = await atOnce(10, () =>
        db.write(({ attempts }) => attempts.pass(ATTEMPT, step, NOW + 7)),
      );
      expect(passed.filter(Boolean)).toHaveLength(1);
    }
    expect(await find()).toMatchObject({ passwordAt: NOW + 7, codeAt: NOW + 7, answerAt: NOW + 7 });
    expect(await find()).toMatchObject({ needs: ['password', 'otp'], held: [] });
    expect(
      await db.write(({ attempts }) => attempts.pass({ ...ATTEMPT, id: 'nothing' }, 'password', NOW)),
    ).toBe(false);
  });

  test('of many that give a code at once one is kept, the first and every later one', async () => {
    await begin({ codeId: null, mails: 0 });
    const sent = { ...ATTEMPT, mails: 1, lastMailAt: NOW + 9, expiresAt: NOW + 99 };
    for (const round of ['first', 'later']) {
      const from = (await find())?.codeId ?? null;
      const given = await atOnce(10, (number) =>
        db.write(({ attempts }) => attempts.giveCode({ ...sent, codeId: `${round}-${number}` }, from)),
      );
      expect(given.filter(Boolean)).toHaveLength(1);
      expect((await find())?.codeId).toBe(`${round}-${given.indexOf(true)}`);
    }
    expect(await find()).toMatchObject({ mails: 1, lastMailAt: NOW + 9, expiresAt: NOW + 99 });
  });

  test('what is for an attempt does not get into one that was begun anew for somebody else', async () => {
    for (const other of [{ account: 'other' }, { userSub: 'other' }, { userSub: null }]) {
      await begin({ ...other, codeId: null });
      const now = await find();
      const sent = { ...ATTEMPT, codeId: 'mine', mails: 1, lastMailAt: NOW, expiresAt: NOW + 99 };
      for (const step of ['password', 'code', 'answer'] as const)
        expect(await db.write(({ attempts }) => attempts.pass(ATTEMPT, step, NOW))).toBe(false);
      expect(await db.write(({ attempts }) => attempts.giveCode(sent, null))).toBe(false);
      expect(await find()).toEqual(now);
    }
  });

  test('an attempt that is removed is gone, and no other', async () => {
    await begin();
    await begin({ id: 'other' });
    await db.write(({ attempts }) => attempts.remove('attempt'));
    expect([await find(), (await find('other'))?.id]).toEqual([undefined, 'other']);
  });

  test('sweeps what has ended, a batch at a time', async () => {
    for (let number = 0; number < 5; number += 1) await begin({ id: `${number}`, expiresAt: NOW });
    await begin();
    const sweep = () => db.write(({ attempts }) => attempts.sweep(NOW + 1, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 2, 0]);
    expect(await find()).toEqual(attempt);
  });
});
