/** Asks the thread that estimates passwords. It is there while people choose passwords: its lists take 100 MB. */
import { MINUTE } from '../clock.ts';
import type { Estimate, EstimateJob } from './password-estimate.ts';
import { startThreads } from './threads.ts';

const thread = startThreads<EstimateJob, Estimate>(new URL('./estimate-thread.ts', import.meta.url), {
  parallel: 1,
  queue: 100,
  idle: 2 * MINUTE,
  heap: 96,
});

/** @throws SekishoError busy */
export function estimatePassword(job: EstimateJob): Promise<Estimate> {
  return thread.do(job);
}
