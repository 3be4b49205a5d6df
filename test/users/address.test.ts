import { describe, expect, test } from '@jest/globals';
import { readAddress } from '../../src/users/address.ts';

describe('an address', () => {
  test.each([
    'taro@example.co.jp',
    'Taro.Yamada+login@Example.CO.JP',
    "o'brien@example.com",
    'a/b=c@example.com',
    'x@xn--wgv71a119e.jp',
    'x@a-b.example',
    `${'x'.repeat(64)}@example.com`,
    // Carriers gave these out, whatever the standards say.
    'a..b@docomo.ne.jp',
    '...@docomo.ne.jp',
    'x.@ezweb.ne.jp',
    '.x@softbank.ne.jp',
    'a--b__@docomo.ne.jp',
    '-x-@ezweb.ne.jp',
    'a?b/c@docomo.ne.jp',
  ])('%s is taken as it is', (address) => {
    expect(readAddress(address)).toBe(address);
  });

  test.each([
    ['ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ', 'taro@example.co.jp'],
    ['　taro@example.co.jp　', 'taro@example.co.jp'],
    ['taro@example.co.jp\r\n', 'taro@example.co.jp'],
  ])('%j is meant as %s', (typed, meant) => {
    expect(readAddress(typed)).toBe(meant);
  });

  test.each([
    '',
    ' ',
    'taro',
    '@example.com',
    'taro@',
    'taro@localhost',
    'taro@example',
    'taro@-example.com',
    'taro@example-.com',
    'taro@example..com',
    'taro@.example.com',
    'taro@example.com.',
    'taro@127.0.0.1',
    'taro@[127.0.0.1]',
    'taro@日本.jp',
    '太郎@example.com',
    'a@b@example.com',
    'a b@example.com',
    'Taro <taro@example.com>',
    'taro@example.com,jiro@example.com',
    'taro@example.com;jiro@example.com',
    '"a b"@example.com',
    'taro(comment)@example.com',
    'taro@example.com\r\nBcc: x@example.com',
    'taro\n@example.com',
    'taro\0@example.com',
    'taro\u200b@example.com',
    'taro\\@example.com',
    `${'x'.repeat(65)}@example.com`,
    `x@${'a'.repeat(64)}.com`,
    `x@${'a.'.repeat(130)}com`,
  ])('%j is refused', (typed) => {
    expect(readAddress(typed)).toBeNull();
  });

  test('a long hostile one is refused at once', () => {
    for (const hostile of [
      'a'.repeat(1e6),
      `x@${'a-'.repeat(5e5)}`,
      `x@${'a.'.repeat(5e5)}`,
      '@'.repeat(1e6),
    ]) {
      const begun = performance.now();
      expect(readAddress(hostile)).toBeNull();
      expect(performance.now() - begun).toBeLessThan(500);
    }
  });
});
