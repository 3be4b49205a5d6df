import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { applies, left, type Misbehaviour, type Stage, spend } from './misbehaviour.ts';
import { parseMail, type ReceivedMail } from './received-mail.ts';

export type { Misbehaviour } from './misbehaviour.ts';
export type { ReceivedMail } from './received-mail.ts';

export interface MailServer {
  /** `smtp://127.0.0.1:<port>`; the port stays the same through `down` and `up`. */
  readonly url: string;
  readonly port: number;
  /** Every acknowledged mail in order of arrival. */
  readonly mails: ReceivedMail[];
  /** Mails that arrived whole but were never acknowledged (hang, refuse or defer at data). */
  readonly unacknowledged: ReceivedMail[];
  /** Connections taken so far. */
  readonly connections: number;
  /**
   * The first mail that fits and that no earlier call has handed out; waits for it.
   * @param wanted recipient address, or a predicate
   * @param timeoutMs rejects after that time, naming what did arrive
   */
  waitFor(wanted: string | ((mail: ReceivedMail) => boolean), timeoutMs?: number): Promise<ReceivedMail>;
  /** Replaces the present misbehaviour; without arguments the server is well. The first that fits a stage applies. */
  behave(...script: Misbehaviour[]): void;
  /** Stops listening and cuts every connection. */
  down(): Promise<void>;
  /** Listens again on the same port. */
  up(): Promise<void>;
  close(): Promise<void>;
}

interface Waiter {
  fits: (mail: ReceivedMail) => boolean;
  resolve: (mail: ReceivedMail) => void;
}

class SmtpReply extends Error {
  readonly responseCode: number;
  constructor(code: number, text: string) {
    super(text);
    this.responseCode = code;
  }
}

class ScriptedMailServer implements MailServer {
  readonly mails: ReceivedMail[] = [];
  readonly unacknowledged: ReceivedMail[] = [];
  connections = 0;
  port = 0;
  #script: Misbehaviour[] = [];
  #server: SMTPServer | undefined;
  #waiters = new Set<Waiter>();
  #handedOut = new Set<ReceivedMail>();
  /** Raw sockets by the client's port, so that a session's connection can be cut. */
  #sockets = new Map<number, Socket>();
  /** What each session's RCPT commands said, by session id. */
  #rawRecipients = new Map<string, string[]>();

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  behave(...script: Misbehaviour[]): void {
    this.#script = script.map((entry) => ({ ...entry }));
  }

