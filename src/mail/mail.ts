/** A mail of the outbox: what it says, to whom, and what has become of it. */
import type { Locale } from '../http/locale.ts';
import type { SupportDesk } from '../http/page.ts';

/**
 * `waiting`: still to be sent. `handed_over`: the mail server took it. `refused`: the mail server will never take it.
 * `given_up`: it was no use any more before a mail server took it.
 */
export type MailState = 'waiting' | 'handed_over' | 'refused' | 'given_up';

/** What every mail about a login names. Kept as JSON; holds no secrets. */
interface AboutLogin {
  readonly siteName: string;
  readonly contractName: string;
  /** The browser in words. */
  readonly browser: string;
  /** IP address. */
  readonly address: string;
  /** IANA time zone of the times in the mail. */
  readonly timeZone: string;
  /** Display name of the sender. */
  readonly senderName: string;
  readonly support: SupportDesk | null;
}

export type MailContent =
  | (AboutLogin & {
      readonly kind: 'login_code' /** When the code was asked for (ms). */;
      readonly requestedAt: number;
    })
  | (AboutLogin & {
      readonly kind: 'new_browser' /** When the login took place (ms). */;
      readonly at: number;
    });

export interface NewMail {
  readonly id: string;
  readonly contractId: string;
  /** One plain address, as src/users/address.ts reads it. */
  readonly recipient: string;
  readonly locale: Locale;
  readonly content: MailContent;
  /** The one-time code that the mail carries: derived when the mail is made, kept nowhere. */
  readonly codeId: string | null;
  /** The login attempt whose pages show the mail's state. */
  readonly attemptId: string | null;
  readonly createdAt: number;
  /** Not sent before (ms). */
  readonly dueAt: number;
  /** Not sent from then on (ms): for a code mail the end of the code. */
  readonly giveUpAt: number;
}

export interface Mail extends NewMail {
  readonly state: MailState;
  /** How often a mail server was tried. */
  readonly tries: number;
  /** The last answer of a mail server, or what went wrong instead; without addresses. */
  readonly lastReply: string | null;
}

/** A process's right to send a mail: nobody else does until it runs out. */
export interface Claim {
  /** The process. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What a mail has come to: the end of it, or another try later. */
export interface Settlement {
  readonly state: MailState;
  /** Whether a mail server was tried. */
  readonly tried: boolean;
  /** Its answer, or what went wrong; null: nothing new, the answer of the last try stays. */
  readonly reply: string | null;
  /** Milliseconds since the epoch: when it ended, or with `waiting` when it is due again. */
  readonly at: number;
}
