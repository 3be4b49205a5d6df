/** A mail of the outbox to the message that goes over the wire. */
import { type Carried, wordsOf } from './bodies.ts';
import type { NewMail } from './mail.ts';
import { mailbox } from './mailbox.ts';
import { addressHeader, alternatives, oneLine, textHeader } from './mime.ts';

/** A message ready to be handed over. */
export interface Message {
  /** The Message-ID with its angle brackets: the same each time that a mail is sent. */
  readonly messageId: string;
  /** What stands between the angle brackets of MAIL FROM and RCPT TO. */
  readonly envelope: { readonly from: string; readonly to: string };
  /** Headers and bodies (RFC 5322), ASCII throughout. */
  readonly bytes: Buffer;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Display name and address of the sender, for people. */
  readonly sender: string;
}

/** The address cannot stand in a command or header; there is no use in another try. */
export class BadAddress extends Error {
  override name = 'BadAddress';
}

/**
 * Makes the message of a mail. Nothing that a person can set reaches a header unencoded or begins a line.
 * @param carried what the mail carries in clear
 * @param from the address of MAIL_FROM
 * @throws BadAddress
 */
export function compose(mail: NewMail, carried: Carried, from: string): Message {
  const to = wireAddress(mail.recipient);
  const sender = wireAddress(from);
  const { subject, text, html } = wordsOf(mail, carried);
  const messageId = `<${mail.id}@${from.slice(from.lastIndexOf('@') + 1)}>`;
  const headers = [
    addressHeader('From', mail.content.senderName, sender),
    `To: <${to}>`,
    textHeader('Subject', subject),
    `Message-ID: ${messageId}`,
    `Date: ${new Date(mail.createdAt).toUTCString().replace('GMT', '+0000')}`,
    `Content-Language: ${mail.locale}`,
    // RFC 3834 section 5, and what Microsoft's servers read instead: no automatic answers, please.
    'Auto-Submitted: auto-generated',
    'X-Auto-Response-Suppress: All',
  ];
  return {
    messageId,
    envelope: { from: sender, to },
    bytes: alternatives(headers, mail.id, text, html),
    subject,
    text,
    html,
    sender: `${oneLine(mail.content.senderName)} <${from}>`.trim(),
  };
}

function wireAddress(address: string): string {
  const written = mailbox(address);
  if (written === null) throw new BadAddress('the address cannot be written in SMTP');
  return written;
}
