import { afterAll, describe, expect, test } from '@jest/globals';
import { startThreads, type ThreadOptions, type Threads } from '../../src/credentials/threads.ts';
import type { OddJob } from './odd-thread.ts';

const made: Threads<OddJob, unknown>[] = [];
afterAll(() => Promise.all(made.map((threads) => threads.stop())));

function start(options: Partial<ThreadOptions> = {}) {
  const script = new URL('./odd-thread.ts', import.meta.url);
  const threads = startThreads<OddJob, unknown>(script, { parallel: 2, queue: 10, heap: 32, ...options });
  made.push(threads);
  return threads;
}

describe('threads', () => {
  test('are as few as there is work for, and as many as are allowed', async () => {
    const threads = start();
    const one = [await threads.do('id'), await threads.do('id'), await threads.do('id')];
    expect(new Set(one).size).toBe(1);
    const many = await Promise.all([1, 2, 3, 4, 5, 6].map(() => threads.do('id')));
    expect(new Set(many).size).toBe(2);
    expect(many).toContain(one[0]);
  });

  test('know nothing of the environment', async () => {
    process.env.SECRETS_OF_A_TEST = 'x';
    const names = await start().do('environment');
    expect((names as string[]).filter((name) => name !== 'NODE_COMPILE_CACHE')).toEqual([]);
  });

  test('go on after work that failed', async () => {
    const threads = start({ parallel: 1 });
    const before = await threads.do('id');
    await expect(threads.do('fail')).rejects.toThrow('this cannot be done');
    expect(await threads.do('id')).toBe(before);
  });

  test('are replaced when one dies', async () => {
    const threads = start({ parallel: 1 });
    const before = await threads.do('id');
    const died = expect(threads.do('die')).rejects.toThrow('has ended');
    const next = threads.do('id');
    await died;
    expect(await next).not.toBe(before);
  });

  test.each(['die later', 'break later'] as const)('are not woken when they %s, at rest', async (how) => {
    const threads = start({ parallel: 1, idle: 60_000 });
    const before = await threads.do(how);
    while (threads.alive > 0) await new Promise(setImmediate);
    expect(await threads.do('id')).not.toBe(before);
  });

  test('end when there was nothing to do for a while', async () => {
    const threads = start({ parallel: 1, idle: 0 });
    const before = await threads.do('id');
    while (threads.alive > 0) await new Promise(setImmediate);
    expect(await threads.do('id')).not.toBe(before);
  });
});
