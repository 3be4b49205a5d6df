import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sqlite3 from 'sqlite3';
import { type Installation, startInstallation } from '../support/installation.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { Agent, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';
import { basic, bearer, getJson, postForm } from './http.ts';

/** A wire to the database that can be cut. */
class Wire {
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #to: URL;
  port = 0;

  constructor(to: URL) {
    this.#to = to;
  }

  async mend(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(Number(this.#to.port), this.#to.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.on('error', () => {});
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.port = (server.address() as { port: number }).port;
    this.#server = server;
  }

  async cut(): Promise<void> {
    const closed = new Promise<void>((done) => this.#server?.close(() => done()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

describe('PostgreSQL that cannot be reached for a while', () => {
  let postgres: PostgresServer;
  let wire: Wire;
  let at: Installation;
  let site: RelyingParty;
  let agent: Agent;
  let tokens: Tokens;

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = new URL(await postgres.newDatabase());
    wire = new Wire(new URL(url));
    await wire.mend();
    url.port = String(wire.port);
    at = await startInstallation({ env: { DATABASE_URL: url.href } });
    site = await at.addClient();
    await at.addUser('taro');
    agent = new Agent();
    ({ tokens } = await signIn(at, site, agent, 'taro'));
  });
  afterAll(async () => {
    await at.close();
    await wire.cut();
    await postgres.close();
  });

  test('pages and JSON say 503, /readyz as well, and nothing has to be restarted afterwards', async () => {
    const open = new Agent();
    const page = await site.begin(open);
    const { url } = await site.startLogin();
    await wire.cut();
    at.clock.advance(2000);

    for (const asked of [
      await new Agent().open(url),
      await agent.open(url),
      await open.open(page.url),
      await page.submit({ user_id: 'taro' }),
      await agent.open(site.logoutUrl()),
    ]) {
      expect([asked.url, asked.status]).toEqual([asked.url, 503]);
      expect(asked.h1).not.toBe('');
      expect(asked.headers['retry-after']).toBeDefined();
      expect(asked.headers['set-cookie'] ?? []).toEqual([]);
    }
    expect(await getJson(site.server.userinfo_endpoint, bearer(tokens.access_token))).toMatchObject({
      status: 503,
      json: { error: 'temporarily_unavailable' },
    });
    const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
    const refused = await postForm(site.server.token_endpoint, fields, basic(site.options));
    expect(refused).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable' } });
    expect((await getJson(`${at.issuer}/readyz`)).status).toBe(503);
    expect((await getJson(`${at.issuer}/healthz`)).status).toBe(200);
    expect((await getJson(`${at.issuer}/.well-known/openid-configuration`)).status).toBe(200);
    expect((await getJson(site.server.jwks_uri)).status).toBe(200);

    await wire.mend();
    let asks = 0;
    while ((await getJson(`${at.issuer}/readyz`)).status !== 200) expect(++asks).toBeLessThan(10_000);
    expect((await site.refresh(tokens.refresh_token ?? '')).access_token).toBeDefined();
    expect(site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code')).toBe(true);
    // The login that was open when it happened can be finished.
    expect(
      (await site.finish(await answerPages(at, await open.open(page.url), 'taro'))).claims(),
    ).toBeDefined();
  });
});

describe('SQLite that another program holds', () => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation();
    site = await at.addClient();
  });
  afterAll(() => at.close());

  test('what must be written says 503 after a while, and goes on as soon as it is free', async () => {
    const file = (at.env.DATABASE_URL ?? '').slice('sqlite:'.length);
    const other = new sqlite3.Database(file);
    const exec = (sql: string) =>
      new Promise<void>((done, failed) => other.exec(sql, (error) => (error ? failed(error) : done())));
    await exec('begin immediate');
    const page = await site.begin(new Agent());
    expect(page.status).toBe(503);
    expect(page.h1).not.toBe('');
    const ready = async () => (await getJson(`${at.issuer}/readyz`)).status;
    expect(await ready()).toBe(503);
    await exec('rollback');
    other.close();
    // Nobody comes to write: it finds out by itself.
    let asked = 0;
    while ((await ready()) !== 200) expect(++asked).toBeLessThan(10_000);
    expect((await site.begin(new Agent())).status).toBe(200);
  });
});

describe('numbers', () => {
  let at: Installation;

  beforeAll(async () => {
    at = await startInstallation();
  });
  afterAll(() => at.close());

  test('are for the inside only', async () => {
    const inside = await new Agent().get(`${at.issuer}/metrics`);
    expect(inside.status).toBe(200);
    expect(inside.body).toMatch(/^sekisho_db_queries_total(\{[^}]*\})? \d+/m);
    const outside = await new Agent({ headers: { 'x-forwarded-for': '10.0.0.1' } }).get(
      `${at.issuer}/metrics`,
    );
    expect(outside.status).toBe(404);
  });
});
