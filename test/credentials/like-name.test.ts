import { describe, expect, test } from '@jest/globals';
import { isLikeName } from '../../src/credentials/like-name.ts';

const LIKES = ['p-01-usr007', 'shop', '東京商店', 'ミホンサイト', 'ab', ''];

describe('a password', () => {
  test.each([
    'p-01-usr007',
    'P01USR007',
    'ｐ０１ｕｓｒ００７',
    'p-01-usr007!?!?!?!?',
    'p-01-usr007p-01-usr007',
    'p01usr007kitten',
    'usr007p01-usr007',
    'p-01-usr',
    'Shop-Shop-Shop',
    'shop2024',
    '東京商店123',
    '東京商店東京商店東京商店東京商店',
    'ﾐﾎﾝｻｲﾄﾐﾎﾝｻｲﾄﾐﾎﾝ',
    'sekisho-sekisho',
    '関所の番人関所関所',
  ])('%s is like a name', (password) => {
    expect(isLikeName(password, LIKES)).toBe(true);
  });

  test.each([
    'correct horse battery staple',
    'p-01-usr007 likes kittens',
    'shopping for a horse',
    'abababababababab',
    '!!!!!!!!!!!!!!!!',
    'の東京の商店街にある古い本屋',
    'planned8',
  ])('%s is not', (password) => {
    expect(isLikeName(password, LIKES)).toBe(false);
  });
});
