import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { PUBLIC_CLIENT, type Setting, startSetting } from '../sites/tiny-provider.ts';
import { Agent, type Page, type RelyingParty, relyingParty } from './relying-party.ts';

const redirectUri = PUBLIC_CLIENT.redirect_uris[0] ?? '';
let setting: Setting;
let rp: RelyingParty;

beforeAll(async () => {
  jest.spyOn(console, 'info').mockImplementation(() => {});
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  setting = await startSetting();
  rp = await relyingParty({ issuer: setting.issuer, clientId: PUBLIC_CLIENT.client_id, redirectUri });
});
afterAll(() => setting.close());

async function signIn(extra?: Record<string, string>): Promise<Page> {
  const page = await rp.begin(new Agent(), extra);
  const consent = await page.submit({ login: 'taro', password: 'x' });
  return consent.submit();
}

test('a login reads as a user would do it, and ends with verified tokens', async () => {
  const page = await signIn();
  expect(page).toMatchObject({ status: 0, url: expect.stringContaining(`${redirectUri}?code=`) });
  const tokens = await rp.finish(page);
  expect(tokens.claims()).toMatchObject({ sub: 'taro', iss: setting.issuer, aud: 'public' });
  expect(await rp.userinfo(tokens)).toMatchObject({ sub: 'taro', email: 'taro@example.com' });
  expect((await rp.refresh(tokens.refresh_token ?? '')).access_token).not.toBe(tokens.access_token);
  await expect(rp.finish(page)).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('form_post stops before the redirect URI as well', async () => {
  const page = await signIn({ response_mode: 'form_post' });
  const posted = await page.submit();
  expect(posted).toMatchObject({ status: 0, url: redirectUri, posted: expect.stringContaining('code=') });
  expect((await rp.finish(posted)).claims()?.sub).toBe('taro');
});

test('errors at the callback come out as such', async () => {
  const page = await rp.begin(new Agent(), { prompt: 'none' });
  expect(rp.callbackOf(page)?.get('error')).toBe('login_required');
  await expect(rp.finish(page)).rejects.toMatchObject({ error: 'login_required' });
});

test('a page that is not the callback is named', async () => {
  const page = await rp.begin(new Agent(), { code_challenge: '', code_challenge_method: '' });
  await expect(rp.finish(page)).rejects.toMatchObject({ error: 'invalid_request' });
  const login = await rp.begin(new Agent());
  await expect(rp.finish(login)).rejects.toThrow('Not at the callback but 200');
});

test('the clock of the checks can be moved: two hours later the ID token has expired', async () => {
  const page = await signIn();
  const url = new URL(page.url);
  const later = await relyingParty({ ...rp.options, now: () => Date.now() + 7_200_000 });
  const transaction = rp.transactionOf(page);
  await expect(later.exchange(url, transaction)).rejects.toMatchObject({
    code: 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  });
});
