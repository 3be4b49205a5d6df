import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTransport, type Transporter } from 'nodemailer';
import { type MailServer, startMailServer } from './mail-server.ts';
import { codeIn } from './received-mail.ts';

let server: MailServer;
let transport: Transporter;

beforeEach(async () => {
  server = await startMailServer();
  transport = createTransport({
    url: server.url,
    socketTimeout: 300,
    greetingTimeout: 300,
    connectionTimeout: 300,
  } as never);
});

afterEach(async () => {
  transport.close();
  await server.close();
});

const send = (to: string | string[], text = 'code\n\n123456\n') =>
  transport.sendMail({ from: 'idp@example.com', to, subject: 'ご案内', text });

test('a mail arrives with envelope, subject, text and code, and is handed out once', async () => {
  const waiting = server.waitFor('a@example.com');
  await send('a@example.com');
  const mail = await waiting;
  expect(mail).toMatchObject({
    envelope: { from: 'idp@example.com', to: ['a@example.com'] },
    rawRcptTo: ['a@example.com'],
    subject: 'ご案内',
    code: '123456',
  });
  expect(mail.headers.from).toBe('idp@example.com');
  expect(mail.raw).toContain('\r\n\r\n');
  await expect(server.waitFor('a@example.com', 20)).rejects.toThrow('No such mail');
  await send('a@example.com', '7777');
  expect((await server.waitFor('a@example.com')).code).toBe('7777');
  expect(server.mails).toHaveLength(2);
});

test('an address that no standard allows is seen as it was sent', async () => {
  await send('a..b@docomo.ne.jp');
  const mail = await server.waitFor('a..b@docomo.ne.jp');
  expect(['"a..b"@docomo.ne.jp', 'a..b@docomo.ne.jp']).toContain(mail.rawRcptTo[0]);
});

test('it refuses one recipient for good and takes the other', async () => {
  server.behave({ do: 'refuse', to: 'gone@example.com' });
  const sent = await send(['gone@example.com', 'here@example.com']);
  expect(sent.rejected).toEqual(['gone@example.com']);
  expect((await server.waitFor('here@example.com')).envelope.to).toEqual(['here@example.com']);
  await expect(send('gone@example.com')).rejects.toMatchObject({ responseCode: 550 });
});

test('it defers a number of times and then accepts', async () => {
  server.behave({ do: 'defer', times: 2 });
  await expect(send('a@example.com')).rejects.toMatchObject({ responseCode: 451 });
  await expect(send('a@example.com')).rejects.toMatchObject({ responseCode: 451 });
  await send('a@example.com');
  expect(server.mails).toHaveLength(1);
});

test('it defers after the whole message', async () => {
  server.behave({ do: 'defer', at: 'data', code: 452, times: 1 });
  await expect(send('a@example.com')).rejects.toMatchObject({ responseCode: 452 });
  expect(server.mails).toHaveLength(0);
  expect(server.unacknowledged).toHaveLength(1);
});

test.each(['greeting', 'data'] as const)('it hangs at %s', async (at) => {
  server.behave({ do: 'hang', at, times: 1 });
  await expect(send('a@example.com')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  expect(server.mails).toHaveLength(0);
  expect(server.unacknowledged).toHaveLength(at === 'data' ? 1 : 0);
  await send('a@example.com');
  expect(server.mails).toHaveLength(1);
});

test.each(['greeting', 'data'] as const)('it closes the connection at %s', async (at) => {
  server.behave({ do: 'hang up', at, times: 1 });
  await expect(send('a@example.com', 'x'.repeat(200_000))).rejects.toThrow();
  expect(server.mails).toHaveLength(0);
  expect(server.unacknowledged).toHaveLength(0);
  await send('a@example.com');
  expect(server.mails).toHaveLength(1);
});

test('it is slow', async () => {
  server.behave({ do: 'slow', ms: 50 });
  const start = performance.now();
  await send('a@example.com');
  expect(performance.now() - start).toBeGreaterThanOrEqual(195);
});

test('it is down and comes back on the same port', async () => {
  const url = server.url;
  await server.down();
  await expect(send('a@example.com')).rejects.toMatchObject({
    code: expect.stringMatching(/ECONNREFUSED|ESOCKET/),
  });
  await server.up();
  expect(server.url).toBe(url);
  await send('a@example.com');
  expect(server.mails).toHaveLength(1);
});

test.each([
  ['要求時刻 2026/11/21 13:05:09 から\n\nワンタイムパスワード：４桁でなく 482913\n', '482913'],
  ['At 2026/11/21 from 2001:db8::8888 or 192.168.1200.1\n  0042 7391 \n 00427391\n', '00427391'],
  ['電話 0120-123-456、2026年', undefined],
])('finds the code in %j', (text, code) => {
  expect(codeIn(text)).toBe(code);
});
