/** Runs in threads that compute hashes. */
import { type Derivation, derive } from './derivation.ts';
import { serveJobs } from './serve-jobs.ts';

export interface HashJob {
  readonly derivation: Derivation;
  /** All in one turn: between two of them there is nobody to be turned away by. */
  readonly passwords: readonly string[];
}

serveJobs(({ derivation, passwords }: HashJob) => passwords.map((password) => derive(derivation, password)));
