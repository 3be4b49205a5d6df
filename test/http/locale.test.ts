import { expect, test } from '@jest/globals';
import { chooseLocale, formatDateTime, formatTime, translator } from '../../src/http/locale.ts';

test.each([
  [{ uiLocales: 'fr en-GB ja' }, 'en'],
  [{ uiLocales: 'JA' }, 'ja'],
  [{ uiLocales: 'fr', acceptLanguage: 'en' }, 'en'],
  [{ acceptLanguage: 'fr;q=1, en;q=0.5, ja-JP;q=0.8' }, 'ja'],
  [{ acceptLanguage: 'en;q=0, *;q=0.1' }, 'ja'],
  [{ acceptLanguage: 'english, jam' }, 'ja'],
  [{ acceptLanguage: ';;q=,,=\u0000', contract: 'en' as const }, 'en'],
  [{ acceptLanguage: `${'x,'.repeat(100_000)}en` }, 'ja'],
  [{ uiLocales: '', acceptLanguage: '', contract: 'en' as const }, 'en'],
  [{}, 'ja'],
])('chooseLocale(%j) is %s', (wishes, expected) => {
  expect(chooseLocale({ ...wishes, fallback: 'ja' })).toBe(expected);
});

test('dates are written for people in the given zone', () => {
  const ms = Date.UTC(2026, 11, 31, 15, 4, 9);
  expect(formatDateTime(ms, 'Asia/Tokyo')).toBe('2027/01/01 00:04:09');
  expect(formatTime(ms, 'Asia/Tokyo')).toBe('00:04');
  expect(formatDateTime(ms, 'UTC')).toBe('2026/12/31 15:04:09');
});

test('a translator fills in values as they are, and faults on what it does not know', () => {
  const t = translator('en');
  expect(t('login.to_site', { site: '$& {site}' })).toBe('Log in to $& {site}');
  expect(() => t('login.to_site')).toThrow('needs site');
  expect(() => t('toString' as never)).toThrow('No message');
});
