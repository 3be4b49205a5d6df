/** Mails about invitations, credentials and dates, as they arrive over SMTP. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compose } from '../../src/mail/compose.ts';
import type { MailContent, NewMail } from '../../src/mail/mail.ts';
import { smtpTransport } from '../../src/mail/smtp-transport.ts';
import type { Transport } from '../../src/mail/transport.ts';
import type { Carried } from '../../src/mail/user-letters.ts';
import { newId } from '../../src/secrets.ts';
import { type MailServer, type ReceivedMail, startMailServer } from '../support/mail-server.ts';
import { aboutContract, FROM, loginCodeContent } from './outbox.ts';

const NOW = Date.UTC(2026, 10, 21, 4, 5, 9);
const OTP = '01234567';
/** Longer than a line of a mail. */
const URL = `https://login.${'sub.'.repeat(10)}example.co.jp/register/mV1Z3kq7dYw4n9c0Rr5sT8uXbA2eGfHjKlMoPpQiStu`;
const CARRIED: Carried = { code: { digits: OTP, expiresAt: NOW + 864e5 }, registrationUrl: URL };

const portal = { name: '電子調達ポータル', url: 'https://portal.example/start?iss=a&b=c' };
const aboutUser = {
  ...aboutContract,
  userId: 'p-01-usr007',
  sites: [portal],
  // 31 March 2027 to its end in Tokyo.
  validUntil: Date.UTC(2027, 2, 31, 15),
};
const expiresAt = NOW + 14 * 864e5;
const { kind: _, requestedAt, ...aboutLogin } = loginCodeContent(NOW);
const administrator = { name: '管理 太郎', company: '関所工業' };
const users = [
  { userId: 'p-01', validUntil: Date.UTC(2027, 2, 31, 15) },
  { userId: 'p-02', validUntil: Date.UTC(2027, 2, 31, 8) },
];

const CONTENTS = {
  recovery_code: { kind: 'recovery_code', ...aboutLogin, requestedAt },
  registered: { kind: 'registered', ...aboutLogin, at: NOW },
  credentials_renewed: { kind: 'credentials_renewed', ...aboutLogin, at: NOW },
  invitation: { kind: 'invitation', ...aboutUser, expiresAt },
  invitation_code: { kind: 'invitation_code', ...aboutUser, expiresAt },
  invitation_reminder: { kind: 'invitation_reminder', ...aboutUser, expiresAt },
  invitation_notice: { kind: 'invitation_notice', ...aboutUser, administrator },
  handover: { kind: 'handover', ...aboutUser, expiresAt },
  validity_ends: { kind: 'validity_ends', ...aboutUser },
  user_validity_ends: { kind: 'user_validity_ends', ...aboutContract, users },
} as const satisfies Partial<Record<MailContent['kind'], MailContent>>;
type Kind = keyof typeof CONTENTS;
const KINDS = Object.keys(CONTENTS) as Kind[];
const BOTH = KINDS.flatMap((kind) => [
  { kind, locale: 'ja' as const },
  { kind, locale: 'en' as const },
]);

let server: MailServer;
let transport: Transport;
beforeAll(async () => {
  server = await startMailServer();
  transport = smtpTransport(server.url);
});
afterAll(async () => {
  transport.close();
  await server.close();
});

async function sent(
  content: MailContent,
  { carried = CARRIED, locale = 'ja' }: { carried?: Carried; locale?: 'ja' | 'en' } = {},
): Promise<ReceivedMail> {
  const mail: NewMail = {
    id: newId(),
    contractId: 'acme',
    recipient: 'taro@example.com',
    locale,
    content,
    codeId: null,
    invitationId: null,
    attemptId: null,
    createdAt: NOW,
    dueAt: NOW,
    giveUpAt: NOW + 600_000,
  };
  expect((await transport.send(compose(mail, carried, FROM))).outcome).toBe('accepted');
  return server.waitFor((received) => received.headers['message-id'] === `<${mail.id}@sekisho.example>`);
}

const linesOf = ({ text }: ReceivedMail) => text.split(/\r?\n/);
const NO_CODE: Carried = { ...CARRIED, code: null };

