/** What columns and cells may be called, and every kind of row that is refused. */
import { describe, expect, test } from '@jest/globals';
import { readHeader } from '../../../src/admin/import/columns.ts';
import { type Row, rowReader } from '../../../src/admin/import/read-row.ts';
import type { Contract } from '../../../src/contracts/contract.ts';
import { type PolicyInput, parsePolicy } from '../../../src/contracts/policy.ts';

const BCRYPT = `$2b$12$${'abcdefghijklmnopqrstuu'}${'x'.repeat(30)}e`;

const contractOf = (policy: PolicyInput): Contract => ({
  ...{ id: 'acme', name: '関所', createdAt: 0, updatedAt: 0 },
  policy: parsePolicy(policy),
});
const ALL = { login_methods: ['otp', 'password', 'password+otp'] } as const satisfies PolicyInput;

/** One row of a file with these columns. */
function read(
  cells: Record<string, string>,
  policy: PolicyInput = ALL as PolicyInput,
  more: string[] = [],
): Row {
  const header = readHeader(Object.keys(cells), 'users.csv');
  return rowReader(
    contractOf(policy),
    header,
    'Asia/Tokyo',
  )({ line: 7, cells: [...Object.values(cells), ...more] });
}
const good = (...given: Parameters<typeof read>) => {
  const row = read(...given);
  return 'good' in row ? row.good : row.bad.reasons;
};
const reasons = (...given: Parameters<typeof read>) => {
  const row = read(...given);
  return 'bad' in row ? row.bad.reasons : row.good;
};
const USER = { user_id: 'p-01', email: 'a@b.example' };

describe('columns', () => {
  test.each([
    ['user_id', 'email', 'device_type', 'method', 'password_hash', 'valid_until', 'locale', 'state'],
    ['User ID', 'E-mail', 'Device type', 'Login-method', 'Password hash', 'Valid until', 'LOCALE', ' state '],
    [
      'ユーザID',
      'メールアドレス',
      '端末種別',
      'ログイン方法',
      'パスワードハッシュ',
      '有効期限',
      '言語',
      '状態',
    ],
    [
      'ユーザーＩＤ',
      'ﾒｰﾙｱﾄﾞﾚｽ１',
      '端末種別1',
      'ログイン方法',
      'パスワードハッシュ',
      '有効期限',
      '言語',
      '状態',
    ],
  ])('%s …', (...names) => {
    const columns = [
      'user_id',
      'email1',
      'device_type1',
      'method',
      'password_hash',
      'valid_until',
      'locale',
      'state',
    ];
    expect(readHeader(names, 'users.csv')).toEqual(columns);
  });

  test('have numbers for more addresses; those without a name are left alone', () => {
    const header = readHeader(
      ['email2', 'メールアドレス10', '', 'user_id', 'email', '端末種別２', ' '],
      'users.csv',
    );
    expect(header).toEqual(['email2', 'email10', null, 'user_id', 'email1', 'device_type2', null]);
  });

  test('that are unknown, missing or there twice are named all at once', () => {
    const names = ['氏名', 'email', 'E-Mail', 'email11', 'email0', 'method2', 'constructor'];
    const message = (() => {
      try {
        readHeader(names, 'users.csv');
      } catch (error) {
        return (error as Error).message;
      }
    })();
    for (const unknown of ['氏名', 'email11', 'email0', 'method2', 'constructor']) {
      expect(message).toContain(`there is no column "${unknown}"\n`);
    }
    expect(message).toMatch(/^ +columns are user_id \(ユーザID\), /m);
    expect(message).toContain('the column "E-Mail" (email1) is there twice');
    expect(message).toContain('the column user_id is missing');
    expect(message).toMatch(/^users\.csv, first line:/);
  });
});

test.each([
  ['semicolons', 'user_id;email'],
  ['tabs', 'ユーザID\tメールアドレス'],
])('a header separated by %s', (separators, line) => {
  expect(() => readHeader([line], 'users.csv')).toThrow(
    `users.csv, first line: cells are separated by ${separators}: the separator must be a comma`,
  );
});