  waitFor(wanted: string | ((mail: ReceivedMail) => boolean), timeoutMs = 5000): Promise<ReceivedMail> {
    const fits =
      typeof wanted === 'string' ? (mail: ReceivedMail) => mail.envelope.to.includes(wanted) : wanted;
    const there = this.mails.find((mail) => !this.#handedOut.has(mail) && fits(mail));
    if (there) {
      this.#handedOut.add(there);
      return Promise.resolve(there);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        const arrived = this.mails.map((mail) => `${mail.envelope.to.join(', ')}: ${mail.subject}`);
        reject(
          new Error(
            `No such mail within ${timeoutMs} ms (${wanted}). Arrived: ${arrived.join(' | ') || 'none'}`,
          ),
        );
      }, timeoutMs);
      const waiter: Waiter = {
        fits,
        resolve: (mail) => {
          clearTimeout(timer);
          resolve(mail);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  async up(): Promise<void> {
    if (this.#server) return;
    const server = this.#create();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    // A cut connection is reported here as well; it is part of the play.
    server.on('error', () => {});
    this.port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  async close(): Promise<void> {
    await this.down();
    this.behave();
  }

  #create(): SMTPServer {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      // What carriers take and no standard allows must get through, to be seen as it was sent.
      lenientAddressParsing: true,
      closeTimeout: 100,
      logger: this.#commandLog() as never,
      onConnect: (session, done) => this.#answer('greeting', session, done),
      onMailFrom: (_address, session, done) => {
        this.#rawRecipients.set(session.id, []);
        this.#answer('mail', session, done);
      },
      onRcptTo: (address, session, done) => this.#answer('rcpt', session, done, [unquote(address.address)]),
      onData: (stream, session, done) => void this.#receive(stream, session, done),
      onClose: (session) => void this.#rawRecipients.delete(session.id),
    });
    server.server.on('connection', (socket) => {
      this.connections += 1;
      const port = socket.remotePort ?? 0;
      this.#sockets.set(port, socket);
      socket.on('close', () => this.#sockets.delete(port));
    });
    return server;
  }

  /** The library parses recipients before it hands them over; its command log has them as they came. */
  #commandLog() {
    const quiet = () => {};
    const debug = (entry: { tnx?: string; cid?: string }, _format: string, line?: string) => {
      const recipient = entry.tnx === 'command' && /^RCPT TO:\s*<(.*)>/i.exec(line ?? '')?.[1];
      if (recipient && entry.cid) this.#rawRecipients.get(entry.cid)?.push(recipient);
    };
    return { level: quiet, trace: quiet, debug, info: quiet, warn: quiet, error: quiet, fatal: quiet };
  }

  /** Answers a command as the script says. Hanging means never calling `done`. */
  async #answer(at: Stage, session: SMTPServerSession, done: (error?: Error) => void, to: string[] = []) {
    const slow = this.#script.find((entry) => entry.do === 'slow');
    if (slow?.do === 'slow' && spend(slow)) await sleep(slow.ms, undefined, { ref: false });
    const entry = this.#script.find((candidate) => applies(candidate, at, to));
    if (!entry || !spend(entry)) return done();
    if (entry.do === 'refuse')
      return done(new SmtpReply(entry.code ?? 550, entry.text ?? 'No such user here'));
    if (entry.do === 'defer') return done(new SmtpReply(entry.code ?? 451, entry.text ?? 'Try again later'));
    if (entry.do === 'hang up') this.#cut(session);
  }

  async #receive(stream: SMTPServerDataStream, session: SMTPServerSession, done: (error?: Error) => void) {
    const hangUp = this.#script.find((entry) => entry.do === 'hang up' && entry.at === 'data' && left(entry));
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of stream) {
        chunks.push(chunk as Buffer);
        if (hangUp && spend(hangUp)) return this.#cut(session);
      }
    } catch {
      return; // the client went away in the middle
    }
    const to = session.envelope.rcptTo.map((recipient) => unquote(recipient.address));
    const from = session.envelope.mailFrom ? unquote(session.envelope.mailFrom.address) : '';
    const rawRcptTo = this.#rawRecipients.get(session.id) ?? [];
    const mail = await parseMail(Buffer.concat(chunks), { from, to }, [...rawRcptTo]);
    let acknowledged = false;
    const answered = this.#answer(
      'data',
      session,
      (error) => {
        if (error) return done(error);
        acknowledged = true;
        this.#deliver(mail);
        done();
      },
      to,
    );
    await answered;
    if (!acknowledged) this.unacknowledged.push(mail);
  }

  #deliver(mail: ReceivedMail): void {
    this.mails.push(mail);
    for (const waiter of this.#waiters) {
      if (!waiter.fits(mail)) continue;
      this.#handedOut.add(mail);
      this.#waiters.delete(waiter);
      waiter.resolve(mail);
      return;
    }
  }

  #cut(session: SMTPServerSession): void {
    this.#sockets.get(session.remotePort)?.destroy();
  }
}

/** `"a..b"@docomo.ne.jp` as people write it: `a..b@docomo.ne.jp`. */
function unquote(address: string): string {
  const [, quoted, domain] = /^"(.*)"@([^@]*)$/.exec(address) ?? [];
  return quoted === undefined ? address : `${quoted.replace(/\\(.)/g, '$1')}@${domain}`;
}

/** A real SMTP server on a free port of 127.0.0.1, which can be told to misbehave. */
export async function startMailServer(): Promise<MailServer> {
  const server = new ScriptedMailServer();
  await server.up();
  return server;
}
