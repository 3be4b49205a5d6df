/** The other end of threads.ts: what runs in a thread. */
import { parentPort } from 'node:worker_threads';
import type { Answer } from './threads.ts';

/** Does one job after the other. */
export function serveJobs<Job, Result>(work: (job: Job) => Result): void {
  parentPort?.on('message', (job: Job) => parentPort?.postMessage(answerOf(work, job)));
}

function answerOf<Job, Result>(work: (job: Job) => Result, job: Job): Answer<Result> {
  try {
    return { result: work(job) };
  } catch (error) {
    return { fault: String(error) };
  }
}
