import { describe, expect, test } from '@jest/globals';
import { readUserId, userIdKey } from '../../src/users/user-id.ts';

describe('a user ID as it is typed', () => {
  test.each([
    ['p-01-usr007', 'p-01-usr007'],
    ['ｐ－０１－ｕｓｒ００７', 'p-01-usr007'],
    ['　P-01-usr007 \t', 'P-01-usr007'],
    ['\ufeffp-01\u200b-usr007\u2060', 'p-01-usr007'],
    ['ﾔﾏﾀﾞ', 'ヤマダ'],
    ['か\u3099', 'が'],
    ['山田 太郎', '山田 太郎'],
    ["'; drop table users; --", "'; drop table users; --"],
  ])('%j is meant as %s', (typed, meant) => {
    expect(readUserId(typed)).toBe(meant);
  });

  test.each([
    '',
    '   ',
    '　',
    '\u200b',
    'a\0b',
    'a\nb',
    'a\u0085b',
    'a\ud800',
    'x'.repeat(129),
    '\ufdfa'.repeat(10),
  ])('%j is refused', (typed) => {
    expect(readUserId(typed)).toBeNull();
  });

  test('may have 128 characters', () => {
    expect(readUserId('x'.repeat(128))).toBe('x'.repeat(128));
  });
});

describe('a user ID as it is compared', () => {
  test('is folded as it is when it is typed, so that stored and typed ones meet', () => {
    for (const typed of ['P-01', ' ｐ－０１ ', 'p\u200b-01']) expect(userIdKey(typed, false)).toBe('p-01');
    expect(userIdKey(' Ｐ-01', true)).toBe('P-01');
  });

  test('tells upper from lower case only where the contract does', () => {
    expect(userIdKey('P-01', false)).toBe(userIdKey('p-01', false));
    expect(userIdKey('P-01', true)).not.toBe(userIdKey('p-01', true));
  });

  test('does not change when it is folded again', () => {
    for (const typed of ['İx', 'ΑΣ', 'ﬀ', 'K', '㍿']) {
      const key = userIdKey(typed, false);
      expect(userIdKey(key, false)).toBe(key);
    }
  });
});
