import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { askForCode, signIn } from '../support/sign-in.ts';
import { type LogoutListener, listenForLogouts } from './logout-listener.ts';

describe.each(ENGINES)('requests of one browser at once, on %s', (engine) => {
  let at: Installation;
  let listener: LogoutListener;
  let sites: RelyingParty[];
  let agent: Agent;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    listener = await listenForLogouts();
    const metadata = { backchannel_logout_uri: listener.url };
    sites = await Promise.all([0, 1, 2].map(() => at.addClient({ metadata })));
    await at.addUser('taro');
  });
  afterAll(async () => {
    await at.close();
    await listener.close();
  });
  beforeEach(() => {
    agent = new Agent();
    listener.tokens.length = 0;
  });

  const first = () => sites[0] as RelyingParty;
  const finish = (pages: Page[]) =>
    Promise.all(pages.map((page, index) => (sites[index] as RelyingParty).finish(page)));
  const sessionCookies = (of: Agent) =>
    of.jar
      .all()
      .filter(({ name }) => name.includes('session'))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  async function logOut(): Promise<void> {
    const page = await agent.open(first().logoutUrl());
    expect((await page.submit({ logout: 'yes' })).status).toBe(200);
  }
  async function expectAllEnded(tokens: Awaited<ReturnType<typeof finish>>): Promise<void> {
    for (const [index, each] of tokens.entries()) {
      await expect((sites[index] as RelyingParty).userinfo(each)).rejects.toMatchObject({ status: 401 });
    }
  }

  test('silent requests of three sites: all their tokens work, and a logout ends and tells all', async () => {
    await signIn(at, first(), agent, 'taro');
    const tokens = await finish(await Promise.all(sites.map((site) => site.begin(agent))));
    for (const [index, each] of tokens.entries()) {
      expect((await (sites[index] as RelyingParty).userinfo(each)).sub).toBe(tokens[0]?.claims()?.sub);
    }
    await logOut();
    expect(listener.tokens).toHaveLength(3);
    await expectAllEnded(tokens);
  });

  test('three logins that end at once, of a browser that was not signed in', async () => {
    const asked: { page: Page; code: string }[] = [];
    for (const site of sites) {
      const { page, mail } = await askForCode(at, await site.begin(agent), 'taro');
      asked.push({ page, code: mail.code ?? '' });
    }
    const tokens = await finish(await Promise.all(asked.map(({ page, code }) => page.submit({ code }))));
    for (const [index, each] of tokens.entries()) {
      expect((await (sites[index] as RelyingParty).userinfo(each)).sub).toBe(tokens[0]?.claims()?.sub);
    }
  });

  test('fresh logins at two sites that end at once, of a browser that was signed in', async () => {
    await signIn(at, first(), agent, 'taro');
    const asked: { page: Page; code: string }[] = [];
    for (const site of sites) {
      const { page, mail } = await askForCode(at, await site.begin(agent, { prompt: 'login' }), 'taro');
      asked.push({ page, code: mail.code ?? '' });
    }
    const before = sessionCookies(agent);
    const tokens = await finish(await Promise.all(asked.map(({ page, code }) => page.submit({ code }))));
    for (const [index, each] of tokens.entries()) {
      expect((await (sites[index] as RelyingParty).userinfo(each)).sub).toBe(tokens[0]?.claims()?.sub);
    }
    expect(sessionCookies(agent)).not.toBe(before);
    await logOut();
    expect(listener.tokens).toHaveLength(3);
    await expectAllEnded(tokens);
  });

  test('every session id that such logins left behind ends with the logout', async () => {
    await signIn(at, first(), agent, 'taro');
    const asked: { page: Page; code: string; own: Agent }[] = [];
    for (const site of sites) {
      const { page, mail } = await askForCode(at, await site.begin(agent, { prompt: 'login' }), 'taro');
      asked.push({ page, code: mail.code ?? '', own: agent });
    }
    // Each answer sets a session cookie; the browser keeps the last one, this test keeps all of them.
    const cookies = new Set<string>();
    const submitted = await Promise.all(
      asked.map(({ page, code }) => {
        const form = page.form({ code: '' });
        return agent.post(form.action, { ...form.fields, code }, { from: page.url });
      }),
    );
    const resumed = await Promise.all(submitted.map(({ location }) => agent.get(location ?? '')));
    for (const { headers } of resumed) {
      const set = (headers['set-cookie'] ?? []).filter((cookie) => cookie.includes('session'));
      if (set.length > 0) cookies.add(set.map((cookie) => cookie.split(';')[0]).join('; '));
    }
    expect(cookies.size).toBeGreaterThan(0);
    await logOut();
    for (const cookie of cookies) {
      const back = await first().begin(new Agent({ headers: { cookie } }), { prompt: 'none' });
      expect(first().callbackOf(back)?.get('error')).toBe('login_required');
    }
  });

  test('a logout during authorization requests does not bring the session back', async () => {
    for (let round = 0; round < 5; round += 1) {
      agent = new Agent();
      await signIn(at, first(), agent, 'taro');
      const cookie = sessionCookies(agent);
      const page = await agent.open(first().logoutUrl());
      const [, ...others] = await Promise.all([
        page.submit({ logout: 'yes' }),
        ...sites.map((site) => site.begin(agent, { prompt: 'none' })),
      ]);
      for (const other of others) expect(other.status).toBeLessThan(500);
      for (const stolen of [cookie, sessionCookies(agent)]) {
        const headers: Record<string, string> = stolen === '' ? {} : { cookie: stolen };
        const back = await first().begin(new Agent({ headers }), { prompt: 'none' });
        expect(first().callbackOf(back)?.get('error')).toBe('login_required');
      }
      // Whatever a site got in that moment has ended as well.
      for (const [index, other] of others.entries()) {
        const site = sites[index] as RelyingParty;
        if (!site.callbackOf(other)?.has('code')) continue;
        const tokens = await site.finish(other).catch(() => undefined);
        if (tokens) await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
      }
    }
  });

  test('nor does a logout during logins that give the session new ids', async () => {
    for (let round = 0; round < 3; round += 1) {
      agent = new Agent();
      await signIn(at, first(), agent, 'taro');
      const ready: string[] = [];
      for (const site of sites) {
        const { page, mail } = await askForCode(at, await site.begin(agent, { prompt: 'login' }), 'taro');
        const form = page.form({ code: '' });
        const fields = { ...form.fields, code: mail.code ?? '' };
        ready.push((await agent.post(form.action, fields, { from: page.url })).location ?? '');
      }
      const asked = await agent.open(first().logoutUrl());
      const [left, ...resumed] = await Promise.all([
        asked.submit({ logout: 'yes' }),
        ...ready.map((location) => agent.get(location)),
      ]);
      expect(left.status).toBeLessThan(500);
      const cookies = resumed.map(({ headers }) =>
        (headers['set-cookie'] ?? [])
          .filter((cookie) => cookie.includes('session'))
          .map((cookie) => cookie.split(';')[0])
          .join('; '),
      );
      for (const { status } of resumed) expect(status).toBeLessThan(500);
      if (left.status !== 200) continue;
      for (const cookie of [...cookies, sessionCookies(agent)].filter(Boolean)) {
        const back = await first().begin(new Agent({ headers: { cookie } }), { prompt: 'none' });
        expect(first().callbackOf(back)?.get('error')).toBe('login_required');
      }
    }
  });

  test('thirty silent requests at once are all answered', async () => {
    await signIn(at, first(), agent, 'taro');
    const pages = await Promise.all(
      Array.from({ length: 30 }, () => first().begin(agent, { prompt: 'none' })),
    );
    expect(pages.filter((page) => first().callbackOf(page)?.has('code'))).toHaveLength(30);
  });

  if (engine === 'postgres')
    test('none of these had to wait for a deadlock to be undone', async () => {
      const counted = await at.server.database.read(({ query }) =>
        query<{ deadlocks: number }>((knex) =>
          knex('pg_stat_database').select('deadlocks').whereRaw('datname = current_database()'),
        ),
      );
      expect(counted).toEqual([{ deadlocks: 0 }]);
    });
});
