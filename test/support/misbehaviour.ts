/** Where in a session the server answers. */
export type Stage = 'greeting' | 'mail' | 'rcpt' | 'data';

/** One way to misbehave. It applies `times` times (always when left out), then the server is well again. */
export type Misbehaviour = { times?: number } & (
  | {
      /** refuse: 550 for good; defer: 451 for now. At RCPT, or at MAIL, or after the message (data). */
      do: 'refuse' | 'defer';
      at?: 'mail' | 'rcpt' | 'data';
      /** Only this recipient (an address as `envelope.to` has it); with `rcpt` and `data` only. */
      to?: string | RegExp;
      code?: number;
      text?: string;
    }
  /** Says nothing any more: instead of the greeting, or instead of acknowledging a whole message. */
  | { do: 'hang'; at: 'greeting' | 'data' }
  /** Closes the connection: instead of the greeting, or after the first bytes of a message. */
  | { do: 'hang up'; at: 'greeting' | 'data' }
  /** Waits before each answer. */
  | { do: 'slow'; ms: number }
);

/** Whether an entry has applications left. */
export const left = (entry: Misbehaviour): boolean => entry.times === undefined || entry.times > 0;

/** Whether an entry speaks of this stage and, where it names one, of one of these recipients. */
export function applies(entry: Misbehaviour, at: Stage, to: string[]): boolean {
  if (!left(entry) || entry.do === 'slow') return false;
  if (entry.do === 'hang' || entry.do === 'hang up')
    return entry.at === at && !(entry.do === 'hang up' && at === 'data');
  if ((entry.at ?? 'rcpt') !== at) return false;
  const wanted = entry.to;
  if (wanted === undefined) return true;
  return to.some((address) => (typeof wanted === 'string' ? wanted === address : wanted.test(address)));
}

/** Uses up one application of an entry; false when none was left. */
export function spend(entry: Misbehaviour): boolean {
  if (!left(entry)) return false;
  if (entry.times !== undefined) entry.times -= 1;
  return true;
}
