import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.ts';

const SECRET = 'a secret of thirty-two characters';
const REAL = {
  ISSUER: 'https://login.example.co.jp',
  SECRETS: SECRET,
  SMTP_URL: 'smtps://user:password@mail.example.co.jp',
  MAIL_FROM: 'login@example.co.jp',
};

/** The lines of the refusal, without the first. */
function faultsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

describe('with nothing set', () => {
  test('it is a trial on this machine', () => {
    expect(readConfig({})).toEqual({
      mode: 'trial',
      issuer: 'http://localhost:3000',
      host: 'localhost',
      port: 3000,
      databaseUrl: 'sqlite:data/sekisho.db',
      smtpUrl: null,
      mailFrom: 'login@sekisho.example',
      secrets: [],
      dataDir: './data',
      trustProxy: 0,
      logLevel: 'warn',
      defaultLocale: 'ja',
      timeZone: 'Asia/Tokyo',
    });
  });

  test('an empty value is the same as none, and other variables do not matter', () => {
    expect(readConfig({ ISSUER: '', SECRETS: '', PORT: '', PATH: '/bin', NODE_ENV: 'x' })).toEqual(
      readConfig({}),
    );
  });

  test('the port and the data folder carry over to what follows from them', () => {
    expect(readConfig({ PORT: '4000', DATA_DIR: '/srv/sekisho' })).toMatchObject({
      issuer: 'http://localhost:4000',
      databaseUrl: 'sqlite:/srv/sekisho/sekisho.db',
    });
  });

  test('it does not serve others', () => {
    expect(faultsOf({ HOST: '0.0.0.0' })).toEqual([
      expect.stringMatching(/^HOST: must be a loopback address/),
    ]);
    for (const HOST of ['127.0.0.1', '::1', 'localhost']) expect(readConfig({ HOST }).host).toBe(HOST);
  });
});

describe('with an issuer', () => {
  test('it is the real thing', () => {
    expect(
      readConfig({ ...REAL, DATABASE_URL: 'postgres://u:p@db/sekisho', TRUST_PROXY: '1' }),
    ).toMatchObject({
      mode: 'real',
      issuer: REAL.ISSUER,
      host: '0.0.0.0',
      databaseUrl: 'postgres://u:p@db/sekisho',
      secrets: [SECRET],
      trustProxy: 1,
      logLevel: 'info',
    });
  });

  test('the configuration cannot be changed', () => {
    expect(Object.isFrozen(readConfig(REAL))).toBe(true);
  });

  test('secrets are taken in their order, without the spaces around them', () => {
    const config = readConfig({ ...REAL, SECRETS: `new ${SECRET} , old ${SECRET}` });
    expect(config.secrets).toEqual([`new ${SECRET}`, `old ${SECRET}`]);
  });

  test('everything that is missing is named in one message', () => {
    expect(faultsOf({ ISSUER: REAL.ISSUER })).toEqual([
      'SECRETS: is missing (required when ISSUER is set)',
      'SMTP_URL: is missing (required when ISSUER is set)',
      'MAIL_FROM: is missing (required when ISSUER is set)',
    ]);
  });

  test('so is everything that is wrong, beside what is missing', () => {
    const wrong = {
      ISSUER: 'http://login.example.co.jp/',
      PORT: '70000',
      DATABASE_URL: 'mysql://db',
      SMTP_URL: 'http://mail',
      SECRETS: `${SECRET},short`,
      TRUST_PROXY: '-1',
      LOG_LEVEL: 'loud',
      DEFAULT_LOCALE: 'fr',
      TZ_DISPLAY: 'Mars/Olympus',
    };
    const faults = faultsOf(wrong);
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(
      [...Object.keys(wrong), 'MAIL_FROM'].sort(byMention(faults)),
    );
    expect(faults).toHaveLength(10);
  });

  test.each([
    ['https://Login.Example.co.jp', 'https://login.example.co.jp'],
    ['https://login.example.co.jp:443', 'https://login.example.co.jp'],
    ['https://login.example.co.jp/', 'https://login.example.co.jp'],
    ['https://login.example.co.jp/tenant?x#y', 'https://login.example.co.jp'],
    ['https://user:secret@login.example.co.jp', 'https://login.example.co.jp'],
    ['https://関所.example', 'https://関所.example'],
    ['http://127.0.0.1:80', 'http://127.0.0.1'],
    ['http://127.1:3000', 'http://127.0.0.1:3000'],
  ])('an issuer that is not written as an origin is, is refused with what to write: %s', (given, write) => {
    const [fault, ...others] = faultsOf({ ...REAL, ISSUER: given });
    expect(others).toEqual([]);
    expect(fault?.startsWith('ISSUER: ')).toBe(true);
    expect(fault?.endsWith(`write ${new URL(write).origin}`)).toBe(true);
    expect(fault).not.toContain('secret');
    expect(readConfig({ ...REAL, ISSUER: new URL(write).origin }).issuer).toBe(new URL(write).origin);
  });

  test('no message repeats a value, which may be a secret', () => {
    const wrong = {
      ...REAL,
      SECRETS: 'hunter2',
      SMTP_URL: 'ftp://user:hunter3@mail',
      DATABASE_URL: 'x://u:hunter4@db',
    };
    expect(() => readConfig(wrong)).toThrow(ConfigError);
    expect(faultsOf(wrong).join()).not.toMatch(/hunter/);
  });
});

function byMention(faults: readonly string[]) {
  const place = (name: string) => faults.findIndex((fault) => fault.startsWith(`${name}:`));
  return (a: string, b: string) => place(a) - place(b);
}

describe.each([
  [
    'ISSUER',
    [
      'https://a.example',
      'https://a.example:8443',
      'http://localhost:3000',
      'http://127.0.0.1:1',
      'http://[::1]:1',
    ],
  ],
  ['DATABASE_URL', ['sqlite:./x.db', 'postgres://u:p@h/d', 'postgresql://h/d']],
  ['SMTP_URL', ['smtp://localhost:25', 'smtps://u:p%40@mail.example:465']],
  ['MAIL_FROM', ['a@b.example', 'login+x@example.co.jp']],
  ['HOST', ['0.0.0.0', '::', 'login.internal']],
  ['TZ_DISPLAY', ['UTC', 'Europe/Berlin']],
])('%s', (name, values) => {
  test.each(values)('can be %s', (value) => {
    expect(faultsOf({ ...REAL, [name]: value })).toEqual([]);
  });
});

describe.each([
  [
    'ISSUER',
    [
      'login',
      'https://a.example/',
      'https://a.example/path',
      'https://a.example?x=1',
      'https://u@a.example',
      'http://a.example',
      'ftp://a.example',
    ],
  ],
  ['PORT', ['0', '65536', '3000.5', '0x10', 'http', '-1']],
  ['DATABASE_URL', ['sqlite:', 'x.db', 'https://db']],
  [
    'MAIL_FROM',
    ['Sekisho <a@b.example>', 'a@b.example, c@d.example', 'nobody', 'a@b.example\r\nBcc: x@y.example'],
  ],
  ['TRUST_PROXY', ['true', '11', '1.5']],
  ['HOST', ['two words', 'http://x']],
])('%s', (name, values) => {
  test.each(values)('cannot be %j', (value) => {
    expect(faultsOf({ ...REAL, [name]: value })).toEqual([expect.stringContaining(`${name}: must be`)]);
  });
});
