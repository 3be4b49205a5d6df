/** A mail of the outbox: what it says, to whom, and what has become of it. */
import type { Locale } from '../http/locale.ts';
import type { SiteLink, SupportDesk } from '../http/page.ts';

/**
 * `waiting`: still to be sent. `handed_over`: the mail server took it. `refused`: the mail server will never take it.
 * `given_up`: it was no use any more before a mail server took it.
 */
export type MailState = 'waiting' | 'handed_over' | 'refused' | 'given_up';

/** What every mail names. Kept as JSON; holds no secrets. */
export interface AboutContract {
  readonly contractName: string;
  /** IANA time zone of the times in the mail. */
  readonly timeZone: string;
  /** Display name of the sender. */
  readonly senderName: string;
  readonly support: SupportDesk | null;
}

/** What every mail about a request of a browser names. */
export interface AboutLogin extends AboutContract {
  readonly siteName: string;
  /** The browser in words. */
  readonly browser: string;
  /** IP address. */
  readonly address: string;
}

/** What every mail about a user who was entered names. Times are ms. */
export interface AboutUser extends AboutContract {
  readonly userId: string;
  /** Sites that the user can log in to. */
  readonly sites: readonly SiteLink[];
  /** Until when login is possible; null: without end. */
  readonly validUntil: number | null;
}

export interface Administrator {
  readonly name: string;
  readonly company: string | null;
}

/** Someone whose login ends soon. */
export interface EndingUser {
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly validUntil: number;
}

/** Times are ms. Mails with a `codeId` carry the code; which of those with an `invitationId` carry the URL is said here. */
export type MailContent =
  | (AboutLogin & { readonly kind: 'login_code'; readonly requestedAt: number })
  | (AboutLogin & { readonly kind: 'new_browser'; readonly at: number })
  /** The code that proves a mailbox when credentials are forgotten. */
  | (AboutLogin & { readonly kind: 'recovery_code'; readonly requestedAt: number })
  /** Credentials were registered by invitation, or registered anew when they were forgotten. */
  | (AboutLogin & { readonly kind: 'registered' | 'credentials_renewed'; readonly at: number })
  /** The registration URL; with the initial OTP where the mail has a `codeId`. */
  | (AboutUser & { readonly kind: 'invitation' | 'invitation_reminder'; readonly expiresAt: number })
  /** The initial OTP alone. */
  | (AboutUser & { readonly kind: 'invitation_code'; readonly expiresAt: number })
  /** The administrator hands the rest over. */
  | (AboutUser & { readonly kind: 'invitation_notice'; readonly administrator: Administrator | null })
  /** To the administrator: registration URL and initial OTP, to be handed over. */
  | (AboutUser & { readonly kind: 'handover'; readonly expiresAt: number })
  /** Login will not be possible any more. */
  | (AboutUser & { readonly kind: 'validity_ends' })
  /** To the administrator: whose login will not be possible any more. */
  | (AboutContract & { readonly kind: 'user_validity_ends'; readonly users: readonly EndingUser[] });

export interface NewMail {
  readonly id: string;
  readonly contractId: string;
  /** One plain address, as src/users/address.ts reads it. */
  readonly recipient: string;
  readonly locale: Locale;
  readonly content: MailContent;
  /** The one-time code that the mail carries: derived when the mail is made, kept nowhere. */
  readonly codeId: string | null;
  /**
   * The invitation that the mail is about: used or replaced, it ends the mail. Its registration URL is derived when the
   * mail is made, kept nowhere.
   */
  readonly invitationId: string | null;
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
