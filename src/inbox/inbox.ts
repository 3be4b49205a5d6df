/** The inbox of the trial mode: a transport that keeps every mail in memory, to be read on a page. */
import type { Clock } from '../clock.ts';
import type { Message } from '../mail/compose.ts';
import type { Transport } from '../mail/transport.ts';

const MOST = 200;

export interface InboxMail {
  readonly id: string;
  /** The recipient as SMTP would have it. */
  readonly to: string;
  readonly sender: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** When it arrived, milliseconds since the epoch. */
  readonly at: number;
}

export interface Inbox extends Transport {
  /** True when the mails also go out by a real mail server. */
  readonly otherTransport: boolean;
  /** The newest 200, newest first. */
  list(): readonly InboxMail[];
  find(id: string): InboxMail | undefined;
}

/** @param other where mails go as well; its answer is the one that counts */
export function createInbox(clock: Clock, other: Transport | null = null): Inbox {
  const mails = new Map<string, InboxMail>();
  const keep = ({ messageId, envelope, sender, subject, text, html }: Message) => {
    const id = messageId.slice(1, messageId.indexOf('@'));
    // Another try with the same mail takes its place.
    mails.delete(id);
    mails.set(id, { id, to: envelope.to, sender, subject, text, html, at: clock.now() });
    for (const oldest of mails.keys()) {
      if (mails.size <= MOST) break;
      mails.delete(oldest);
    }
  };
  return {
    parallel: other?.parallel ?? 10,
    otherTransport: other !== null,
    list: () => [...mails.values()].reverse(),
    find: (id) => mails.get(id),
    send: async (message) => {
      keep(message);
      return other ? other.send(message) : { outcome: 'accepted', reply: 'kept in the inbox' };
    },
    close: () => other?.close(),
  };
}
