import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { bearer, getJson, postForm } from './http.ts';
import { backToNow, HOUR, passTime, SECOND } from './machine-time.ts';

describe.each(ENGINES)('claims and userinfo on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let sub: string;
  const person = () => ({ sub, contract: 'shop', user_id: 'Taro' });
  const address = { email: 'taro@user.example', email_verified: true };

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
    sub = await at.addUser('Taro', { addresses: ['taro@user.example', 'second@user.example'] });
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  async function login(extra: Record<string, string>) {
    const { tokens } = await signIn(at, site, new Agent(), 'Taro', extra, 'taro@user.example');
    return tokens;
  }
  const userinfo = (accessToken: string) => getJson(site.server.userinfo_endpoint, bearer(accessToken));

  test.each([
    ['openid', () => ({ sub })],
    ['openid profile', () => person()],
    ['openid email', () => ({ sub, ...address })],
    ['openid profile email', () => ({ ...person(), ...address })],
    ['openid profile unknown:scope', () => person()],
  ])('scope %s', async (scope, claims) => {
    const tokens = await login({ scope });
    expect(tokens.scope).toBe(scope.replace(' unknown:scope', ''));
    expect((await userinfo(tokens.access_token)).json).toEqual(claims());
  });

  test('openid is needed', async () => {
    const back = await site.begin(new Agent(), { scope: 'profile', nonce: '' });
    expect(site.callbackOf(back)?.get('error')).toBe('invalid_request');
  });

  test('claims are put where the site asks for them by name', async () => {
    const claims = JSON.stringify({
      id_token: { user_id: null, email: { essential: true } },
      userinfo: { contract: null, no_such_claim: null },
    });
    const tokens = await login({ scope: 'openid', claims });
    expect(tokens.claims()).toMatchObject({ user_id: 'Taro', email: 'taro@user.example' });
    expect(tokens.claims()).not.toHaveProperty('contract');
    expect((await userinfo(tokens.access_token)).json).toEqual({ sub, contract: 'shop' });
    const refreshed = await site.refresh(tokens.refresh_token ?? '');
    expect(refreshed.claims()).toMatchObject({ user_id: 'Taro', email: 'taro@user.example' });
  });

  test('what one login asked for is not given to the next, though the grant is the same', async () => {
    const agent = new Agent();
    const claims = JSON.stringify({ id_token: { email: null } });
    await signIn(at, site, agent, 'Taro', { scope: 'openid email', claims }, 'taro@user.example');
    const tokens = await site.finish(await site.begin(agent, { scope: 'openid' }));
    expect(tokens.claims()).not.toHaveProperty('email');
    expect((await userinfo(tokens.access_token)).json).toEqual({ sub });
  });

  test.each(['{', '[]', '"x"', '{"id_token":1}', '{"other":{}}'])('claims=%s is refused', async (claims) => {
    const back = await site.begin(new Agent(), { claims });
    expect(site.callbackOf(back)?.get('error')).toBe('invalid_request');
  });

  test('a wanted subject that is somebody else is asked to log in, and refused silently', async () => {
    const agent = new Agent();
    await signIn(at, site, agent, 'Taro', {}, 'taro@user.example');
    const of = (value: string) => ({
      prompt: 'none',
      claims: JSON.stringify({ id_token: { sub: { value } } }),
    });
    expect(site.callbackOf(await site.begin(agent, of(sub)))?.get('code')).toBeTruthy();
    expect(site.callbackOf(await site.begin(agent, of('somebody')))?.get('error')).toBe('login_required');
  });

  test('an access token travels in the header, or in the body of a POST', async () => {
    const { access_token: token } = await login({ scope: 'openid' });
    const url = site.server.userinfo_endpoint;
    expect((await postForm(url, {}, bearer(token))).json).toEqual({ sub });
    expect((await postForm(url, { access_token: token })).json).toEqual({ sub });
    expect((await getJson(`${url}?access_token=${token}`)).status).toBe(400);
    expect((await postForm(url, { access_token: token }, bearer(token))).status).toBe(400);
  });

  test('errors are those of RFC 6750', async () => {
    const url = site.server.userinfo_endpoint;
    const none = await getJson(url);
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
    const wrong = await userinfo('x'.repeat(43));
    expect(wrong).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    const { access_token: token } = await login({ scope: 'openid' });
    const more = await getJson(`${url}?scope=email`, bearer(token));
    expect(more).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } });
    passTime(HOUR + 20 * SECOND);
    expect(await userinfo(token)).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
  });

  test('a browser at the userinfo endpoint gets a page', async () => {
    const page = await new Agent().open(String(site.server.userinfo_endpoint));
    expect(page.status).toBe(401);
    expect(page.h1).not.toBe('');
  });

  test('a public client may ask from its own pages in the browser, others may not (CORS)', async () => {
    const app = await at.addClient({ secret: false });
    const origin = new URL(app.options.redirectUri).origin;
    const { tokens } = await signIn(at, app, new Agent(), 'Taro', {}, 'taro@user.example');
    const ask = (from: string) =>
      getJson(app.server.userinfo_endpoint, { ...bearer(tokens.access_token), origin: from });
    expect((await ask(origin)).headers.get('access-control-allow-origin')).toBe(origin);
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
