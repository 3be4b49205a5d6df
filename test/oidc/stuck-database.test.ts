import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { SECOND } from '../../src/clock.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';

let at: Installation;
let site: RelyingParty;

beforeAll(async () => {
  at = await startInstallation({ engine: 'postgres' });
  site = await at.addClient();
  await at.addUser('taro');
  await at.addUser('hanako');
});
afterAll(() => at.close());

test('a transaction that hangs elsewhere makes those who need its rows fail in seconds, and nobody else', async () => {
  const first = await site.begin(new Agent());
  const foreign = new pg.Client({ connectionString: at.env.DATABASE_URL });
  await foreign.connect();
  try {
    await foreign.query('begin');
    await foreign.query('lock table mails in exclusive mode');
    const began = performance.now();
    const waiting = first.submit({ user_id: 'taro' });
    const beside = await site.begin(new Agent());
    expect(beside.form({ user_id: '' })).toBeDefined();
    expect(performance.now() - began).toBeLessThan(2 * SECOND);
    expect((await waiting).status).toBe(503);
    expect(performance.now() - began).toBeLessThan(5 * SECOND);
  } finally {
    await foreign.query('rollback');
    await foreign.end();
  }
  const { tokens } = await signIn(at, site, new Agent(), 'hanako');
  expect(tokens.id_token).toBeDefined();
});

test('a unit of ours that hangs gives its locks back', async () => {
  const { server } = at;
  let hung: (() => void) | undefined;
  const failed = server.database
    .write(async (writer) => {
      await writer.query((knex) => knex.raw('set local idle_in_transaction_session_timeout = 500'));
      await writer.query((knex) => knex.raw('lock table mails in exclusive mode'));
      await new Promise<void>((done) => {
        hung = done;
      });
    })
    .catch((error: unknown) => error);
  await signIn(at, site, new Agent(), 'taro');
  hung?.();
  expect(await failed).toMatchObject({ code: 'database_unavailable' });
}, 15_000);
