import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Agent, type Page } from '../support/agent.ts';
import { textOf } from '../support/html-forms.ts';
import { CLIENT, type Setting, startSetting } from './tiny-provider.ts';

let setting: Setting;
let site: string;

beforeAll(async () => {
  // The library says at length that its development pages are not for production.
  jest.spyOn(console, 'info').mockImplementation(() => {});
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  setting = await startSetting();
  site = setting.site;
});
afterAll(() => setting.close());

/** Through the provider's development pages: name, consent, back. */
async function throughProvider(page: Page, name = 'taro'): Promise<Page> {
  let at = page;
  if (at.forms.some((form) => form.names.has('login'))) at = await at.submit({ login: name, password: 'x' });
  while (at.url.startsWith(setting.issuer) && at.forms[0]) {
    at = await at.submit(at.forms[0].names.has('logout') ? { logout: 'yes' } : {});
  }
  return at;
}

async function signedIn(query = '', agent = new Agent()): Promise<Page> {
  return throughProvider(await agent.open(`${site}/login${query}`));
}

const sessionIn = (agent: Agent) => agent.jar.get('sample_session')?.value;

describe('signing in', () => {
  test('the first page says what this is and leads to the provider and back', async () => {
    const agent = new Agent();
    const home = await agent.open(`${site}/`);
    expect(home).toMatchObject({ status: 200, h1: '見本サイトへようこそ' });
    expect(home.html).toContain('何でもよい');
    const back = await throughProvider(await home.click('ログイン'));
    expect(back).toMatchObject({ status: 200, url: `${site}/`, h1: 'ログインしました' });
    const text = textOf(back.html, 'main');
    expect(text).toContain('taro取得元：IDトークン、UserInfo');
    for (const shown of ['id-of-taro', 'c1', 'taro@example.com'])
      expect(text).toContain(`${shown}取得元：UserInfo`);
    expect(text).toContain('ログインした時刻なし');
    const [cookie, ...others] = agent.jar.all().filter(({ name }) => name.startsWith('sample_'));
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: 'sample_session', httpOnly: true, sameSite: 'Lax', path: '/' });
  });

  test('two tabs do not disturb each other', async () => {
    const agent = new Agent();
    const one = await agent.open(`${site}/login?target_link_uri=/?tab=1`);
    const two = await agent.open(`${site}/login?target_link_uri=/?tab=2`);
    expect((await throughProvider(two)).url).toBe(`${site}/?tab=2`);
    expect((await throughProvider(one)).url).toBe(`${site}/?tab=1`);
  });

  test('a browser keeps a few logins under way, not any number', async () => {
    const agent = new Agent();
    for (let i = 0; i < 8; i += 1) await agent.get(`${site}/login`);
    expect(agent.jar.all().filter(({ name }) => name.startsWith('sample_login_'))).toHaveLength(5);
  });

  test('each login has a new session, and the one before has ended', async () => {
    const agent = new Agent();
    agent.jar.set({ name: 'sample_session', value: 'known-to-a-stranger', host: '127.0.0.1' });
    await signedIn('', agent);
    const first = sessionIn(agent) ?? '';
    expect(first).not.toBe('known-to-a-stranger');
    await signedIn('?prompt=login', agent);
    expect(sessionIn(agent)).not.toBe(first);
    const thief = new Agent();
    thief.jar.set({ name: 'sample_session', value: first, host: '127.0.0.1' });
    expect((await thief.open(`${site}/`)).h1).toBe('見本サイトへようこそ');
  });

  test('it passes on what was asked for', async () => {
    const wishes = '?prompt=login&max_age=60&acr_values=urn:x&ui_locales=en&login_hint=taro';
    const { location } = await new Agent().get(`${site}/login${wishes}`);
    const sent = Object.fromEntries(new URL(location ?? '').searchParams);
    expect(sent).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      prompt: 'login',
      max_age: '60',
      acr_values: 'urn:x',
      ui_locales: 'en',
      login_hint: 'taro',
    });
    expect([sent.state, sent.nonce, sent.code_challenge].map((value) => value?.length)).toEqual([43, 43, 43]);
  });

  test('the language asked for stays with the session', async () => {
    const agent = new Agent();
    const page = await signedIn('?ui_locales=en', agent);
    expect(page).toMatchObject({ h1: 'You are logged in' });
    expect(page.headers['content-language']).toBe('en');
  });

  test('it calls userinfo and refreshes the tokens', async () => {
    const page = await signedIn();
    expect(page.html).not.toContain('UserInfo エンドポイントの応答');
    const asked = await page.submit({}, '/userinfo');
    expect(asked.html).toContain('UserInfo エンドポイントの応答');
    const refreshed = await asked.submit({}, '/refresh');
    expect(refreshed.html).toContain('トークンを更新しました');
    expect((await refreshed.reload()).html).not.toContain('トークンを更新しました');
  });
});

