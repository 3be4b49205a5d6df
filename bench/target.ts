import type { ChildProcess } from 'node:child_process';
import type { PinnedProcess } from './pinned-process.ts';
import type { Client } from './relying-site.ts';

/** What a server has counted since it started. */
export interface Counters {
  queries: number;
  commits: number;
  signatures: number;
}

/** A server under test with its clients. */
export interface Target {
  name: 'baseline' | 'Sekisho';
  issuer: string;
  process: PinnedProcess;
  /** Logs users in; no refresh tokens. */
  site: Client;
  /** As `site`, in a contract that tells the user about a login from a new browser; absent where there is no such thing. */
  noticeSite?: Client;
  /** As `site`, for users of the two methods with a password; absent where there is no such thing. */
  passwordSites?: { password: Client; 'password+otp': Client };
  /** Refresh tokens, client credentials, introspection. */
  service: Client;
  /** Starts the import of a file into a contract of its own; absent where there is no such thing. */
  importing?: (kind: 'password' | 'invitation', file: string) => ChildProcess;
  idleRssMb: number;
  /** Start to ready, in milliseconds, of each start measured. */
  readyMs: number[];
  counters(): Promise<Counters | undefined>;
  stop(): Promise<void>;
}

/** Everybody's, where there are passwords. */
export const BENCH_PASSWORD = 'correct horse battery staple';

const USERS = 1000;

/** The i-th simulated user, in a circle of a thousand. */
export function benchUser(i: number): { id: string; email: string } {
  const id = `u${String(i % USERS).padStart(4, '0')}`;
  return { id, email: `${id}@users.bench.example` };
}

export function benchUsers(): { id: string; email: string }[] {
  return Array.from({ length: USERS }, (_, i) => benchUser(i));
}
