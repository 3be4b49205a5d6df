import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';
import { checkLogoutToken, type LogoutListener, listenForLogouts } from './logout-listener.ts';
import { backToNow, HOUR, passTime } from './machine-time.ts';

describe.each(ENGINES)('single sign-on on %s', (engine) => {
  let at: Installation;
  let listener: LogoutListener;
  let shop: RelyingParty;
  let shopToo: RelyingParty;
  let bank: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    listener = await listenForLogouts();
    const metadata = { backchannel_logout_uri: listener.url };
    await at.addContract('bank');
    [shop, shopToo, bank] = await Promise.all([
      at.addClient({ metadata }),
      at.addClient(),
      at.addClient({ contract: 'bank', metadata }),
    ]);
    await at.addUser('taro');
    await at.addUser('taro', { contract: 'bank', addresses: ['taro@bank.example'] });
  });
  afterAll(async () => {
    await at.close();
    await listener.close();
  });
  afterEach(() => {
    listener.tokens.length = 0;
    backToNow();
  });

  const hasCode = async (site: RelyingParty, agent: Agent) =>
    site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code') === true;

  test('a second site of the contract asks nothing', async () => {
    const agent = new Agent();
    const first = await signIn(at, shop, agent, 'taro');
    const tokens = await shopToo.finish(await shopToo.begin(agent));
    expect(tokens.claims()).toMatchObject({
      sub: first.sub,
      auth_time: first.tokens.claims()?.auth_time,
      acr: 'urn:sekisho:acr:otp',
      amr: ['otp'],
    });
    expect((await shop.userinfo(first.tokens)).sub).toBe(first.sub);
  });

  test('it lasts as long as the contract says, since its last use', async () => {
    const agent = new Agent();
    await signIn(at, shop, agent, 'taro');
    passTime(11 * HOUR);
    expect(await hasCode(shopToo, agent)).toBe(true);
    passTime(11 * HOUR);
    expect(await hasCode(shop, agent)).toBe(true);
    passTime(13 * HOUR);
    const late = await shop.begin(agent, { prompt: 'none' });
    expect(shop.callbackOf(late)?.get('error')).toBe('login_required');
    await signIn(at, shop, agent, 'taro');
    expect(await hasCode(shop, agent)).toBe(true);
  });

  test('a site of another contract finds a stranger', async () => {
    const agent = new Agent();
    await signIn(at, shop, agent, 'taro');
    const silent = await bank.begin(agent, { prompt: 'none' });
    expect(bank.callbackOf(silent)?.get('error')).toBe('login_required');
    const page = await bank.begin(agent);
    expect(page.form({ user_id: '' }).fields.user_id).toBe('');
    // Nothing has happened to the first session so far.
    expect(await hasCode(shop, agent)).toBe(true);
  });

  test('signing in to the second contract ends the first session and tells its sites', async () => {
    const agent = new Agent();
    const first = await signIn(at, shop, agent, 'taro');
    const second = await signIn(at, bank, agent, 'taro', {}, 'taro@bank.example');
    expect(second.sub).not.toBe(first.sub);
    expect(second.tokens.claims()).toMatchObject({ aud: bank.options.clientId });
    expect((await bank.userinfo(second.tokens)).sub).toBe(second.sub);
    expect(listener.tokens).toHaveLength(1);
    expect((await checkLogoutToken(shop, listener.tokens[0])).sub).toBe(first.sub);
    await expect(shop.userinfo(first.tokens)).rejects.toMatchObject({ status: 401 });
    await expect(shop.refresh(first.tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect(await hasCode(shop, agent)).toBe(false);
    expect(await hasCode(bank, agent)).toBe(true);
  });

  test('so does another user of the same contract; offline access of the first goes on', async () => {
    await at.addUser('hanako');
    const agent = new Agent();
    const offline = { scope: 'openid offline_access', prompt: 'consent' };
    const first = await signIn(at, shop, agent, 'taro', offline);
    const { sub } = await signIn(at, shopToo, agent, 'hanako', { prompt: 'login' });
    expect(listener.tokens).toHaveLength(1);
    const tokens = await shop.finish(await shop.begin(agent, { prompt: 'none' }));
    expect(tokens.claims()?.sub).toBe(sub);
    expect((await shop.refresh(first.tokens.refresh_token ?? '')).access_token).toBeDefined();
  });

  test('the session cookie of the first user is worth nothing to the second', async () => {
    const agent = new Agent();
    await signIn(at, shop, agent, 'taro');
    const cookies = agent.jar.all().filter(({ name }) => name.includes('session'));
    await signIn(at, bank, agent, 'taro', {}, 'taro@bank.example');
    const old = new Agent({
      headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
    });
    expect(await hasCode(shop, old)).toBe(false);
    expect(await hasCode(bank, old)).toBe(false);
  });

  test('two tabs, two users: the second to finish is asked to leave the first session, and goes on', async () => {
    await at.addUser('jiro');
    const agent = new Agent();
    const one = await shop.begin(agent);
    const two = await shopToo.begin(agent);
    const first = await shop.finish(await answerPages(at, one, 'taro'));
    let page = await answerPages(at, two, 'jiro');
    // The two had no session when they began: the provider ends the first one by a page with a button.
    for (let steps = 0; steps < 3 && !shopToo.callbackOf(page); steps += 1) {
      expect(page.status).toBeLessThan(400);
      expect(page.html).not.toMatch(/<script(?![^>]* src="\/assets\/)/);
      page = await page.submit();
    }
    const second = await shopToo.finish(page);
    expect(second.claims()?.sub).not.toBe(first.claims()?.sub);
    expect(listener.tokens).toHaveLength(1);
    await expect(shop.userinfo(first)).rejects.toMatchObject({ status: 401 });
  });
});