describe('a login that fails', () => {
  test('an error of the provider is shown, with a way to start again', async () => {
    const agent = new Agent();
    const page = await agent.open(`${site}/login`);
    const back = await agent.open(`${page.url}/abort`);
    expect(back).toMatchObject({ status: 400, h1: expect.stringContaining('続けられませんでした') });
    expect(back.html).toContain('access_denied');
    expect(back.html).toContain('End-User aborted interaction');
    expect((await throughProvider(await back.click('もう一度ログインする'))).h1).toBe('ログインしました');
  });

  test('a callback with an unknown state signs nobody in and shows nothing that it says', async () => {
    const agent = new Agent();
    await agent.get(`${site}/login`);
    for (const state of ['', '&state=unknown', '&state=a&state=b', '&state=.*', '&state=%00']) {
      const page = await agent.open(`${site}/callback?error=oops&error_description=call-0120${state}`);
      expect(page).toMatchObject({ status: 400, h1: expect.stringContaining('続けられません') });
      expect(page.html).not.toMatch(/oops|0120/);
    }
    expect(sessionIn(agent)).toBeUndefined();
  });

  test('a callback works in the browser that began, once, and not in another', async () => {
    const agent = new Agent({ stopAt: [`${site}/callback`] });
    const { url } = await signedIn('', agent);
    expect(await new Agent().open(url)).toMatchObject({ status: 400 });
    expect(await agent.get(url)).toMatchObject({ status: 303, location: `${site}/` });
    expect(await agent.get(url)).toMatchObject({ status: 400 });
  });

  test.each([
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', (url: URL) => url.searchParams.delete('iss')],
    ['a made-up code', (url: URL) => url.searchParams.set('code', 'made-up')],
    ['two codes', (url: URL) => url.searchParams.append('code', 'made-up')],
  ])('%s at the callback', async (_name, change) => {
    const agent = new Agent({ stopAt: [`${site}/callback`] });
    const url = new URL((await signedIn('', agent)).url);
    change(url);
    const answer = await agent.get(url);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('続けられませんでした');
    expect(sessionIn(agent)).toBeUndefined();
  });

  test('a transaction of another login does not fit', async () => {
    const agent = new Agent({ stopAt: [`${site}/callback`] });
    const { url } = await signedIn('', agent);
    await agent.get(`${site}/login`);
    const state = new URL(url).searchParams.get('state');
    const cookies = agent.jar.all().filter(({ name }) => name.startsWith('sample_login_'));
    const other = cookies.find(({ name }) => !name.endsWith(`_${state}`));
    agent.jar.set({ name: `sample_login_${state}`, value: other?.value ?? '', host: '127.0.0.1' });
    expect(await agent.get(url)).toMatchObject({ status: 400 });
  });

  test('a login weaker than asked for is refused', async () => {
    const page = await signedIn('?acr_values=urn:sekisho:acr:otp');
    expect(page).toMatchObject({ status: 400, h1: expect.stringContaining('求めた方法') });
    expect(sessionIn(page.agent)).toBeUndefined();
  });

  test('without its provider the site says so, and it recovers', async () => {
    const late = await startSetting({ providerLater: true });
    try {
      const agent = new Agent();
      const page = await agent.open(`${late.site}/login`);
      expect(page).toMatchObject({ status: 503, h1: expect.stringContaining('いまはログインできません') });
      await late.startProvider();
      expect(await page.click('もう一度ログインする')).toMatchObject({ status: 200 });
    } finally {
      await late.close();
    }
  });
});

describe('links from elsewhere', () => {
  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/.//evil.example/',
    '\t//evil.example',
    'javascript:alert(1)',
    'http://127.0.0.1:1/',
    'http://127.0.0.1@evil.example/',
  ])('target_link_uri %j is refused', async (target) => {
    const page = await new Agent().open(`${site}/login?target_link_uri=${encodeURIComponent(target)}`);
    expect(page).toMatchObject({ status: 400, h1: expect.stringContaining('始められません') });
  });

  test('a login initiated by the provider goes on to where it was told on this site', async () => {
    const target = encodeURIComponent(`${site}/?from=portal`);
    const query = `?iss=${encodeURIComponent(setting.issuer)}&login_hint=taro&target_link_uri=${target}`;
    expect((await signedIn(query)).url).toBe(`${site}/?from=portal`);
  });

  test('a login initiated by POST from elsewhere goes the same way', async () => {
    const agent = new Agent();
    const fields = { iss: setting.issuer, login_hint: 'taro', target_link_uri: `${site}/?from=portal` };
    const from = 'https://portal.example/';
    const answer = await agent.post(`${site}/login`, fields, { from });
    expect(answer.status).toBe(303);
    expect(answer.location).toBe(`${site}/login?target_link_uri=%2F%3Ffrom%3Dportal&login_hint=taro`);
    const page = await throughProvider(await agent.open(answer.location ?? '', { from }));
    expect(page.url).toBe(`${site}/?from=portal`);
    for (const evil of [
      { ...fields, iss: 'https://evil.example' },
      { ...fields, target_link_uri: 'https://evil.example/' },
    ]) {
      expect(await agent.post(`${site}/login`, evil, { from })).toMatchObject({ status: 400 });
    }
    expect(await agent.post(`${site}/login`, 'x'.repeat(100_000), { from })).toMatchObject({ status: 413 });
  });

  test('a login initiated in the name of another issuer is refused', async () => {
    const page = await new Agent().open(`${site}/login?iss=https%3A%2F%2Fevil.example`);
    expect(page.status).toBe(400);
  });
});

