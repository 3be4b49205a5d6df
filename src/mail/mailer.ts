/** What sends the mails of the outbox: its interface to the rest of the program. */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { Secrets } from '../secrets.ts';
import type { Claim, NewMail } from './mail.ts';
import { SenderLoop } from './sender-loop.ts';
import type { Transport } from './transport.ts';
import type { MailWork } from './work.ts';

export interface MailerOptions {
  readonly work: MailWork;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly logger: Logger;
  /** Different for each process and each start. */
  readonly processId: string;
  /** MAIL_FROM */
  readonly from: string;
  /** Origin of the registration URLs. */
  readonly issuer: string;
}

/** Since start, for /metrics. `deferred` counts tries, the others mails. */
export interface MailCounters {
  handed_over: number;
  refused: number;
  given_up: number;
  deferred: number;
}

export interface Mailer {
  readonly counters: Readonly<MailCounters>;
  /** The claim with which to add mails that `deliver` is then called for. */
  claim(): Claim;
  /**
   * Sends mails that were just committed with `claim()`. Returns at once and never throws.
   * @param code the one-time code that they carry, where the caller has it: it is not read again then
   */
  deliver(mails: readonly NewMail[], code?: OneTimeCode | null): void;
  /** Begins to look for mails that are due, every second. */
  start(): void;
  /** Looks once: renews claims, takes what is due. Resolves when that is done, not when the mails are sent. */
  tick(): Promise<void>;
  /** Resolves when no mail is held. */
  idle(): Promise<void>;
  /** Stops looking, lets mails under way finish for a few seconds, releases the rest and closes the transport. */
  stop(): Promise<void>;
}

export function createMailer(options: MailerOptions): Mailer {
  return new SenderLoop(options);
}
