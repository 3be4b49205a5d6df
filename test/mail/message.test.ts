/** Messages as they arrive over SMTP. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BadAddress, compose } from '../../src/mail/compose.ts';
import type { ClearCode } from '../../src/mail/login-letters.ts';
import type { MailContent, NewMail } from '../../src/mail/mail.ts';
import { mailbox } from '../../src/mail/mailbox.ts';
import { addressHeader } from '../../src/mail/mime.ts';
import { smtpTransport } from '../../src/mail/smtp-transport.ts';
import type { Transport } from '../../src/mail/transport.ts';
import { newId } from '../../src/secrets.ts';
import { type MailServer, type ReceivedMail, startMailServer } from '../support/mail-server.ts';
import { FROM, loginCodeContent } from './outbox.ts';

const NOW = Date.UTC(2026, 10, 21, 4, 5, 9);
const NOTHING = { code: null, registrationUrl: null };
const CODE: ClearCode = { digits: '012345', expiresAt: NOW + 600_000 };

function mailOf(changes: Partial<MailContent> = {}, rest: Partial<NewMail> = {}): NewMail {
  return {
    id: newId(),
    contractId: 'acme',
    recipient: 'taro@example.com',
    locale: 'ja',
    content: { ...loginCodeContent(NOW), ...changes } as MailContent,
    codeId: 'code',
    invitationId: null,
    attemptId: null,
    createdAt: NOW,
    dueAt: NOW,
    giveUpAt: NOW + 600_000,
    ...rest,
  };
}

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

async function sent(mail: NewMail, code: ClearCode | null = CODE): Promise<ReceivedMail> {
  const handover = await transport.send(compose(mail, { code, registrationUrl: null }, FROM));
  expect(handover.outcome).toBe('accepted');
  return server.waitFor((received) => received.headers['message-id'] === `<${mail.id}@sekisho.example>`);
}

describe('a code mail', () => {
  test('says in Japanese who asked, from where, and what to do', async () => {
    const mail = mailOf();
    const received = await sent(mail);
    expect(received.subject).toBe('電子調達ポータル：ワンタイムパスワードのお知らせ');
    expect(received.text.split(/\r?\n/)).toContain('012345');
    expect(received.code).toBe('012345');
    for (const fact of [
      '電子調達ポータル',
      '2026/11/21 13:05:09',
      '2026/11/21 13:15:09',
      'Chrome 142 (Windows)',
    ]) {
      expect(received.text).toContain(fact);
    }
    expect(received.text).toContain('203.0.113.7');
    expect(received.text).toContain('03-1234-5678');
    expect(received.text).toContain('お尋ねすることは決してありません');
    expect(received.text).toContain('お心当たりがない場合');
    expect(received.html).toContain('012345');
    expect(received.html).toContain('lang="ja"');
    expect(received.headers).toMatchObject({
      'message-id': `<${mail.id}@sekisho.example>`,
      date: 'Sat, 21 Nov 2026 04:05:09 +0000',
      'content-language': 'ja',
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
      'mime-version': '1.0',
    });
    expect(received.envelope).toEqual({ from: FROM, to: ['taro@example.com'] });
  });

  test('says the same in English', async () => {
    const names = { siteName: 'Procurement', contractName: 'Sekisho Systems', senderName: 'Sekisho Systems' };
    const received = await sent(mailOf({ ...names, timeZone: 'Europe/London' }, { locale: 'en' }));
    expect(received.subject).toBe('Procurement: your one-time password');
    expect(received.code).toBe('012345');
    expect(received.text).toContain('2026/11/21 04:05:09');
    expect(received.text).toContain('Nobody will ever ask you');
    expect(received.html).toContain('lang="en"');
    expect(received.raw).toContain('From: "Sekisho Systems" <login@sekisho.example>');
  });

  test('has its code in the bodies only', async () => {
    const received = await sent(mailOf());
    const headers = received.raw.slice(0, received.raw.indexOf('\r\n\r\n'));
    expect(headers + received.subject).not.toContain('012345');
  });

  test('is ASCII in short lines on the wire', async () => {
    for (const locale of ['ja', 'en'] as const) {
      const { raw } = await sent(mailOf({ siteName: 'とても長い名前の'.repeat(12) }, { locale }));
      expect(raw).toMatch(/^[\x20-\x7e\r\n\t]*$/);
      expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
    }
  });

  test('is not made without its code', () => {
    expect(() => compose(mailOf(), NOTHING, FROM)).toThrow('needs its code');
  });
});

test('a notice about a new browser names the login in both languages', async () => {
  const { requestedAt: _, ...about } = loginCodeContent(NOW);
  const content: MailContent = { ...about, kind: 'new_browser', at: NOW };
  for (const locale of ['ja', 'en'] as const) {
    const received = await sent(mailOf({}, { content, locale, codeId: null }), null);
    expect(received.code).toBeUndefined();
    expect(received.text).toContain('2026/11/21 13:05:09');
    expect(received.text).toContain('203.0.113.7');
    expect(received.html).toContain('2026/11/21 13:05:09');
  }
});

describe('names that somebody chose with intent', () => {
  const HEADERS = [
    'auto-submitted',
    'content-language',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
    'x-auto-response-suppress',
  ];
  const hostile = [
    'Site\r\nBcc: victim@example.com',
    'Site\nBcc: victim@example.com\n\nbody',
    'Site\rBcc: victim@example.com',
    'サイト\r\nBcc: victim@example.com',
    'Site\u0000\u0007\u001b[31m',
    'Site\u2028Bcc: x@example.com\u2029',
    'Site\u0085Bcc: x@example.com',
    '"><script>alert(1)</script>',
    'a" <victim@example.com>, "b',
    'victim@example.com',
    '=?UTF-8?Q?=0D=0ABcc:_victim@example.com?=',
    '\ud800broken',
    '\u202emoc.elpmaxe',
    '.\r\nQUIT\r\n',
    '999999',
    '\r\n999999\r\n',
  ];

  test.each(hostile)('%j adds no header, no recipient and no line', async (name) => {
    const content = { siteName: name, contractName: name, senderName: name, browser: name, address: name };
    const received = await sent(mailOf({ ...content, support: { name, phone: name, hours: name } }));
    expect(Object.keys(received.headers).sort()).toEqual(HEADERS);
    expect(received.envelope).toEqual({ from: FROM, to: ['taro@example.com'] });
    expect(received.headers.from).toMatch(/<login@sekisho\.example>$/);
    expect(received.headers.to).toBe('<taro@example.com>');
    expect(received.code).toBe('012345');
    expect(received.text.split(/\r?\n/)).not.toContain('Bcc: victim@example.com');
    expect(received.html).not.toContain('<script>');
  });

  test('whatever they are, there is one subject of one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const { bytes } = compose(
          mailOf({ siteName: name, senderName: name }),
          { ...NOTHING, code: CODE },
          FROM,
        );
        const head = bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
        const names = head
          .split(/\r\n(?![ \t])/)
          .map((line) => /^[!-9;-~]+(?=: )/.exec(line)?.[0].toLowerCase());
        expect(names.sort()).toEqual(HEADERS);
        expect(head).toMatch(/^[\x20-\x7e\r\n\t]*$/);
        expect(head.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      }),
    );
  });

  test('a display name is one line even when it is decoded', () => {
    expect(addressHeader('From', 'a\r\nb\u0000', FROM)).toBe(`From: "a b" <${FROM}>`);
  });

  test.each([
    'a\r\nRCPT TO:<x@example.com>@example.com',
    'a b@example.com',
    'a>@example.com',
    'あ@example.com',
    'none',
  ])('the address %j goes nowhere', (recipient) => {
    expect(() => compose(mailOf({}, { recipient }), { ...NOTHING, code: CODE }, FROM)).toThrow(BadAddress);
  });
});

describe('addresses of mobile carriers that are no dot-atom', () => {
  test.each([
    ['a..b@docomo.ne.jp', '"a..b"@docomo.ne.jp'],
    ['abc.@ezweb.ne.jp', '"abc."@ezweb.ne.jp'],
    ['.abc@docomo.ne.jp', '".abc"@docomo.ne.jp'],
  ])('%s goes out as the quoted string %s, in the envelope and in the header', async (recipient, quoted) => {
    const received = await sent(mailOf({}, { recipient }));
    expect(received.rawRcptTo).toEqual([quoted]);
    expect(received.envelope.to).toEqual([recipient]);
    expect(received.raw).toContain(`\r\nTo: <${quoted}>\r\n`);
  });

  test('all others go out as they are', async () => {
    for (const recipient of ['taro.yamada@example.co.jp', 'a+b_c-d/e@example.com', '-abc--@docomo.ne.jp']) {
      expect(mailbox(recipient)).toBe(recipient);
      expect((await sent(mailOf({}, { recipient }))).rawRcptTo).toEqual([recipient]);
    }
  });
});
