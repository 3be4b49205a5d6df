import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PolicyInput, parsePolicy } from '../../src/contracts/policy.ts';
import {
  type PasswordContext,
  type PasswordFault,
  passwordFault,
} from '../../src/credentials/password-rules.ts';
import { type Advice, type Strength, strengthOf } from '../../src/credentials/strength.ts';
import { en } from '../../src/http/messages/en.ts';
import { ja } from '../../src/http/messages/ja.ts';

const likes = ['p-01-usr007', 'shop', '東京商店'];
const context = (method: PasswordContext['method'], policy: PolicyInput = {}) => ({
  method,
  policy: parsePolicy(policy),
  likes,
});
const alone = context('password');
const beside = context('password+otp');
/** 7 characters that nobody guesses. */
const ODD = '猫8dK$んぬ';

describe('the length', () => {
  test('is 15 characters alone and 8 beside an OTP', async () => {
    expect(await passwordFault(`${ODD}${ODD}`, alone)).toEqual({ kind: 'too_short', min: 15 });
    expect(await passwordFault(`${ODD}${ODD}x`, alone)).toBeNull();
    expect(await passwordFault(ODD, beside)).toEqual({ kind: 'too_short', min: 8 });
    expect(await passwordFault(`${ODD}x`, beside)).toBeNull();
    expect(await passwordFault('', beside)).toEqual({ kind: 'too_short', min: 8 });
  });

  test('is what the contract asks for', async () => {
    const stricter = { password: { min_length: 20, min_length_with_otp: 12 } };
    for (const [method, min] of [['password', 20] as const, ['password+otp', 12] as const]) {
      const asked = context(method, stricter);
      expect(await passwordFault('猫8dK$んぬ9#qあz@mTゑ5&ωj!'.slice(0, min - 1), asked)).toEqual({
        kind: 'too_short',
        min,
      });
      expect(await passwordFault('猫8dK$んぬ9#qあz@mTゑ5&ωj!'.slice(0, min), asked)).toBeNull();
    }
  });

  test('counts characters, not their bytes and halves, in their normal form', async () => {
    const emoji = '🐶🍎🚀🎻🌋🧊🦑🎲🪁🛶🧵🍄🥨🪐';
    expect([...emoji]).toHaveLength(14);
    expect(await passwordFault(emoji, alone)).toEqual({ kind: 'too_short', min: 15 });
    expect(await passwordFault(`${emoji}🦉`, alone)).toBeNull();
    // ｶﾞ is one character, and ㌔ is two.
    expect(await passwordFault('ｶﾞｷﾞｸﾞｹﾞ', beside)).toEqual({ kind: 'too_short', min: 8 });
    expect(await passwordFault('㌔㌍㍗㌢㌧', beside)).toBeNull();
  });

  test('may be 256 characters', async () => {
    const long = Array.from({ length: 256 }, (_, at) => String.fromCodePoint(0x4e00 + at * 37)).join('');
    expect(await passwordFault(long, alone)).toBeNull();
    expect(await passwordFault(`${long}一`, alone)).toEqual({ kind: 'too_long', max: 256 });
    expect(await passwordFault('🐶'.repeat(257), alone)).toEqual({ kind: 'too_long', max: 256 });
    expect(await passwordFault('\ufdfa'.repeat(1_000_000), alone)).toEqual({ kind: 'too_long', max: 256 });
  });
});

describe('any character may be used', () => {
  test.each([
    'correct horse battery staple',
    'わたしの 猫は 夜に 歌う、毎日',
    '鰯の頭も三日坊主と電柱の上で',
    ' starts and ends with spaces ',
    '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    '<script>alert("ねこ")</script>',
    "'; DROP TABLE users; --",
    '𠮷野家でラーメンを頼んだ鴎',
    'zażółć gęślą jaźń',
    '👩\u200d👩\u200d👧 und 🏳️\u200d🌈 sind Freunde',
  ])('%s', async (password) => {
    expect(await passwordFault(password, beside)).toBeNull();
  });

  test.each(['\0', '\n', '\t', '\x1b', '\x7f', '\u0085', '\ud800', '\u0378', '\uffff'])(
    'but those that cannot be typed, or do not exist: %j',
    async (character) => {
      expect(await passwordFault(`${ODD}${character}${ODD}z`, alone)).toEqual({ kind: 'unusable' });
    },
  );
});