describe('a good row', () => {
  test('needs a user ID and an address, and is invited by the first method of the contract', () => {
    expect(good(USER)).toEqual({
      line: 7,
      userIdKey: 'p-01',
      userId: 'p-01',
      method: 'otp',
      state: 'invited',
      validUntil: null,
      locale: null,
      passwordHash: null,
      devices: [{ address: 'a@b.example', type: 'pc' }],
    });
  });

  test('may say everything, in words of either language and as keyboards type them', () => {
    const cells = {
      user_id: ' Ｐ-01 ',
      email: 'ａ..b@docomo.ne.jp ',
      device_type: '携帯電話',
      email2: '',
      email3: 'c@d.example',
      device_type3: 'ｽﾏｰﾄﾌｫﾝ',
      method: 'パスワード＋ワンタイムパスワード',
      password_hash: ` ${BCRYPT} `,
      valid_until: '2027/3/31',
      locale: 'English',
      state: '有効',
    };
    expect(good(cells)).toEqual({
      line: 7,
      userIdKey: 'p-01',
      userId: 'P-01',
      method: 'password+otp',
      state: 'active',
      validUntil: Date.parse('2027-04-01T00:00:00+09:00'),
      locale: 'en',
      passwordHash: BCRYPT,
      devices: [
        { address: 'a..b@docomo.ne.jp', type: 'mobile' },
        { address: 'c@d.example', type: 'smartphone' },
      ],
    });
  });

  test.each([
    ['2027-03-31', '2027-04-01T00:00:00+09:00'],
    ['2027年3月31日', '2027-04-01T00:00:00+09:00'],
    ['２０２７/０３/３１', '2027-04-01T00:00:00+09:00'],
    ['2027-03-31T17:00:00+09:00', '2027-03-31T17:00:00+09:00'],
  ])('ends on the day %s', (valid_until, end) => {
    expect(good({ ...USER, valid_until })).toMatchObject({ validUntil: Date.parse(end) });
  });

  test('one type of device is for all addresses, unless an address has a column of its own for it', () => {
    const two = { ...USER, email2: 'c@d.example', device_type: 'smartphone' };
    expect(good(two)).toMatchObject({ devices: [{ type: 'smartphone' }, { type: 'smartphone' }] });
    const own = { ...two, device_type2: '' };
    expect(good(own)).toMatchObject({ devices: [{ type: 'smartphone' }, { type: 'pc' }] });
  });

  test('with a password hash has the first method that asks for a password', () => {
    const hashed = { ...USER, password_hash: BCRYPT };
    expect(good(hashed)).toMatchObject({ method: 'password', state: 'active' });
    expect(good(hashed, { login_methods: ['otp', 'password+otp'] })).toMatchObject({
      method: 'password+otp',
    });
  });

  test('is active at once with a one-time password only, where the file says so', () => {
    expect(good({ ...USER, state: 'Active' })).toMatchObject({ state: 'active', method: 'otp' });
  });

  test('user IDs differ by case where the contract says so', () => {
    const strict: PolicyInput = { user_id: { case_sensitive: true } };
    expect(good({ ...USER, user_id: 'P-01' }, strict)).toMatchObject({ userIdKey: 'P-01' });
  });
});

describe('a bad row', () => {
  const TYPES = 'must be pc (パソコン), mobile (携帯電話) or smartphone (スマートフォン)';
  const ADDRESS = 'must be a mail address, such as taro@example.co.jp';
  test.each<[reasons: string[], cells: Record<string, string>]>([
    [['user_id: is missing'], { user_id: '' }],
    [['user_id: must have 1 to 128 characters and no control characters'], { user_id: 'a\0b' }],
    [['user_id: must have 1 to 128 characters and no control characters'], { user_id: 'x'.repeat(129) }],
    [['email: must have at least one address'], { email: ' ' }],
    [[`email: ${ADDRESS}`], { email: 'taro' }],
    [[`email: ${ADDRESS}`], { email: 'a@b.example c@d.example' }],
    [[`email3: ${ADDRESS}`], { email3: 'taro@' }],
    [['email: must not hold an address twice'], { email2: 'A@b.example' }],
    [[`device_type "ガラケー": ${TYPES}`], { device_type: ' ガラケー' }],
    [[`device_type: ${TYPES}`], { device_type: BCRYPT }],
    [[`device_type3 "?": ${TYPES}`], { email3: 'c@d.example', device_type3: '?' }],
    [
      [
        'method "fax": must be otp (ワンタイムパスワード), password (パスワード) or password+otp (パスワード+ワンタイムパスワード)',
      ],
      { method: 'fax' },
    ],
    [
      [
        'valid_until "2027/2/30": must be a day (2027-03-31, 2027/3/31 or 2027年3月31日) or a date-time with its offset (2027-03-31T17:00:00+09:00)',
      ],
      { valid_until: '2027/2/30' },
    ],
    [
      ['valid_until "46112": looks like Excel\'s number of a day: format the column as text'],
      { valid_until: '46112' },
    ],
    [['locale "fr": must be ja (日本語) or en (英語)'], { locale: 'fr' }],
    [['state "locked": must be invited (招待) or active (有効)'], { state: 'locked' }],
    [
      ['state: without a password_hash only users of the method otp need no registration'],
      { method: 'password', state: 'active' },
    ],
    [
      ['state: whoever has a password_hash is active'],
      { method: 'password', password_hash: BCRYPT, state: 'invited' },
    ],
    [
      ['password_hash: goes with the methods password and password+otp'],
      { method: 'otp', password_hash: BCRYPT },
    ],
    [
      [
        expect.stringMatching(/^user_id: /) as unknown as string,
        `email: ${ADDRESS}`,
        expect.stringMatching(/^locale "\?": /) as unknown as string,
      ],
      { user_id: ' ', email: '?', locale: '?' },
    ],
  ])('%j', (expected, cells) => {
    expect(reasons({ ...USER, ...cells })).toEqual(expected);
  });

  test('a hash that cannot be read is not repeated in the reason', () => {
    for (const password_hash of ['hunter2', 'x'.repeat(5000), BCRYPT.replace('$12$', '$30$')]) {
      const [reason, ...more] = reasons({ ...USER, method: 'password', password_hash }) as string[];
      expect(reason).toMatch(/^password_hash: /);
      expect([reason?.includes(password_hash), more]).toEqual([false, []]);
    }
  });

  test('a method that the contract does not have', () => {
    expect(reasons({ ...USER, method: 'fax' }, {})).toEqual([
      'method "fax": must be otp (ワンタイムパスワード)',
    ]);
    expect(reasons({ ...USER, method: 'password' }, {})).toEqual(['method: the contract allows otp']);
    expect(reasons({ ...USER, password_hash: BCRYPT }, {})).toEqual([
      'password_hash: goes with the methods password and password+otp',
    ]);
  });

  test('a cell without a column', () => {
    expect(reasons(USER, ALL as PolicyInput, ['', 'too much'])).toEqual([
      'cell 4 is not empty, and its column has no name',
    ]);
    expect(good(USER, ALL as PolicyInput, ['', ' '])).toMatchObject({ userId: 'p-01' });
  });
});
