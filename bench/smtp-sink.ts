import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { codeInMail } from './mail-code.ts';

export interface SmtpSink {
  readonly port: number;
  /** Mails accepted so far, by what they carry. */
  readonly accepted: { codes: number; notices: number };
  /**
   * The code in the next mail to an address. Ask before the mail can be sent: earlier mails are not kept.
   * Rejects after `timeoutMs`.
   */
  nextCode(address: string, timeoutMs: number): Promise<string>;
  close(): void;
}

type Deliver = (recipients: string[], raw: string) => void;

/** Answers that are the same whatever was said before. */
const REPLIES: Record<string, string> = {
  EHLO: '250-sink.bench.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n',
  HELO: '250 sink.bench.example\r\n',
  MAIL: '250 sender ok\r\n',
  RCPT: '250 recipient ok\r\n',
  RSET: '250 reset\r\n',
  NOOP: '250 ok\r\n',
  DATA: '354 end with a dot\r\n',
  QUIT: '221 bye\r\n',
};

/** One SMTP conversation: the least of RFC 5321 that a sending client needs. */
function converse(socket: Socket, deliver: Deliver): void {
  let pending = '';
  let recipients: string[] = [];
  let inData = false;

  /** Takes the mail off the buffer; false while its end has not arrived. */
  const takeMail = (): boolean => {
    const end = pending.indexOf('\r\n.\r\n');
    if (end < 0) return false;
    deliver(recipients, pending.slice(0, end + 2));
    pending = pending.slice(end + 5);
    recipients = [];
    inData = false;
    socket.write('250 taken\r\n');
    return true;
  };
  const takeCommand = (): boolean => {
    const end = pending.indexOf('\r\n');
    if (end < 0) return false;
    const line = pending.slice(0, end);
    pending = pending.slice(end + 2);
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'RCPT') recipients.push(/<(.*)>/.exec(line)?.[1] ?? '');
    if (verb === 'MAIL' || verb === 'RSET') recipients = [];
    inData = verb === 'DATA';
    socket.write(REPLIES[verb] ?? '502 not implemented\r\n');
    if (verb === 'QUIT') socket.end();
    return true;
  };

  socket.setEncoding('latin1').setNoDelay(true);
  socket.on('data', (chunk: string) => {
    pending += chunk;
    while (inData ? takeMail() : takeCommand());
  });
  socket.on('error', () => socket.destroy());
  socket.write('220 sink.bench.example ESMTP\r\n');
}

class Waiters {
  readonly #byAddress = new Map<string, (code: string) => void>();

  wait(address: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#byAddress.delete(address);
        reject(new Error(`no code was mailed to ${address} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#byAddress.set(address, (code) => {
        clearTimeout(timer);
        this.#byAddress.delete(address);
        resolve(code);
      });
    });
  }

  hand(address: string, code: string): void {
    this.#byAddress.get(address)?.(code);
  }
}

/** A mail server in the driver's process that takes every mail and keeps none. Listens on a free loopback port. */
export async function startSmtpSink(): Promise<SmtpSink> {
  const waiters = new Waiters();
  const accepted = { codes: 0, notices: 0 };
  const sockets = new Set<Socket>();
  const deliver: Deliver = (recipients, raw) => {
    const code = codeInMail(raw);
    if (code === undefined) accepted.notices += 1;
    else accepted.codes += 1;
    if (code !== undefined) for (const address of recipients) waiters.hand(address, code);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    converse(socket, deliver);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    accepted,
    nextCode: (address, timeoutMs) => waiters.wait(address, timeoutMs),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
