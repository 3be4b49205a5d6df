/** Hands messages over to a mail server (RFC 5321) through nodemailer's pool of connections. */
import { Readable } from 'node:stream';
import SmtpPool from 'nodemailer/lib/smtp-pool';
import { SECOND } from '../clock.ts';
import type { Message } from './compose.ts';
import type { Handover, Transport } from './transport.ts';

export interface SmtpOptions {
  /** Milliseconds to connect, TLS and greeting included. */
  readonly connectMs?: number;
  /** Milliseconds in which the server says nothing; the end of a message may take it long to judge. */
  readonly silenceMs?: number;
}

const MOST_REPLY = 300;
/** What is looked at of a reply: servers may send any length, and patterns take their time. */
const MOST_READ = 2000;

/**
 * @param url `smtp://` (STARTTLS where the server offers it) or `smtps://`; its query may hold options of nodemailer,
 * such as `?requireTLS=true&maxConnections=3`
 */
export function smtpTransport(url: string, options: SmtpOptions = {}): Transport {
  const { connectMs = 20 * SECOND, silenceMs = 30 * SECOND } = options;
  const settings = {
    url,
    pool: true,
    maxConnections: 10,
    maxMessages: 100,
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: silenceMs,
    socketCloseTimeout: SECOND,
    // Connections that the server closed while they were idle are replaced without counting a try.
    maxRequeues: 2,
    idleTimeout: 30 * SECOND,
  } as const;
  const pool = new SmtpPool(settings);
  return {
    parallel: pool.options.maxConnections ?? settings.maxConnections,
    send: (message) =>
      new Promise((resolve) => {
        pool.send(prepared(message) as never, (error, info) =>
          resolve(
            error
              ? failed(error, message)
              : { outcome: 'accepted', reply: line(info?.response ?? '', message) },
          ),
        );
      }),
    close: () => (pool.close as (options: { force: boolean }) => void)({ force: true }),
  };
}

/** The few things that the pool asks of a message. */
function prepared({ messageId, envelope, bytes }: Message) {
  return {
    data: {},
    message: {
      messageId: () => messageId,
      getHeader: () => messageId,
      getEnvelope: () => ({ from: envelope.from, to: [envelope.to] }),
      createReadStream: () => Readable.from([bytes], { objectMode: false }),
    },
  };
}

/** What nodemailer says of a failure. */
interface SmtpFailure extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/**
 * Only a 5xx about this recipient or this message is final. All else is the server's or the operator's trouble, which
 * somebody will repair: no connection, TLS, a login that is refused, a sender or session that is not liked (503).
 */
function failed(failure: SmtpFailure, message: Message): Handover {
  const { code, command, response, responseCode = 0 } = failure;
  const aboutMessage = command === 'RCPT TO' || command === 'DATA';
  const final = aboutMessage && responseCode >= 500 && responseCode < 600 && responseCode !== 503;
  const reply = response ?? `${code ?? 'error'}: ${failure.message}`;
  return { outcome: final ? 'refused' : 'deferred', reply: line(reply, message) };
}

/** A reply as one short line in which nobody's address stands. */
function line(reply: string, { envelope }: Message): string {
  return reply
    .slice(0, MOST_READ)
    .replaceAll(envelope.to, '(recipient)')
    .replace(/"?[^\s<>"'=,;:]*"?@[^\s<>"',;]+/g, '(address)')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .slice(0, MOST_REPLY);
}
