import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { type PostgresServer, startPostgres } from './postgres.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

test('each call gives an empty database of its own', async () => {
  const [one, two] = await Promise.all([server.newDatabase(), server.newDatabase()]);
  expect(one).not.toBe(two);
  for (const url of [one, two]) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('CREATE TABLE t (word text)');
    await client.query("INSERT INTO t VALUES ('関所')");
    expect((await client.query('SELECT word FROM t')).rows).toEqual([{ word: '関所' }]);
    await client.end();
  }
});