describe('logging out', () => {
  test('ends the session here and at the provider, and comes back', async () => {
    const page = await signedIn();
    const { agent } = page;
    const back = await throughProvider(await page.submit({}, '/logout'));
    expect(back.url).toBe(`${site}/signed-out`);
    expect(back.html).toContain('ログアウトしました');
    expect((await agent.open(`${site}/`)).h1).toBe('見本サイトへようこそ');
    expect((await agent.open(`${site}/login`)).forms[0]?.names.has('login')).toBe(true);
  });

  test.each(['/logout', '/userinfo', '/refresh'])(
    'POST %s by another site or without token',
    async (path) => {
      const page = await signedIn();
      const { agent } = page;
      const { csrf = '' } = page.form({}, path).fields;
      expect(csrf).toHaveLength(32);
      const evil = 'http://127.0.0.1:1/';
      expect(await agent.post(`${site}${path}`, { csrf }, { from: evil })).toMatchObject({ status: 403 });
      expect(await agent.post(`${site}${path}`, {})).toMatchObject({ status: 403 });
      expect(await agent.post(`${site}${path}`, { csrf: 'x'.repeat(32) })).toMatchObject({ status: 403 });
      expect(await agent.post(`${site}${path}`, 'x'.repeat(100_000))).toMatchObject({ status: 413 });
      expect((await agent.open(`${site}/`)).h1).toBe('ログインしました');
      expect(await new Agent().post(`${site}${path}`, { csrf })).toMatchObject({ location: `${site}/` });
    },
  );
});

describe('back-channel logout', () => {
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const now = () => Math.floor(Date.now() / 1000);
  const good = () => ({
    iss: setting.issuer,
    aud: CLIENT.client_id,
    sub: 'nobody',
    iat: now(),
    exp: now() + 120,
    jti: randomUUID(),
    events: event,
  });
  const send = (token: string) => new Agent().post(`${site}/backchannel-logout`, { logout_token: token });

  test('a logout at the provider ends the session here', async () => {
    const { agent } = await signedIn();
    const confirm = await agent.open(`${setting.issuer}/session/end`);
    await confirm.submit({ logout: 'yes' });
    expect((await agent.open(`${site}/`)).h1).toBe('見本サイトへようこそ');
  });

  test('a token about a user ends all sessions of that user and of nobody else', async () => {
    const [one, two, other] = [new Agent(), new Agent(), new Agent()];
    for (const agent of [one, two]) await throughProvider(await agent.open(`${site}/login`), 'hanako');
    await signedIn('', other);
    const answer = await send(await setting.sign({ ...good(), sub: 'hanako' }));
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    const pages = await Promise.all([one, two, other].map((agent) => agent.open(`${site}/`)));
    expect(pages.map(({ h1 }) => h1.includes('ログインしました'))).toEqual([false, false, true]);
  });

  test.each<[string, () => object, boolean?]>([
    ['of another issuer', () => ({ iss: 'https://evil.example' })],
    ['for another client', () => ({ aud: 'other' })],
    ['with a nonce', () => ({ nonce: 'n' })],
    ['without event', () => ({ events: {} })],
    ['with an event that is no object', () => ({ events: { [Object.keys(event)[0] ?? '']: true } })],
    ['without jti', () => ({ jti: undefined })],
    ['without iat', () => ({ iat: undefined })],
    ['without exp', () => ({ exp: undefined })],
    ['of long ago', () => ({ iat: now() - 3600 })],
    ['that has expired', () => ({ exp: now() - 60 })],
    ['about nobody', () => ({ sub: undefined })],
    ['of a stranger', () => ({}), true],
  ])('a token %s is refused', async (_name, change, forged = false) => {
    const answer = await send(await setting.sign({ ...good(), ...change() }, forged));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' });
  });

  test('a token works once; nonsense is refused', async () => {
    const token = await setting.sign(good());
    expect((await send(token)).status).toBe(200);
    expect((await send(token)).status).toBe(400);
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(good()))}.`.replaceAll('=', '');
    for (const nonsense of ['', 'a.b.c', unsigned]) expect((await send(nonsense)).status).toBe(400);
    expect((await new Agent().post(`${site}/backchannel-logout`, {})).status).toBe(400);
  });
});

test('every page carries the headers of a careful site', async () => {
  for (const path of ['/', '/signed-out', '/callback', '/nowhere']) {
    const { headers } = await new Agent().get(`${site}${path}`);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  }
});
