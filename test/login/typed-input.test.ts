import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCode } from '../../src/credentials/one-time-code.ts';
import { readUserId, userIdKey } from '../../src/users/user-id.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { begin, completes, expectProblem, post } from './steps.ts';

const BLANK = [
  '',
  '',
  '',
  ' ',
  '\u3000',
  '\u00a0',
  '\t',
  '\n',
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u00ad',
  '\u202c',
];
const DASH = [
  '',
  '',
  '-',
  '\u2010',
  '\u2011',
  '\u2013',
  '\u2014',
  '\u2212',
  '\uff0d',
  '\u30fc',
  '\uff70',
  '\ufe63',
];

/** Half-width, or full-width as a Japanese keyboard types it. */
const anyWidth = (char: string) =>
  fc
    .boolean()
    .map((wide) => (wide && char !== ' ' ? String.fromCodePoint((char.codePointAt(0) ?? 0) + 0xfee0) : char));

/** The text with every character in any width and with blanks and, for codes, dashes around and between. */
function disguised(text: string, between: readonly string[]): fc.Arbitrary<string> {
  const gap = fc.constantFrom(...between);
  return fc
    .tuple(gap, ...[...text].map((char) => fc.tuple(anyWidth(char), gap).map((pair) => pair.join(''))))
    .map((parts) => parts.join(''));
}

const digits = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 6, maxLength: 8 })
  .map((list) => list.join(''));

describe('codes and user IDs as people type them', () => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ policy: { rates: { code_requests_per_address: { points: 10_000 } } } });
    site = await at.addClient();
  });
  afterAll(() => at.close());

  test('a code is read through widths, blanks, dashes and invisible characters', () => {
    fc.assert(
      fc.property(
        digits.chain((code) => fc.tuple(fc.constant(code), disguised(code, [...BLANK, ...DASH]))),
        ([code, typed]) => readCode(typed) === code,
      ),
      { numRuns: 2000 },
    );
  });

  test('nothing else becomes a code: letters stay, so does every digit', () => {
    fc.assert(
      fc.property(
        digits,
        fc.constantFrom('a', 'Ａ', '.', '１１', '千'),
        (code, more) => readCode(`${code}${more}`) !== code,
      ),
    );
  });

  test('a user ID is read through widths, blanks around it and invisible characters', () => {
    fc.assert(
      fc.property(
        disguised('p-01-usr007', ['', '', '\u200b', '\u2060', '\ufeff', '\u00ad']),
        fc.constantFrom(...BLANK),
        (typed, blank) => {
          expect(readUserId(`${blank}${typed}${blank}`)).toBe('p-01-usr007');
        },
      ),
    );
    expect(userIdKey('Ｐ－０１', false)).toBe(userIdKey('p-01', false));
    expect(userIdKey('Ｐ－０１', true)).toBe(userIdKey('P-01', true));
    expect(userIdKey('P-01', true)).not.toBe(userIdKey('p-01', true));
  });

  test('no input of any kind makes the readers fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
        readCode(typed);
        const userId = readUserId(typed);
        expect(userId === null || (userId.length > 0 && userId.length <= 128)).toBe(true);
      }),
    );
  });

  test('the same through the pages', async () => {
    await at.addUser('p-01-usr007');
    const typedId = fc.sample(
      fc.tuple(
        disguised('p-01-usr007', ['', '', '\u200b', '\ufeff']),
        fc.boolean(),
        fc.constantFrom(...BLANK),
      ),
      12,
    );
    for (const [typed, upper, blank] of typedId) {
      const first = await site.begin(new Agent());
      const before = at.mail.mails.length;
      const page = await first.submit({ user_id: `${blank}${upper ? typed.toUpperCase() : typed}${blank}` });
      expect(page.status).toBe(200);
      const { code = '' } = await at.mail.waitFor(
        (mail) => at.mail.mails.indexOf(mail) >= before && mail.code !== undefined,
      );
      const [typedCode = ''] = fc.sample(disguised(code, [...BLANK, ...DASH]), 1);
      expect(completes(await post(page, { code: typedCode }))).toBe(true);
    }
  });

  test('upper and lower case of an ID differ where the contract says so', async () => {
    await at.addContract('strict', { user_id: { case_sensitive: true } });
    const strict = await at.addClient({ contract: 'strict' });
    await at.addUser('small-caps', { contract: 'strict' });
    await begin(at, strict, new Agent(), 'small-caps');
    const page = await (await strict.begin(new Agent())).submit({ user_id: 'Small-Caps' });
    expectProblem(page, 'could_not_send', 400);
  });

  test('user IDs in Japanese, long ones, and ones that look like markup come through whole', async () => {
    const ids = [
      '山田太郎',
      'ｶﾀｶﾅ',
      `"><b>x</b>'&amp;`,
      'a'.repeat(128),
      'emoji-👍🏽',
      "' or 1=1 --",
      '%00%0a',
      '{{7*7}}',
    ];
    for (const [index, userId] of ids.entries()) {
      await at.addUser(userId, { addresses: [`n${index}@user.example`] });
      const page = await (await site.begin(new Agent())).submit({ user_id: userId });
      expect(page.status).toBe(200);
      expect(page.html).not.toContain('<b>x</b>');
      await at.mail.waitFor(`n${index}@user.example`);
    }
  });

  test('the field takes a paste of any length and the hints that phones need', async () => {
    const { page } = await begin(at, site, new Agent(), 'p-01-usr007');
    const input = /<input[^>]*name="code"[^>]*>/.exec(page.html)?.[0] ?? '';
    expect(input).toContain('autocomplete="one-time-code"');
    expect(input).toContain('inputmode="numeric"');
    expect(input).not.toMatch(/maxlength|pattern/i);
  });
});
