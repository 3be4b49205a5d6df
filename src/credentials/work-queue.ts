/** A line before slow work: so many at once, so many waiting for so long, the others are turned away. */
import { SekishoError } from '../errors.ts';

export interface QueueBounds {
  /** Pieces of work at once. */
  readonly parallel: number;
  /** Pieces of work that wait for their turn. */
  readonly queue: number;
  /** How long one waits for its turn at most (ms); for ever if absent. */
  readonly patience?: number;
}

export interface WorkQueue {
  /**
   * Does the work in its turn, first come first served.
   * @throws SekishoError busy, with nothing done, when too many wait already or the turn does not come in time
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** How many wait now. */
  readonly waiting: number;
}

export function workQueue({ parallel, queue, patience }: QueueBounds): WorkQueue {
  const waiting: (() => void)[] = [];
  let running = 0;

  /** Who is next takes over the place: nobody who comes in between gets ahead. */
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
  const enter = (): Promise<void> | undefined => {
    if (running < parallel) {
      running += 1;
      return undefined;
    }
    if (waiting.length >= queue) {
      throw new SekishoError('busy', `${queue} wait already`);
    }
    return new Promise((done, failed) => {
      const giveUp = () => {
        waiting.splice(waiting.indexOf(turn), 1);
        failed(new SekishoError('busy', `no turn within ${patience} ms`));
      };
      const timer = patience === undefined ? undefined : setTimeout(giveUp, patience);
      const turn = () => {
        clearTimeout(timer);
        done();
      };
      waiting.push(turn);
    });
  };

  return {
    async run(work) {
      const turn = enter();
      if (turn) await turn;
      try {
        return await work();
      } finally {
        leave();
      }
    },
    get waiting() {
      return waiting.length;
    },
  };
}
