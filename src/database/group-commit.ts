/**
 * Group commit for an engine with one writer: units of work that arrive while others run join the same transaction, so
 * that under load one flush to disk makes many of them durable. Each unit still succeeds or fails alone: when one fails,
 * the transaction is undone and the others, which have no effect outside of the database, run again without it. That is
 * rare, and spares every other unit a savepoint.
 */

/** The connection's side: plain transaction control. */
export interface TransactionControl {
  execute(sql: 'begin' | 'commit' | 'rollback'): Promise<void>;
}

interface Unit {
  run(): Promise<void>;
  /** Told after the commit. */
  done(): void;
  failed(error: unknown): void;
}

/** Units in one transaction at most, so that other processes get their turn. */
const MOST_UNITS = 64;

export class GroupCommit {
  readonly #control: TransactionControl;
  readonly #queue: Unit[] = [];
  #draining = false;
  #idle: Promise<void> = Promise.resolve();

  constructor(control: TransactionControl) {
    this.#control = control;
  }

  /** Runs `work` in a transaction of its own or a shared one; resolves after the commit. `work` may run again. */
  submit<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#queue.push({
        run: async () => {
          result = await work();
        },
        done: () => resolve(result),
        failed: reject,
      });
      if (!this.#draining) {
        this.#draining = true;
        this.#idle = this.#drain();
      }
    });
  }

  /** Resolves when nothing is queued or running. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#idle;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) await this.#transaction();
    this.#draining = false;
  }

  async #transaction(): Promise<void> {
    const joined: Unit[] = [];
    try {
      await this.#control.execute('begin');
    } catch (error) {
      for (const unit of this.#queue.splice(0)) unit.failed(error);
      return;
    }
    for (let unit = this.#next(joined); unit; unit = this.#next(joined)) {
      const failure = await failureOf(unit);
      if (failure) return this.#without(unit, failure.cause, joined);
      joined.push(unit);
    }
    try {
      await this.#control.execute('commit');
    } catch (error) {
      await this.#control.execute('rollback').catch(() => {});
      for (const unit of joined) unit.failed(error);
      return;
    }
    for (const unit of joined) unit.done();
  }

  #next(joined: readonly Unit[]): Unit | undefined {
    return joined.length < MOST_UNITS ? this.#queue.shift() : undefined;
  }

  /** Undoes the transaction; those who had joined it are next in the queue, in their order. */
  async #without(unit: Unit, cause: unknown, joined: readonly Unit[]): Promise<void> {
    this.#queue.unshift(...joined);
    // Where even that fails, the next `begin` says so to everybody.
    await this.#control.execute('rollback').catch(() => {});
    unit.failed(cause);
  }
}

async function failureOf(unit: Unit): Promise<{ cause: unknown } | undefined> {
  try {
    await unit.run();
    return undefined;
  } catch (cause) {
    return { cause };
  }
}
