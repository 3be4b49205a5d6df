import { beforeEach, describe, expect, test } from '@jest/globals';
import { GroupCommit, type TransactionControl } from '../../src/database/group-commit.ts';

/** A connection that writes down what it is told, and fails where a test wants it. */
class Recorder implements TransactionControl {
  readonly told: string[] = [];
  failOn: string | undefined;

  async execute(sql: string): Promise<void> {
    this.told.push(sql);
    if (sql !== this.failOn) return;
    this.failOn = undefined;
    throw new Error(`${sql} failed`);
  }

  work(name: string): () => Promise<string> {
    return async () => {
      this.told.push(name);
      return name;
    };
  }

  fault(name: string): () => Promise<string> {
    return async () => {
      this.told.push(name);
      throw new Error(`${name} failed`);
    };
  }
}

let connection: Recorder;
let group: GroupCommit;

beforeEach(() => {
  connection = new Recorder();
  group = new GroupCommit(connection);
});

/** What became of each: its value, or its fault's message. */
async function settled(promises: Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(promises);
  return results.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message));
}

describe('units of work that arrive together', () => {
  test('share a transaction in their order', async () => {
    const results = await Promise.all(['a', 'b', 'c'].map((name) => group.submit(connection.work(name))));
    expect(results).toEqual(['a', 'b', 'c']);
    expect(connection.told).toEqual(['begin', 'a', 'b', 'c', 'commit']);
  });

  test('resolve after the commit and not before', async () => {
    const order: string[] = [];
    const control: TransactionControl = {
      execute: async (sql) => {
        await Promise.resolve();
        order.push(sql);
      },
    };
    const slow = new GroupCommit(control);
    await Promise.all(
      ['a', 'b'].map((name) => slow.submit(async () => name).then((done) => order.push(`${done} done`))),
    );
    expect(order.indexOf('commit')).toBeLessThan(order.indexOf('a done'));
    expect(order.indexOf('commit')).toBeLessThan(order.indexOf('b done'));
  });

  test('a unit that arrives while another runs joins its transaction', async () => {
    let late: Promise<string> | undefined;
    await group.submit(async () => {
      late = group.submit(connection.work('late'));
    });
    expect(await late).toBe('late');
    expect(connection.told.filter((each) => each === 'begin')).toHaveLength(1);
  });

  test('are not more than 64 in one transaction', async () => {
    await Promise.all(Array.from({ length: 150 }, (_, number) => group.submit(connection.work(`${number}`))));
    expect(connection.told.filter((each) => each === 'commit')).toHaveLength(3);
    expect(connection.told.filter((each) => /^\d+$/.test(each))).toEqual(
      Array.from({ length: 150 }, (_, number) => `${number}`),
    );
  });
});

describe('a unit that fails', () => {
  test('alone is rolled back', async () => {
    expect(await settled([group.submit(connection.fault('a'))])).toEqual(['a failed']);
    expect(connection.told.slice(0, 3)).toEqual(['begin', 'a', 'rollback']);
  });

  test('as the first leaves nothing behind for those that follow', async () => {
    const both = [group.submit(connection.fault('a')), group.submit(connection.work('b'))];
    expect(await settled(both)).toEqual(['a failed', 'b']);
    expect(connection.told).toEqual(['begin', 'a', 'rollback', 'begin', 'b', 'commit']);
  });

  test('in the middle is left out, and the others run again in their order', async () => {
    const four = [connection.work('a'), connection.work('b'), connection.fault('c'), connection.work('d')];
    expect(await settled(four.map((work) => group.submit(work)))).toEqual(['a', 'b', 'c failed', 'd']);
    expect(connection.told).toEqual(['begin', 'a', 'b', 'c', 'rollback', 'begin', 'a', 'b', 'd', 'commit']);
  });

  test('is told before those that it held up are done', async () => {
    const order: string[] = [];
    const both = [group.submit(connection.work('a')), group.submit(connection.fault('b'))];
    await Promise.all([both[0]?.then(() => order.push('a')), both[1]?.catch(() => order.push('b'))]);
    expect(order).toEqual(['b', 'a']);
  });

  test('does not keep the others from ending, however many fail', async () => {
    const many = Array.from({ length: 130 }, (_, number) =>
      group.submit(number % 3 === 0 ? connection.fault(`${number}`) : connection.work(`${number}`)),
    );
    const expected = many.map((_, number) => (number % 3 === 0 ? `${number} failed` : `${number}`));
    expect(await settled(many)).toEqual(expected);
  });

  test('gives the value of its last run when it ran twice', async () => {
    let runs = 0;
    const counted = group.submit(async () => {
      runs += 1;
      return runs;
    });
    await settled([counted, group.submit(connection.fault('b'))]);
    expect(await counted).toBe(2);
  });

  test('may throw anything', async () => {
    const strange = group.submit(() => Promise.reject(undefined));
    await expect(strange).rejects.toBeUndefined();
    expect(await group.submit(connection.work('next'))).toBe('next');
  });
});

describe('a connection that fails', () => {
  test('at the begin fails what waits, and is tried again for what comes later', async () => {
    connection.failOn = 'begin';
    const both = [group.submit(connection.work('a')), group.submit(connection.work('b'))];
    expect(await settled(both)).toEqual(['begin failed', 'begin failed']);
    expect(connection.told).toEqual(['begin']);
    expect(await group.submit(connection.work('c'))).toBe('c');
  });

  test('at the commit fails all that were in the transaction, and rolls it back', async () => {
    connection.failOn = 'commit';
    const both = [group.submit(connection.work('a')), group.submit(connection.work('b'))];
    expect(await settled(both)).toEqual(['commit failed', 'commit failed']);
    expect(connection.told.at(-1)).toBe('rollback');
    expect(await group.submit(connection.work('c'))).toBe('c');
  });

  test('even when the rollback fails too, nobody waits for ever', async () => {
    connection.failOn = 'commit';
    const execute = connection.execute.bind(connection);
    connection.execute = async (sql) => {
      if (sql === 'rollback') throw new Error('rollback failed');
      return execute(sql);
    };
    expect(await settled([group.submit(connection.work('a'))])).toEqual(['commit failed']);
    expect(await group.submit(connection.work('b'))).toBe('b');
  });
});

describe('idle', () => {
  test('resolves at once when nothing runs', async () => {
    await group.idle();
    expect(connection.told).toEqual([]);
  });

  test('waits for all that was submitted, and for what came meanwhile', async () => {
    let late: Promise<unknown> | undefined;
    const first = group.submit(async () => {
      late = first.then(() => group.submit(connection.work('late')));
    });
    await group.idle();
    await late;
    await group.idle();
    expect(connection.told.filter((each) => each === 'commit').length).toBeGreaterThan(0);
    expect(connection.told).toContain('late');
  });
});
