/** Runs in the thread that estimates passwords. */
import { estimate } from './password-estimate.ts';
import { serveJobs } from './serve-jobs.ts';

serveJobs(estimate);
