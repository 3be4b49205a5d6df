import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { browserInWords } from '../../src/http/browser-words.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`,
    'Chrome 140 (Windows)',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
    'Microsoft Edge 140 (Windows)',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox 140 (Linux)'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'Safari 18 (iOS)',
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36`,
    'Chrome 140 (Android)',
  ],
])('%s', (header, words) => {
  expect(browserInWords(header)).toBe(words);
});

test.each(['', 'curl/8.15.0', '-', '\0', 'Visit https://evil.example/ now/1.0 (please)', 'あ/1 '])(
  'what is no browser is a dash: %j',
  (header) => {
    expect(browserInWords(header)).toBe('-');
  },
);

test('no header puts words of its own into a mail', () => {
  const part = fc.constantFrom(
    'Mozilla/5.0',
    'Chrome/140.0',
    'Firefox/<b>',
    'Version/x.evil.example',
    'Safari/0120000000',
    '(Windows NT 10.0)',
    'Opera',
    'evil.example',
    'OPR/99999999',
    'Edg/..',
    'https://',
  );
  const header = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join(' ')),
  );
  fc.assert(
    fc.property(header, (typed) => {
      const words = browserInWords(typed);
      expect(words).toMatch(/^(-|[A-Za-z][\w -]{0,40}?( \d{1,4})?( \([\w ]{1,20}\))?)$/);
      expect(words).not.toMatch(/evil|0120/);
    }),
    { numRuns: 3000 },
  );
});
