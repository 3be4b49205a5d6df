import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CHEAP, hashers, newPepper } from './hashers.ts';

const RIGHT = { right: true, outdated: false };
const WRONG = { right: false, outdated: false };

describe('a hash', () => {
  const hasherOf = hashers();
  const hasher = hasherOf();

  test('tells how it was made, as OWASP advises if nothing else is asked for', async () => {
    const text = await hasherOf({ cost: undefined }).hash('password', 'correct horse');
    expect(text).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=[A-Za-z0-9+/]{11}\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  test('is another one each time, and right for its password alone', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => hasher.hash('password', 'correct horse')));
    expect(first).not.toBe(second);
    for (const text of [first ?? '', second ?? '']) {
      expect(await hasher.verify('password', text, 'correct horse')).toEqual(RIGHT);
      for (const other of ['correct hors', 'correct horse ', 'Correct horse', ''])
        expect(await hasher.verify('password', text, other)).toEqual(WRONG);
    }
  });

  test('of an answer does not pass for one of a password', async () => {
    const text = await hasher.hash('secret answer', 'おおさか');
    expect(await hasher.verify('secret answer', text, 'おおさか')).toEqual(RIGHT);
    expect(await hasher.verify('password', text, 'おおさか')).toEqual(WRONG);
  });

  test('is of the whole password, however long', async () => {
    const long = '長いパスワード'.repeat(36);
    const text = await hasher.hash('password', `${long}a`);
    expect(await hasher.verify('password', text, `${long}b`)).toEqual(WRONG);
    expect(await hasher.verify('password', text, `${long}a`)).toEqual(RIGHT);
  });

  test.each([
    ['full width', 'ｐａｓｓＷｏｒｄ１２', 'passWord12'],
    ['half-width kana', 'ﾊﾟｽﾜｰﾄﾞ', 'パスワード'],
    ['a mark of its own', 'か\u3099くせい', 'がくせい'],
    ['an accent of its own', 'cafe\u0301 noir', 'caf\u00e9 noir'],
    ['the space of kana', 'correct　horse', 'correct horse'],
  ])('is right for the same password from another keyboard: %s', async (_, one, other) => {
    expect(await hasher.verify('password', await hasher.hash('password', one), other)).toEqual(RIGHT);
    expect(await hasher.verify('password', await hasher.hash('password', other), one)).toEqual(RIGHT);
  });

  test('is worth nothing without the pepper', async () => {
    const pepper = newPepper();
    const text = await hasherOf({ pepper }).hash('password', 'correct horse');
    const elsewhere = [newPepper(), { ...newPepper(), id: pepper.id }];
    for (const other of elsewhere)
      expect(await hasherOf({ pepper: other }).verify('password', text, 'correct horse')).toEqual(WRONG);
    expect(await hasherOf({ pepper }).verify('password', text, 'correct horse')).toEqual(RIGHT);
  });

  test.each([
    { ...CHEAP, memory: 128 },
    { ...CHEAP, passes: 2 },
    { ...CHEAP, lanes: 2 },
  ])('made by other parameters than %j is right, and outdated', async (cost) => {
    const pepper = newPepper();
    const text = await hasherOf({ pepper }).hash('password', 'correct horse');
    const later = hasherOf({ pepper, cost });
    expect(await later.verify('password', text, 'correct horse')).toEqual({ right: true, outdated: true });
    expect(await later.verify('password', text, 'correct hors')).toEqual(WRONG);
    const anew = await later.hash('password', 'correct horse');
    expect(await later.verify('password', anew, 'correct horse')).toEqual(RIGHT);
  });

  test('is never right when a character is missing or stands elsewhere', async () => {
    const text = await hasher.hash('password', 'correct horse');
    const places = fc.integer({ min: text.indexOf('keyid='), max: text.length - 2 });
    await fc.assert(
      fc.asyncProperty(places, fc.boolean(), async (place, swap) => {
        const [one = '', other = ''] = text.slice(place, place + 2);
        fc.pre(one !== other);
        const damaged = text.slice(0, place) + other + (swap ? one : '') + text.slice(place + 2);
        expect(await hasher.verify('password', damaged, 'correct horse')).toEqual(WRONG);
      }),
    );
  });
});

describe('what tells nothing to a stranger', () => {
  const hasherOf = hashers();

  test('no hash, a broken one and a wrong password cost the same: one computation with the present parameters', async () => {
    const hasher = hasherOf();
    const text = await hasher.hash('password', 'correct horse');
    for (const hash of [null, '', 'broken', '$2b$04$broken', text]) {
      for (const purpose of ['password', 'secret answer'] as const) {
        const before = hasher.computed;
        expect(await hasher.verify(purpose, hash, 'wrong horse')).toEqual(WRONG);
        expect(hasher.computed - before).toBe(1);
      }
    }
  });
});

describe('the bounds', () => {
  const hasherOf = hashers();
  const slow = { memory: 19_456, passes: 4, lanes: 1 };

  test('the event loop goes on while hashes are computed', async () => {
    const hasher = hasherOf({ cost: slow, parallel: 2 });
    await hasher.hash('password', 'the thread is there');
    let turns = 0;
    let going = true;
    const spin = () => {
      turns += 1;
      if (going) setImmediate(spin);
    };
    spin();
    const before = turns;
    await Promise.all(['a', 'b', 'c'].map((value) => hasher.hash('password', value)));
    going = false;
    expect(turns - before).toBeGreaterThan(100);
  });

  test('beyond those that may wait, one is told that it is busy, and nothing is computed for it', async () => {
    const hasher = hasherOf({ cost: slow, parallel: 1, queue: 2 });
    const hashes = ['a', 'b', 'c'].map((value) => hasher.hash('password', value));
    expect(hasher.waiting).toBe(2);
    await expect(hasher.hash('password', 'd')).rejects.toMatchObject({ code: 'busy' });
    await expect(hasher.verify('password', null, 'd')).rejects.toMatchObject({ code: 'busy' });
    await Promise.all(hashes);
    expect(hasher.computed).toBe(3);
    expect(await hasher.hash('password', 'd')).toMatch(/^\$argon2id/);
  });
});
