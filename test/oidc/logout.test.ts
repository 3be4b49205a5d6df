import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { checkLogoutToken, type LogoutListener, listenForLogouts } from './logout-listener.ts';
import { backToNow } from './machine-time.ts';

const AFTER = 'https://site.example/bye';

describe.each(ENGINES)('logout on %s', (engine) => {
  let at: Installation;
  let listener: LogoutListener;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    listener = await listenForLogouts();
    site = await at.addClient({
      metadata: {
        post_logout_redirect_uris: [AFTER],
        backchannel_logout_uri: listener.url,
        backchannel_logout_session_required: true,
      },
    });
    await at.addUser('taro');
  });
  afterAll(async () => {
    await at.close();
    await listener.close();
  });
  afterEach(() => {
    listener.tokens.length = 0;
    listener.status = 200;
    listener.meanwhile = async () => {};
    backToNow();
  });

  async function signedIn(extra: Record<string, string> = {}) {
    const agent = new Agent({ stopAt: [AFTER] });
    return { agent, ...(await signIn(at, site, agent, 'taro', extra)) };
  }
  const isSignedIn = async (agent: Agent) =>
    site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code') === true;

  test('asks on a page of ours, ends the session, its tokens, and returns to the site', async () => {
    const { agent, tokens } = await signedIn();
    const page = await agent.open(
      site.logoutUrl({ id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: AFTER, state: 'x&y' }),
    );
    expect(page.status).toBe(200);
    expect(page.h1).not.toBe('');
    expect(page.html).toContain('見本サイト');
    expect(page.html).not.toMatch(/<script|onload/);
    const after = await page.submit({ logout: 'yes' });
    expect(after.url).toBe(`${AFTER}?state=x%26y`);
    expect(await isSignedIn(agent)).toBe(false);
    await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
    await expect(site.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('tells the site: a logout token that its rules accept', async () => {
    const { agent, tokens } = await signedIn();
    await (await agent.open(site.logoutUrl())).submit({ logout: 'yes' });
    expect(listener.tokens).toHaveLength(1);
    const told = await checkLogoutToken(site, listener.tokens[0]);
    expect(told).toMatchObject({ sub: tokens.claims()?.sub, sid: tokens.claims()?.sid });
  });

  test('a site that does not answer holds nobody up, and it is in the log', async () => {
    const { agent } = await signedIn();
    listener.status = 500;
    const before = at.logged.length;
    await (await agent.open(site.logoutUrl())).submit({ logout: 'yes' });
    expect(await isSignedIn(agent)).toBe(false);
    expect(at.logged.slice(before)).toContainEqual(
      expect.objectContaining({ client: site.options.clientId, msg: 'back-channel logout failed' }),
    );
  });

  test('a site is told when the session and its tokens have ended, however long it takes to answer', async () => {
    await at.addUser('hanako');
    const logout = async (agent: Agent) => (await agent.open(site.logoutUrl())).submit({ logout: 'yes' });
    const switchUser = (agent: Agent) => signIn(at, site, agent, 'hanako', { prompt: 'login' });
    for (const end of [logout, switchUser]) {
      const { agent, tokens } = await signedIn();
      const old = agent.jar.all().filter(({ name }) => name.includes('session'));
      const headers = { cookie: old.map(({ name, value }) => `${name}=${value}`).join('; ') };
      const alive: unknown[] = [];
      listener.meanwhile = async () => {
        alive.push(await isSignedIn(new Agent({ headers })));
        alive.push(await site.userinfo(tokens).catch((error) => error.status));
      };
      await end(agent);
      expect(alive).toEqual([false, 401]);
    }
  });

  test('without a hint or a return address: our page at the end', async () => {
    const { agent } = await signedIn();
    const asked = await agent.open(site.logoutUrl());
    expect(asked.status).toBe(200);
    const done = await asked.submit({ logout: 'yes' });
    expect(done.status).toBe(200);
    expect(done.h1).not.toBe('');
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('stay logged in: the session goes on elsewhere, this site’s grant ends', async () => {
    const other = await at.addClient();
    const { agent, tokens } = await signedIn();
    const elsewhere = await other.finish(await other.begin(agent));
    const asked = await agent.open(site.logoutUrl({ id_token_hint: tokens.id_token ?? '' }));
    const stay = asked.forms.findIndex((form) => !form.names.has('logout'));
    const done = await (stay >= 0 ? asked.submit({}, stay) : asked.submit({}));
    expect(done.status).toBe(200);
    expect(await isSignedIn(agent)).toBe(true);
    expect((await other.userinfo(elsewhere)).sub).toBe(tokens.claims()?.sub);
    await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
  });

  test('with nobody signed in it ends at once, by a page without a script', async () => {
    const agent = new Agent({ stopAt: [AFTER] });
    const page = await agent.open(site.logoutUrl({ post_logout_redirect_uri: AFTER }));
    expect(page.status).toBe(200);
    const done = await page.submit();
    expect(done.url).toBe(AFTER);
  });

  test.each([
    ['an unregistered return address', { post_logout_redirect_uri: 'https://evil.example/' }],
    ['a hint that is none', { id_token_hint: 'rubbish' }],
    ['a client that is none', { client_id: 'nobody' }],
  ])('%s: an error page, nobody is sent there and nobody is logged out', async (_what, parameters) => {
    const { agent } = await signedIn();
    const url = site.logoutUrl();
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const page = await agent.open(url);
    expect(page.status).toBe(400);
    expect(page.h1).not.toBe('');
    expect(page.html).not.toContain('evil.example');
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('a return address without a word about the client is not followed', async () => {
    const { agent } = await signedIn();
    const url = site.logoutUrl();
    url.searchParams.delete('client_id');
    url.searchParams.set('post_logout_redirect_uri', AFTER);
    const done = await (await agent.open(url)).submit({ logout: 'yes' });
    expect(done).toMatchObject({ status: 200 });
  });

  test('another site cannot log a user out behind his back', async () => {
    const { agent } = await signedIn();
    const confirm = `${at.issuer}/session/end/confirm`;
    const forged = await agent.post(confirm, { logout: 'yes', xsrf: 'x' }, { from: 'https://evil.example/' });
    expect(forged.status).toBe(400);
    const guess = await agent.post(confirm, { logout: 'yes', xsrf: 'x' });
    expect(guess.status).toBe(400);
    expect(await isSignedIn(agent)).toBe(true);
    expect(listener.tokens).toEqual([]);
  });

  test('offline access goes on after a logout (OpenID Connect Core 11)', async () => {
    const { agent, tokens } = await signedIn({ scope: 'openid offline_access', prompt: 'consent' });
    await (await agent.open(site.logoutUrl())).submit({ logout: 'yes' });
    expect((await site.refresh(tokens.refresh_token ?? '')).access_token).toBeDefined();
  });

  test('a stolen session cookie is worth nothing after the logout', async () => {
    const { agent } = await signedIn();
    const stolen = agent.jar.all().filter(({ name }) => name.includes('session'));
    expect(stolen.length).toBeGreaterThan(0);
    await (await agent.open(site.logoutUrl())).submit({ logout: 'yes' });
    const thief = new Agent({
      headers: { cookie: stolen.map(({ name, value }) => `${name}=${value}`).join('; ') },
    });
    expect(await isSignedIn(thief)).toBe(false);
  });

  test('ten sites are all told', async () => {
    const { agent } = await signedIn();
    const sites = await Promise.all(
      Array.from({ length: 10 }, () => at.addClient({ metadata: { backchannel_logout_uri: listener.url } })),
    );
    for (const each of sites) await each.finish(await each.begin(agent));
    await (await agent.open(site.logoutUrl())).submit({ logout: 'yes' });
    expect(listener.tokens).toHaveLength(11);
  });
});
