import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Koa from 'koa';
import { views } from '../../src/http/render.ts';
import { securityHeaders } from '../../src/http/security-headers.ts';
import { createInbox, type Inbox } from '../../src/inbox/inbox.ts';
import { inboxRoutes } from '../../src/inbox/routes.ts';
import type { Message } from '../../src/mail/compose.ts';
import type { Transport } from '../../src/mail/transport.ts';

const clock = { now: () => Date.UTC(2026, 10, 21, 4, 5, 9) };

function message(id: string, changes: Partial<Message> = {}): Message {
  return {
    messageId: `<${id}@sekisho.example>`,
    envelope: { from: 'login@sekisho.example', to: '"a..b"@docomo.ne.jp' },
    bytes: Buffer.from(''),
    subject: '電子調達ポータル：ワンタイムパスワードのお知らせ',
    text: 'ワンタイムパスワード\r\n\r\n012345\r\n',
    html: '<p style="color:red">012345</p><script>alert(1)</script>',
    sender: '関所 <login@sekisho.example>',
    ...changes,
  };
}

describe('the inbox as a transport', () => {
  test('keeps the newest 200, newest first', async () => {
    const inbox = createInbox(clock);
    for (let number = 0; number < 205; number += 1) {
      expect(await inbox.send(message(`m${number}`))).toEqual({
        outcome: 'accepted',
        reply: 'kept in the inbox',
      });
    }
    expect(inbox.list()).toHaveLength(200);
    expect(inbox.list()[0]?.id).toBe('m204');
    expect(inbox.find('m4')).toBeUndefined();
    expect(inbox.otherTransport).toBe(false);
  });

  test('hands over to a mail server as well, whose answer counts, and shows one mail for many tries', async () => {
    const sent: string[] = [];
    const other: Transport = {
      parallel: 3,
      send: async ({ messageId }) => {
        sent.push(messageId);
        return sent.length < 2
          ? { outcome: 'deferred', reply: '451' }
          : { outcome: 'accepted', reply: '250' };
      },
      close: () => {},
    };
    const inbox = createInbox(clock, other);
    expect(inbox).toMatchObject({ parallel: 3, otherTransport: true });
    expect(await inbox.send(message('m'))).toEqual({ outcome: 'deferred', reply: '451' });
    expect(await inbox.send(message('m'))).toEqual({ outcome: 'accepted', reply: '250' });
    expect(inbox.list()).toHaveLength(1);
  });
});

describe('the inbox pages', () => {
  let inbox: Inbox;
  let origin: string;
  let close: () => Promise<void>;

  beforeEach(async () => {
    inbox = createInbox(clock);
    await inbox.send(message('first'));
    const app = new Koa();
    for (const header of securityHeaders(false)) app.use(header);
    app.use(views({ cache: true }));
    app.use(inboxRoutes(inbox, 'Asia/Tokyo').routes());
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => new Promise((resolve) => server.close(() => resolve()));
  });
  afterEach(() => close());

  test('list the mails', async () => {
    const answer = await fetch(`${origin}/inbox`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('電子調達ポータル：ワンタイムパスワードのお知らせ');
  });

  test('show a mail, its HTML in a frame', async () => {
    const answer = await fetch(`${origin}/inbox/first`);
    const page = await answer.text();
    expect(page).toContain('012345');
    expect(page).toContain('/inbox/first/body');
    expect(page).not.toContain('<script>alert');
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-src 'self'");
    const list = (await fetch(`${origin}/inbox`)).headers.get('content-security-policy');
    expect(list).not.toContain('frame-src');
  });

  test('serve the HTML of a mail in a sandbox that only our pages can frame', async () => {
    const answer = await fetch(`${origin}/inbox/first/body`);
    expect(await answer.text()).toBe(message('first').html);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toBe(
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    );
    expect(answer.headers.get('x-frame-options')).toBe('SAMEORIGIN');
  });

  test('give scripts a list', async () => {
    expect(await (await fetch(`${origin}/inbox.json`)).json()).toEqual([
      {
        id: 'first',
        to: '"a..b"@docomo.ne.jp',
        from: '関所 <login@sekisho.example>',
        subject: '電子調達ポータル：ワンタイムパスワードのお知らせ',
        text: 'ワンタイムパスワード\r\n\r\n012345\r\n',
        at: '2026-11-21T04:05:09.000Z',
      },
    ]);
  });

  test.each(['/inbox/none', '/inbox/none/body', '/inbox/__proto__'])('know nothing of %s', async (path) => {
    expect((await fetch(origin + path)).status).toBe(404);
  });
});