describe('every such mail', () => {
  test.each(BOTH)(
    '$kind in $locale names the site or the contract in its subject, and no secret',
    async (each) => {
      const mail = await sent(CONTENTS[each.kind], each);
      expect(mail.subject).toMatch(/電子調達ポータル|関所システムズ/);
      const head = mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n'));
      for (const secret of [OTP, URL, 'p-01']) expect(mail.subject + head).not.toContain(secret);
      expect(mail.html).toContain(`lang="${each.locale}"`);
      expect(mail.text).toContain('03-1234-5678');
      expect(mail.raw).toMatch(/^[\x20-\x7e\r\n\t]*$/);
      expect(Math.max(...mail.raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
    },
  );

  test.each(BOTH)(
    '$kind in $locale carries the URL and the OTP where it should, and only there',
    async (each) => {
      const { text, html } = await sent(CONTENTS[each.kind], each);
      const withUrl = ['invitation', 'invitation_reminder', 'handover'].includes(each.kind);
      const withCode = [...['recovery_code', 'invitation_code'], ...(withUrl ? [each.kind] : [])].includes(
        each.kind,
      );
      expect([text.includes(URL), html.includes(URL)]).toEqual([withUrl, withUrl]);
      expect([text.includes(OTP), html.includes(OTP)]).toEqual([withCode, withCode]);
    },
  );
});

describe('an invitation', () => {
  test('says in Japanese what to open, what to enter, and until when', async () => {
    const mail = await sent(CONTENTS.invitation);
    expect(mail.subject).toBe('電子調達ポータル：認証情報登録のご案内');
    expect(linesOf(mail)).toEqual(expect.arrayContaining([URL, OTP, '  ユーザID: p-01-usr007']));
    expect(mail.code).toBe(OTP);
    for (const words of [
      '認証情報取得先URL',
      '初回OTP',
      '登録の期限: 2026/12/05 13:05:09',
      'だれにも教えない',
    ]) {
      expect(mail.text).toContain(words);
    }
    expect(mail.text).toContain('ログインできる期限: 2027/03/31 23:59:59');
    expect(linesOf(mail)).toContain(`  ${portal.url}`);
    expect(mail.html).toContain(`href="${URL}"`);
    expect(mail.html).toContain('href="https://portal.example/start?iss=a&amp;b=c"');
  });

  test('says the same in English', async () => {
    const mail = await sent(CONTENTS.invitation, { locale: 'en' });
    expect(mail.subject).toBe('電子調達ポータル: register your credentials');
    for (const words of [
      'Registration URL',
      'Initial one-time password',
      'Register by: 2026/12/05 13:05:09',
    ]) {
      expect(mail.text).toContain(words);
    }
  });

  test('in two mails: one says that the OTP comes apart, the other that the URL does', async () => {
    const url = await sent(CONTENTS.invitation, { carried: NO_CODE });
    expect(linesOf(url)).toContain(URL);
    expect(url.text).not.toContain(OTP);
    expect(url.text).toContain('初回OTPは、別のメールでお送りします');
    const code = await sent(CONTENTS.invitation_code);
    expect(linesOf(code)).toContain(OTP);
    expect(code.text).not.toContain('/register/');
    expect(code.text).not.toContain('p-01-usr007');
    expect(code.text).toContain('別のメールでお送りする認証情報取得先URL');
  });

  test('names the contract where there are several sites or none', async () => {
    const several = {
      ...CONTENTS.invitation,
      sites: [portal, { name: '電子入札', url: 'https://b.example/' }],
    };
    const mail = await sent(several);
    expect(mail.subject).toBe('関所システムズ：認証情報登録のご案内');
    for (const name of ['電子調達ポータル', '電子入札']) expect(mail.text).toContain(`サイト: ${name}`);
    const none = await sent({ ...CONTENTS.invitation, sites: [], validUntil: null });
    expect(none.subject).toBe('関所システムズ：認証情報登録のご案内');
    for (const words of ['ご利用になれるサイト', 'ログインできる期限']) {
      expect(none.text).not.toContain(words);
      expect(none.html).not.toContain(words);
    }
  });

  test('is reminded of with the URL, and with the OTP only where the mail has it', async () => {
    const whole = await sent(CONTENTS.invitation_reminder);
    expect(linesOf(whole)).toEqual(expect.arrayContaining([URL, OTP]));
    expect(whole.text).toContain('まだ登録されていません');
    const apart = await sent(CONTENTS.invitation_reminder, { carried: NO_CODE });
    expect(linesOf(apart)).toContain(URL);
    expect(apart.text).not.toContain(OTP);
    expect(apart.text).toContain('初回OTPをまだ受け取っていない');
  });

  test.each([
    ['invitation', { ...CARRIED, registrationUrl: null }, 'registration URL'],
    ['handover', { ...CARRIED, registrationUrl: null }, 'registration URL'],
    ['handover', NO_CODE, 'needs its code'],
    ['invitation_code', NO_CODE, 'needs its code'],
    ['recovery_code', NO_CODE, 'needs its code'],
  ] as const)('%s is not made without what it carries', async (kind, carried, message) => {
    await expect(sent(CONTENTS[kind], { carried })).rejects.toThrow(message);
  });
});

describe('where the administrator hands over', () => {
  test('the user learns who entered it, where to log in and until when, and no user ID', async () => {
    const mail = await sent(CONTENTS.invitation_notice);
    expect(mail.subject).toBe('電子調達ポータル：利用者登録のお知らせ');
    for (const words of [
      '登録した管理者: 関所工業 管理 太郎',
      'ログインできる期限: 2027/03/31 23:59:59',
      portal.url,
      'ユーザIDと初回OTPは、管理者からお受け取りください',
    ]) {
      expect(mail.text).toContain(words);
    }
    expect(mail.text + mail.html).not.toContain('p-01-usr007');
    const alone = await sent({ ...CONTENTS.invitation_notice, administrator: null });
    expect(alone.text).not.toContain('登録した管理者');
    const person = { ...CONTENTS.invitation_notice, administrator: { name: '管理 太郎', company: null } };
    expect((await sent(person)).text).toContain('登録した管理者: 管理 太郎');
  });

  test('the administrator gets all that is to be handed over', async () => {
    const mail = await sent(CONTENTS.handover);
    expect(mail.subject).toBe('関所システムズ：利用者への初回OTPのお渡しのお願い');
    expect(linesOf(mail)).toEqual(expect.arrayContaining([URL, OTP, '  ユーザID: p-01-usr007']));
    expect(mail.text).toContain('登録の期限: 2026/12/05 13:05:09');
    expect(mail.text).toContain('ログインできる期限: 2027/03/31 23:59:59');
  });
});

describe('the date until which login is possible', () => {
  test('is named to the user', async () => {
    const mail = await sent(CONTENTS.validity_ends);
    expect(mail.subject).toBe('電子調達ポータル：ログインできる期限が近づいています');
    expect(mail.text).toContain('ログインできる期限: 2027/03/31 23:59:59');
  });

  test('is named to the administrator with each user', async () => {
    const mail = await sent(CONTENTS.user_validity_ends);
    expect(mail.subject).toBe('関所システムズ：利用者がログインできる期限が近づいています');
    expect(linesOf(mail)).toEqual(
      expect.arrayContaining(['  p-01: 2027/03/31 23:59:59', '  p-02: 2027/03/31 17:00:00']),
    );
  });
});

describe('names that somebody chose with intent', () => {
  const hostile = [
    'Name\r\nBcc: victim@example.com',
    'Name\n\n99999999\n\nhttps://evil.example/',
    'Name\u2028Bcc: x@example.com\u2029',
    '"><script>alert(1)</script>',
    '</h1><a href="javascript:alert(1)">x</a>',
    '99999999',
    '\r\n99999999\r\n',
    '\ud800broken\u202e',
  ];

  test.each(hostile)('%j adds no header, no recipient, no code and no link', async (name) => {
    for (const kind of KINDS) {
      const mail = await sent(withNames({ ...CONTENTS[kind], support: null }, name) as MailContent);
      expect(Object.keys(mail.headers)).not.toContain('bcc');
      expect(mail.envelope).toEqual({ from: FROM, to: ['taro@example.com'] });
      expect(mail.headers.subject).not.toMatch(/[\r\n]/);
      expect(linesOf(mail).filter((line) => /^\s*(Bcc:|99999999\s*$|https:\/\/evil)/.test(line))).toEqual([]);
      expect(mail.html).not.toMatch(/<script|href="javascript/);
    }
  });
});

/** The same with every text that people enter replaced. */
function withNames(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => withNames(each, name));
  const kept = ['kind', 'timeZone', 'url', 'phone', 'email'];
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      typeof inner === 'string' && !kept.includes(key) ? name : withNames(inner, name),
    ]),
  );
}
