import { beforeEach, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import type { OneTimeCode } from '../../src/credentials/store.ts';
import { newId } from '../../src/secrets.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { NOW } from './samples.ts';

describeOnBothEngines('the store of one-time codes', (open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });

  async function add(changes: Partial<OneTimeCode> = {}): Promise<OneTimeCode> {
    const code = {
      id: newId(),
      secretId: 'secret',
      digits: 6,
      account: 'account',
      createdAt: NOW,
      expiresAt: NOW + 10 * MINUTE,
      spentAt: null,
      ...changes,
    };
    await db.write(({ codes }) => codes.add(code));
    return code;
  }

  test('gives a code back as it was added, unspent', async () => {
    const code = await add();
    expect(await db.read(({ codes }) => codes.find(code.id))).toEqual(code);
    expect(await db.read(({ codes }) => codes.find('nothing'))).toBeUndefined();
  });

  test('a code is spent by one of many who try at once', async () => {
    const { id } = await add();
    const spent = await atOnce(20, () => db.write(({ codes }) => codes.spend(id, NOW + 1)));
    expect(spent.filter(Boolean)).toHaveLength(1);
    expect(await db.read(({ codes }) => codes.find(id))).toMatchObject({ spentAt: NOW + 1 });
    expect(await db.write(({ codes }) => codes.spend(id, NOW + 2))).toBe(false);
    expect(await db.read(({ codes }) => codes.find(id))).toMatchObject({ spentAt: NOW + 1 });
  });

  test('a code that was spent in a unit of work that failed is not spent', async () => {
    const { id } = await add();
    const failing = db.write(async ({ codes }) => {
      await codes.spend(id, NOW);
      throw new Error('later fault');
    });
    await expect(failing).rejects.toThrow('later fault');
    expect(await db.write(({ codes }) => codes.spend(id, NOW))).toBe(true);
  });

  test('a code can be spent until it ends and no later', async () => {
    const [early, late] = [await add(), await add()];
    expect(await db.write(({ codes }) => codes.spend(early.id, early.expiresAt - 1))).toBe(true);
    expect(await db.write(({ codes }) => codes.spend(late.id, late.expiresAt))).toBe(false);
    expect(await db.write(({ codes }) => codes.spend('nothing', NOW))).toBe(false);
  });

  test('sweeps what has ended, a batch at a time', async () => {
    for (let number = 0; number < 5; number += 1) await add({ expiresAt: NOW });
    await add();
    const sweep = () => db.write(({ codes }) => codes.sweep(NOW + 1, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 2, 0]);
    expect(await db.count('one_time_codes')).toBe(1);
  });
});

describeOnBothEngines('the store of wrong tries', (open) => {
  const all = { account: 'account', browser: '' };
  const known = { account: 'account', browser: 'known' };
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });

  const count = (scope = all, limit = 5, now = NOW) =>
    db.write(({ tries }) => tries.count(scope, limit, now));
  const find = (scope = all) => db.read(({ tries }) => tries.find(scope));

  test('counts from one, in numbers', async () => {
    expect(await find()).toBeUndefined();
    expect([await count(), await count(), await count()]).toEqual([1, 2, 3]);
    expect(await find()).toMatchObject({ tries: 3, lockedAt: null, unlockAt: null });
  });

  test('of 20 tries at once exactly as many are made as are allowed', async () => {
    const numbers = await atOnce(20, () => count());
    const made = numbers.filter((number) => number !== undefined);
    expect(made.sort()).toEqual([1, 2, 3, 4, 5]);
    expect(await find()).toMatchObject({ tries: 5 });
  });

  test('of 20 tries at once that count and lock in one unit of work, one locks', async () => {
    const results = await atOnce(20, () =>
      db.write(async ({ tries }) => {
        const number = await tries.count(all, 5, NOW);
        if (number === 5) await tries.lock(all, null, NOW);
        return number;
      }),
    );
    expect(results.filter((number) => number === 5)).toHaveLength(1);
    expect(results.filter((number) => number === undefined)).toHaveLength(15);
    expect(await find()).toMatchObject({ tries: 5, lockedAt: NOW, unlockAt: null });
  });

  test('a locked scope takes no more tries until it opens by itself, and then counts anew', async () => {
    await count();
    await db.write(({ tries }) => tries.lock(all, NOW + MINUTE, NOW));
    expect(await find()).toMatchObject({ tries: 1, lockedAt: NOW, unlockAt: NOW + MINUTE });
    expect(await count(all, 5, NOW + MINUTE - 1)).toBeUndefined();
    expect(await count(all, 5, NOW + MINUTE)).toBe(1);
    expect(await find()).toMatchObject({ tries: 1, lockedAt: null, unlockAt: null });
  });

  test('of 20 tries at once on a lock that has run out, as many are made as are allowed', async () => {
    for (let number = 0; number < 5; number += 1) await count();
    await db.write(({ tries }) => tries.lock(all, NOW + MINUTE, NOW));
    const numbers = await atOnce(20, () => count(all, 5, NOW + MINUTE));
    expect(numbers.filter((number) => number !== undefined).sort()).toEqual([1, 2, 3, 4, 5]);
  });

  test('a lock without a time stays', async () => {
    await count();
    await db.write(({ tries }) => tries.lock(all, null, NOW));
    expect(await count(all, 5, NOW + 1000 * MINUTE)).toBeUndefined();
  });

  test('a known browser counts for itself', async () => {
    for (let number = 0; number < 5; number += 1) await count(all);
    expect(await count(all)).toBeUndefined();
    expect(await count(known)).toBe(1);
    await db.write(({ tries }) => tries.clear(known));
    expect(await find(known)).toBeUndefined();
    expect(await find(all)).toMatchObject({ tries: 5 });
  });

  test('opening an account opens all of its scopes and no other account', async () => {
    const other = { account: 'other', browser: '' };
    for (const scope of [all, known, other]) {
      await count(scope);
      await db.write(({ tries }) => tries.lock(scope, null, NOW));
    }
    await db.write(({ tries }) => tries.clearAccount('account'));
    expect([await count(all), await count(known), await count(other)]).toEqual([1, 1, undefined]);
  });

  test('sweeps counters that were not touched for long, a batch at a time', async () => {
    for (let number = 0; number < 5; number += 1) await count({ account: `a${number}`, browser: '' });
    await count({ account: 'a0', browser: '' }, 5, NOW + 10);
    const sweep = () => db.write(({ tries }) => tries.sweep(NOW + 1, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 1, 0]);
    expect(await db.count('try_counters')).toBe(1);
  });
});
