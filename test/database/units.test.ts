import { beforeEach, expect, test } from '@jest/globals';
import { NOW, sampleUser } from '../stores/samples.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';

const contract = (id: string) => ({ id, name: id, policy: {}, at: NOW });

describeOnBothEngines('a unit of work', (open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });

  test('keeps all of its writes or none', async () => {
    const failing = db.write(async ({ contracts, users }) => {
      await contracts.add(contract('acme'));
      await users.add(sampleUser(), 'key');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect([await db.count('contracts'), await db.count('users')]).toEqual([0, 0]);
  });

  test('that breaks a rule of the tables fails alone among many at once', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, number) =>
        db.write(async ({ contracts, users }) => {
          await contracts.add(contract(`c${number}`));
          // A user of a contract that does not exist.
          if (number % 3 === 0) await users.add(sampleUser({ contractId: 'nobody' }), `${number}`);
        }),
      ),
    );
    const failed = results.flatMap(({ status }, number) => (status === 'rejected' ? [number] : []));
    expect(failed).toEqual([0, 3, 6, 9]);
    const list = await db.read(({ contracts }) => contracts.list());
    expect(list.map(({ id }) => id)).toEqual(['c1', 'c10', 'c11', 'c2', 'c4', 'c5', 'c7', 'c8']);
  });

  test('sees its own writes; readers see them after the commit only', async () => {
    let outside: number | undefined;
    await db.write(async ({ contracts }) => {
      await contracts.add(contract('acme'));
      expect(await contracts.find('acme')).toBeDefined();
      outside = await db.count('contracts');
    });
    expect(outside).toBe(0);
    expect(await db.count('contracts')).toBe(1);
  });

  test('many at once lose nothing, and commits are counted', async () => {
    const before = db.database.counters.commits;
    await atOnce(60, (number) => db.write(({ contracts }) => contracts.add(contract(`c${number}`))));
    expect(await db.count('contracts')).toBe(60);
    const commits = db.database.counters.commits - before;
    expect(commits).toBeGreaterThan(0);
    expect(commits).toBeLessThanOrEqual(60);
  });

  test('that crosses another so that both would wait for ever is run again', async () => {
    for (const id of ['a', 'b']) await db.write(({ contracts }) => contracts.add(contract(id)));
    const cross = (first: string, second: string) =>
      db.write(async ({ contracts }) => {
        await contracts.update({ ...contract(first), name: `${first}${second}` }, contract(first).at);
        await new Promise((done) => setTimeout(done, 50));
        await contracts.update({ ...contract(second), name: `${first}${second}` }, contract(second).at);
      });
    await Promise.all([cross('a', 'b'), cross('b', 'a')]);
    const names = (await db.read(({ contracts }) => contracts.list())).map(({ name }) => name);
    expect(new Set(names).size).toBe(1);
  });

  test('returns what its work returns', async () => {
    expect(await db.write(async () => 42)).toBe(42);
    expect(await db.read(async () => 'read')).toBe('read');
  });
});

describeOnBothEngines('numbers and texts', (open, engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });

  test('numbers come back as numbers, times and counts alike', async () => {
    await db.write(async ({ contracts, rates }) => {
      await contracts.add(contract('acme'));
      await rates.take('k', { points: 1, seconds: 1 }, NOW);
    });
    const [row] = await db.database.read((reader) =>
      reader.query<Record<string, unknown>>((knex) =>
        knex('contracts').max({ newest: 'created_at' }).count({ count: '*' }),
      ),
    );
    expect(row).toEqual({ newest: NOW, count: 1 });
    const [rate] = await db.database.read((reader) =>
      reader.query<Record<string, unknown>>((knex) => knex('rate_limits')),
    );
    expect(rate).toEqual({ key: 'k', points: 1, expires_at: NOW + 1000 });
  });

  test('any text that people write comes back as it was', async () => {
    const name = `'";--\\ %_ 関所 🏯 \u200f ${'長'.repeat(2000)}`;
    await db.write(({ contracts }) => contracts.add({ ...contract('acme'), name }));
    expect(await db.read(({ contracts }) => contracts.find('acme'))).toMatchObject({ name });
  });

  test('a NUL character never reaches a row that PostgreSQL could not hold', async () => {
    const adding = db.write(({ contracts }) => contracts.add({ ...contract('acme'), name: 'a\0b' }));
    if (engine === 'postgres') await expect(adding).rejects.toMatchObject({ code: 'invalid_input' });
    else expect(await adding).toBe(true);
    const finding = db.read(({ users }) => users.findByUserId('acme', 'a\0b'));
    if (engine === 'postgres') await expect(finding).rejects.toMatchObject({ code: 'invalid_input' });
    else expect(await finding).toBeUndefined();
  });

  test('reading cannot write', async () => {
    if (engine === 'postgres') return;
    await expect(db.read(({ contracts }) => contracts.add(contract('acme')))).rejects.toThrow();
  });
});
