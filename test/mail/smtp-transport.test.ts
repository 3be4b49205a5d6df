/** Mail servers that are not reached, not trusted or not liked. */
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Message } from '../../src/mail/compose.ts';
import { smtpTransport } from '../../src/mail/smtp-transport.ts';
import type { Transport } from '../../src/mail/transport.ts';

const message: Message = {
  messageId: '<m@sekisho.example>',
  envelope: { from: 'login@sekisho.example', to: 'taro@example.com' },
  bytes: Buffer.from('Subject: test\r\n\r\n.\r\n..dots\r\nend'),
  subject: 'test',
  text: 'test',
  html: '<p>test',
  sender: 'Sekisho <login@sekisho.example>',
};

// The server warns that its built-in certificate is nothing to rely on, which is what it is wanted for here.
beforeAll(() => void jest.spyOn(console, 'error').mockImplementation(() => {}));

let closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers) close();
  closers = [];
});

async function start(options: SMTPServerOptions): Promise<{ port: number; received: string[] }> {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 50,
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      stream.on('end', () => {
        received.push(text);
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closers.push(() => server.close());
  return { port: (server.server.address() as AddressInfo).port, received };
}

function transportTo(url: string): Transport {
  const transport = smtpTransport(url, { connectMs: 500, silenceMs: 500 });
  closers.push(() => transport.close());
  return transport;
}

describe('handing over by SMTP', () => {
  test('carries the bytes as they are, lines of dots included', async () => {
    const { port, received } = await start({ disabledCommands: ['STARTTLS', 'AUTH'] });
    const handover = await transportTo(`smtp://127.0.0.1:${port}`).send(message);
    expect(handover).toEqual({ outcome: 'accepted', reply: '250 OK: message queued' });
    expect(received).toEqual([`${message.bytes.toString()}\r\n`]);
  });

  test('is deferred where the certificate is not trusted, and goes where the operator trusts it', async () => {
    const { port } = await start({ disabledCommands: ['AUTH'] });
    const handover = await transportTo(`smtp://127.0.0.1:${port}`).send(message);
    expect(handover).toMatchObject({ outcome: 'deferred', reply: expect.stringMatching(/certificate/i) });
    const trusting = transportTo(`smtp://127.0.0.1:${port}?tls.rejectUnauthorized=false&maxConnections=3`);
    expect(trusting.parallel).toBe(3);
    expect(await trusting.send(message)).toMatchObject({ outcome: 'accepted' });
  });

  test('is deferred where the server wants another password, which no reply repeats', async () => {
    const { port } = await start({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ password }, _session, done) => done(new Error(`${password === 'right'} credentials`)),
    });
    const handover = await transportTo(`smtp://sekisho:open-sesame@127.0.0.1:${port}`).send(message);
    expect(handover).toMatchObject({ outcome: 'deferred', reply: expect.stringContaining('535') });
    expect(handover.reply).not.toContain('open-sesame');
  });

  test('is deferred where nobody listens, where no such host is, and after the end', async () => {
    const transport = transportTo('smtp://127.0.0.1:1');
    expect(await transport.send(message)).toMatchObject({ outcome: 'deferred' });
    expect(await transportTo('smtp://no-such-host.invalid').send(message)).toMatchObject({
      outcome: 'deferred',
    });
    transport.close();
    expect(await transport.send(message)).toMatchObject({ outcome: 'deferred' });
  });

  test('takes a reply of any length without stopping over it', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220 mail ESMTP\r\n');
      socket.on('data', (data) => {
        const long = data.toString().startsWith('RCPT');
        socket.write(long ? `550 ${'a'.repeat(100_000)}\r\n` : '250 mail\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const transport = transportTo(`smtp://127.0.0.1:${port}`);
    const began = performance.now();
    const handover = await transport.send(message);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(handover).toEqual({ outcome: 'refused', reply: expect.stringMatching(/^550 a+$/) });
    expect(handover.reply).toHaveLength(300);
  });

  test.each([
    ['5.1.1 <taro@example.com>: unknown', '550 5.1.1 <(recipient)>: unknown'],
    ['Not you, but "ha..na"@example.com or hanako@example.org?', '550 Not you, but (address) or (address)'],
    ['first line\r\nsecond line', '550 first line second line'],
  ])('tells the reply %j without addresses, in one line', async (reply, told) => {
    const { port } = await start({
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: (_address, _session, done) => {
        done(Object.assign(new Error(reply), { responseCode: 550 }));
      },
    });
    const handover = await transportTo(`smtp://127.0.0.1:${port}`).send(message);
    expect(handover.outcome).toBe('refused');
    expect(handover.reply).toContain(told);
    expect(handover.reply).not.toMatch(/@|[\r\n]/);
  });
});
