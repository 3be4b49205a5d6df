/** What carries messages away: a mail server, or the inbox of the trial mode. */
import type { Message } from './compose.ts';

/**
 * `accepted`: the other side has taken the message over. `refused`: it never will. `deferred`: another try may do.
 * `reply` is its answer, or what went wrong, in one line without addresses.
 */
export interface Handover {
  readonly outcome: 'accepted' | 'refused' | 'deferred';
  readonly reply: string;
}

export interface Transport {
  /** How many messages it can carry at once. */
  readonly parallel: number;
  /** Never rejects: whatever goes wrong is an outcome. */
  send(message: Message): Promise<Handover>;
  /** Ends all connections, those in use included. */
  close(): void;
}
