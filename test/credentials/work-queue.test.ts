import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { workQueue } from '../../src/credentials/work-queue.ts';

/** Work that ends when it is told to. */
function jobs() {
  const started: string[] = [];
  const ends = new Map<string, { done(): void; fail(): void }>();
  const job = (name: string) => () =>
    new Promise<string>((done, failed) => {
      started.push(name);
      ends.set(name, { done: () => done(name), fail: () => failed(new Error(name)) });
    });
  const end = async (name: string, how: 'done' | 'fail' = 'done') => {
    ends.get(name)?.[how]();
    await new Promise(setImmediate);
  };
  return { started, job, end };
}

describe('a queue', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('does so many at once, the others in the order in which they came', async () => {
    const { started, job, end } = jobs();
    const queue = workQueue({ parallel: 2, queue: 10 });
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => queue.run(job(name)));
    expect([...started, queue.waiting]).toEqual(['a', 'b', 3]);
    await end('b');
    expect([...started, queue.waiting]).toEqual(['a', 'b', 'c', 2]);
    await end('a');
    await end('d');
    expect([...started, queue.waiting]).toEqual(['a', 'b', 'c', 'd', 'e', 0]);
    await end('c');
    await end('e');
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('nobody who comes later gets ahead of those that wait', async () => {
    const { started, job, end } = jobs();
    const queue = workQueue({ parallel: 1, queue: 10 });
    queue.run(job('first'));
    queue.run(job('second'));
    const late = queue.run(job('first again'));
    await end('first');
    expect(started).toEqual(['first', 'second']);
    await end('second');
    await end('first again');
    expect(await late).toBe('first again');
  });

  test('turns away those for whom there is no room, and takes them when there is', async () => {
    const { started, job, end } = jobs();
    const queue = workQueue({ parallel: 1, queue: 1 });
    queue.run(job('works'));
    queue.run(job('waits'));
    await expect(queue.run(job('too many'))).rejects.toMatchObject({ code: 'busy' });
    await end('works');
    const next = queue.run(job('next'));
    await end('waits');
    await end('next');
    expect(await next).toBe('next');
    expect(started).toEqual(['works', 'waits', 'next']);
  });

  test('turns away those whose turn does not come in time, and nobody else', async () => {
    const { started, job, end } = jobs();
    const queue = workQueue({ parallel: 1, queue: 2, patience: 1000 });
    const works = queue.run(job('works'));
    const late = expect(queue.run(job('late'))).rejects.toMatchObject({ code: 'busy' });
    jest.advanceTimersByTime(600);
    const inTime = queue.run(job('in time'));
    jest.advanceTimersByTime(600);
    await late;
    expect(queue.waiting).toBe(1);
    await end('works');
    jest.advanceTimersByTime(9000);
    await end('in time');
    expect(await Promise.all([works, inTime])).toEqual(['works', 'in time']);
    expect(started).toEqual(['works', 'in time']);
  });

  test('whose turn has come is not waited for any more, nor anybody turned away in its place', async () => {
    const { job, end } = jobs();
    const queue = workQueue({ parallel: 1, queue: 2, patience: 1000 });
    const all = [queue.run(job('works')), queue.run(job('next'))];
    jest.advanceTimersByTime(600);
    all.push(queue.run(job('last')));
    await end('works');
    jest.advanceTimersByTime(600);
    expect(queue.waiting).toBe(1);
    await end('next');
    await end('last');
    expect(await Promise.all(all)).toEqual(['works', 'next', 'last']);
  });

  test('goes on after work that failed', async () => {
    const { job, end } = jobs();
    const queue = workQueue({ parallel: 1, queue: 1 });
    const failing = queue.run(job('fails'));
    const next = queue.run(job('next'));
    const failed = expect(failing).rejects.toThrow('fails');
    await end('fails', 'fail');
    await failed;
    await end('next');
    expect(await next).toBe('next');
  });
});
