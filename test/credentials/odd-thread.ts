/** Runs in a thread of test/credentials/threads.test.ts. */
import { threadId } from 'node:worker_threads';
import { serveJobs } from '../../src/credentials/serve-jobs.ts';

export type OddJob = 'id' | 'environment' | 'fail' | 'die' | 'die later' | 'break later';

serveJobs((job: OddJob) => {
  if (job === 'fail') throw new Error('this cannot be done');
  if (job === 'die') process.exit(1);
  if (job === 'die later') setImmediate(() => process.exit(1));
  if (job === 'break later') {
    setImmediate(() => {
      throw new Error('broken');
    });
  }
  return job === 'environment' ? Object.keys(process.env) : threadId;
});