describe('what is guessed first is refused', () => {
  const cases: [PasswordFault['kind'], string[]][] = [
    [
      'common',
      [
        'password',
        'PassWord',
        'ｐａｓｓｗｏｒｄ',
        'iloveyou',
        'qwertyuiop',
        '1qaz2wsx3edc',
        'P@ssw0rd',
        'drowssap1',
        'pokemon1',
      ],
    ],
    ['like_name', ['p-01-usr007', 'shop2024', '東京商店東京商店', 'sekisho!!']],
    ['repeats', ['xoxoxoxoxoxo', 'んんんんんんんん', 'tokyotokyotokyo']],
    ['sequence', ['defghijklm', 'かきくけこさしす']],
    ['date', ['19900412', '2024-05-06', '31.12.1999']],
    ['name', ['tanakatarou', 'Yamada1985']],
    ['word', ['konnichiwa', 'arigatou', 'おはようございます']],
    ['guessable', ['mondaytuesday', 'いろはにほへとちりぬるを']],
  ];
  test.each(cases.flatMap(([kind, passwords]) => passwords.map((password) => [kind, password] as const)))(
    '%s: %s',
    async (kind, password) => {
      expect(await passwordFault(password, beside)).toEqual({ kind });
    },
  );

  test('the list is compared with the whole password, not with parts of it', async () => {
    expect(await passwordFault('password of the grey heron', alone)).toBeNull();
  });

  test('also of 15 characters and more', async () => {
    for (const password of ['123456789987654321', 'PasswordPassword', '1qazxsw23edcvfr4', 'q1w2e3r4t5y6u7i8'])
      expect(await passwordFault(password, alone)).toEqual({ kind: 'common' });
  });

  test('a long one is as good as its better end', async () => {
    expect(await passwordFault(`${'a'.repeat(80)}${ODD}${ODD}x`, alone)).toBeNull();
    expect(await passwordFault(`${ODD}${ODD}x${'a'.repeat(80)}`, alone)).toBeNull();
    expect(await passwordFault('a'.repeat(95), alone)).toEqual({ kind: 'repeats' });
  });
});

describe('the strength', () => {
  test.each([
    ['p-01-usr007', 0, []],
    ['password1', 0, ['more_words']],
    ['tanakatarou', 1, ['more_words']],
    ['sakura19900412', 2, ['more_words', 'no_dates']],
    ['わたしはねこがすき', 3, []],
    ['correct horse battery', 4, []],
  ] as const)('%s has %i, and advice where that is little', async (password, level, advice) => {
    const strength = await strengthOf(password, beside);
    expect(strength).toMatchObject({ level, advice: advice.map((key) => `password.advice.${key}`) });
  });

  test('what is refused has at most 1, what is taken at least 2', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (typed) => {
        const { fault, level } = await strengthOf(typed, beside);
        expect(level <= 1).toBe(fault !== null);
      }),
      { numRuns: 200 },
    );
  });

  test('everything that can be said has its words in both languages', () => {
    type Said = Advice | `password.fault.${PasswordFault['kind']}` | `password.level.${Strength['level']}`;
    // The types say that none is missing.
    const words: Readonly<Record<Said, string>>[] = [ja, en];
    for (const each of words) expect(each['password.fault.too_short']).toContain('{min}');
  });

  test('other work goes on while a password is estimated', async () => {
    let turns = 0;
    let going = true;
    const spin = () => {
      turns += 1;
      if (going) setImmediate(spin);
    };
    await strengthOf(`${ODD}x`, beside);
    spin();
    const digits = '6837879351163868096706178340080181501907';
    await Promise.all([1, 2, 3].map((more) => strengthOf(`${digits}${more}`, beside)));
    going = false;
    expect(turns).toBeGreaterThan(100);
  });
});

/** Strings of all kinds, more or less like passwords. */
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(fc.constantFrom('password', 'tanaka', '1990', 'あ', '猫', '!', 'shop', ' '), { maxLength: 6 })
    .map((list) => list.join('')),
);
