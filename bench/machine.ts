import { generateKeyPairSync, sign } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createHasher } from '../src/credentials/argon2-hasher.ts';
import { median } from './load.ts';
import { BENCH_PASSWORD } from './target.ts';

/** Facts about the machine that the numbers depend on. */
export interface Machine {
  cores: number;
  cpu: string;
  node: string;
  /** Median time of an RS256 signature in milliseconds: how fast a core of this machine is. */
  signatureMs: number;
  /** Median time of a password's hash with the server's parameters: its own cost in a login. */
  passwordHashMs: number;
  /** Median time of a 4 KiB write followed by fsync, in the folder of the database. */
  fsyncMs: number;
  /** Type of the file system of that folder, as /proc/mounts names it. */
  fileSystem: string;
}

const TRIES = 200;
const HASHES = 20;

/** Median of the times that `work` takes, in milliseconds. */
function medianTime(work: () => void): number {
  const times = Array.from({ length: TRIES }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return median(times);
}

function signatureTime(): number {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const data = Buffer.alloc(500);
  return medianTime(() => sign('RSA-SHA256', data, privateKey));
}

async function passwordHashTime(): Promise<number> {
  const hasher = createHasher({ pepper: { id: 'bench', key: Buffer.alloc(32) } });
  const times: number[] = [];
  while (times.length < HASHES) {
    const start = performance.now();
    await hasher.hash('password', BENCH_PASSWORD);
    times.push(performance.now() - start);
  }
  return median(times);
}

function fsyncTime(folder: string): number {
  const file = join(folder, 'fsync-probe');
  const page = Buffer.alloc(4096, 1);
  const descriptor = openSync(file, 'w');
  const time = medianTime(() => {
    writeSync(descriptor, page);
    fsyncSync(descriptor);
  });
  closeSync(descriptor);
  rmSync(file);
  return time;
}

function fileSystemOf(folder: string): string {
  let found = { point: '', type: 'unknown' };
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, point = '', type = ''] = line.split(' ');
    const inside = folder === point || folder.startsWith(point.endsWith('/') ? point : `${point}/`);
    if (inside && point.length >= found.point.length) found = { point, type };
  }
  return found.type;
}

/** Reads the facts; writes a small file into the folder for a moment. Linux only. */
export async function machineFacts(folder: string): Promise<Machine> {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.version,
    signatureMs: signatureTime(),
    passwordHashMs: await passwordHashTime(),
    fsyncMs: fsyncTime(folder),
    fileSystem: fileSystemOf(folder),
  };
}
