/**
 * Writes down what mails have come to. Results that arrive close together share a transaction, and what could not be
 * written, because the database is away, is kept and written later: a mail that was handed over is not sent again.
 */
import type { Settlement } from './mail.ts';
import type { MailWork } from './work.ts';

/** Milliseconds to wait for others: nobody looks at a mail's state so soon after it was sent. */
const GATHER = 20;

export interface Settled {
  readonly id: string;
  readonly settlement: Settlement;
}

export class Settlements {
  readonly #work: MailWork;
  readonly #by: string;
  /** Told of each mail after the commit. `held` is false when another process had taken the mail over meanwhile. */
  readonly #written: (settled: Settled, held: boolean) => void;
  #waiting: Settled[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(work: MailWork, by: string, written: (settled: Settled, held: boolean) => void) {
    this.#work = work;
    this.#by = by;
    this.#written = written;
  }

  /** Writes soon. A failure is left to the next `flush`. */
  add(settled: Settled): void {
    this.#waiting.push(settled);
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), GATHER);
  }

  /** Writes what waits. @throws what the database throws; all of it waits on then */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    try {
      const held = await this.#work.write(async ({ mails }) => {
        const results: boolean[] = [];
        for (const { id, settlement } of batch) results.push(await mails.settle(id, this.#by, settlement));
        return results;
      });
      for (const [index, settled] of batch.entries()) this.#written(settled, held[index] === true);
    } catch (error) {
      this.#waiting = [...batch, ...this.#waiting];
      throw error;
    }
  }
}
