/**
 * Threads for work that takes long. Threads of our own and not libuv's: those serve the database and files as well, and
 * each of them would keep the memory of such work (docs/decisions/0013-passwords.md).
 */
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import { type QueueBounds, workQueue } from './work-queue.ts';

/** Of a thread's heap, what is collected often (MB). */
const YOUNG = 4;

/** What a thread answers to a job. */
export type Answer<Result> = { readonly result: Result } | { readonly fault: string };

/** The work itself has failed; the thread goes on. */
export class WorkFault extends Error {
  override name = 'WorkFault';
}

export interface Threads<Job, Result> {
  /**
   * Does a job in its turn.
   * @throws SekishoError busy as the queue does, WorkFault when the work fails, Error when the thread dies
   */
  do(job: Job): Promise<Result>;
  /** Jobs that wait for their turn. */
  readonly waiting: number;
  /** Threads that are there. */
  readonly alive: number;
  stop(): Promise<void>;
}

export interface ThreadOptions extends QueueBounds {
  /** The most that a thread's JavaScript may take (MB): left alone, it collects its garbage late. */
  readonly heap: number;
  /** How long a thread without work is kept (ms); for ever if absent. */
  readonly idle?: number;
}

/** Threads are started when there is work for them. @param script see serve-jobs.ts */
export function startThreads<Job, Result>(
  script: URL,
  { idle, heap, ...bounds }: ThreadOptions,
): Threads<Job, Result> {
  const queue = workQueue(bounds);
  const resting: Worker[] = [];
  const all = new Set<Worker>();
  const ends = new Map<Worker, NodeJS.Timeout>();

  const start = () => {
    const resourceLimits = { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: YOUNG };
    const thread = new Worker(script, { env: environment(), resourceLimits });
    all.add(thread);
    thread.once('exit', () => {
      all.delete(thread);
      forget(thread);
    });
    // Of a thread at rest; one at work tells it to its job as well. Unheard, it would end the process.
    thread.on('error', () => {});
    return thread;
  };
  /** It is not to be woken any more. */
  const forget = (thread: Worker) => {
    clearTimeout(ends.get(thread));
    ends.delete(thread);
    const place = resting.indexOf(thread);
    if (place !== -1) resting.splice(place, 1);
  };
  const wake = () => {
    const thread = resting.pop() ?? start();
    clearTimeout(ends.get(thread));
    ends.delete(thread);
    thread.ref();
    return thread;
  };
  /** A thread at rest does not keep a command from ending. */
  const rest = (thread: Worker) => {
    thread.unref();
    resting.push(thread);
    if (idle !== undefined) ends.set(thread, setTimeout(() => end(thread), idle).unref());
  };
  const end = (thread: Worker) => {
    forget(thread);
    return thread.terminate();
  };

  return {
    do: (job) =>
      queue.run(async () => {
        const thread = wake();
        thread.postMessage(job);
        const answer = await answerOf<Result>(thread);
        rest(thread);
        if ('fault' in answer) throw new WorkFault(`work on a thread has failed: ${answer.fault}`);
        return answer.result;
      }),
    get waiting() {
      return queue.waiting;
    },
    get alive() {
      return all.size;
    },
    async stop() {
      for (const timer of ends.values()) clearTimeout(timer);
      resting.length = 0;
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };
}

/** @throws when the thread dies; another one is started for the next job */
async function answerOf<Result>(thread: Worker): Promise<Answer<Result>> {
  const settled = new AbortController();
  const { signal } = settled;
  const died = once(thread, 'exit', { signal }).then(() => {
    throw new Error('a thread has ended in the middle of its work');
  });
  died.catch(() => {});
  try {
    const [answer] = await Promise.race([once(thread, 'message', { signal }), died]);
    return answer;
  } finally {
    settled.abort();
  }
}

/** None of ours: no thread needs SECRETS. Compiled code that is kept spares each thread 10 MB. */
function environment(): Record<string, string> {
  const cache = getCompileCacheDir();
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };
}
