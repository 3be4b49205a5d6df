import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import {
  ACCEPTED_AFTER_USE,
  listKeys,
  PUBLISHED_BEFORE_USE,
  type RotateOptions,
  rotateKeys,
} from '../../src/oidc/keys.ts';
import { newToken } from '../../src/secrets.ts';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, askForCode, signIn } from '../support/sign-in.ts';
import { getJson } from './http.ts';
import { backToNow, DAY, HOUR, passTime } from './machine-time.ts';

describe.each(ENGINES)('keys on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }, 'taro'));
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  const kids = async () =>
    ((await getJson(site.server.jwks_uri)).json as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  const kidOf = (idToken: string | undefined) => decodeProtectedHeader(idToken ?? '').kid;
  async function rotate(options?: RotateOptions) {
    const { uow, secrets, running } = at.server;
    const made = await rotateKeys(uow, secrets, at.clock, 'test', options);
    await running.refresh();
    return made;
  }

  test('the first start has made them: three that sign, one for cookies, a salt, a pepper', async () => {
    const keys = await listKeys(at.server.uow, at.clock);
    const kinds = ['ES256', 'EdDSA', 'RS256', 'cookie', 'pairwise', 'pepper'];
    expect(keys.map(({ kind }) => kind).sort()).toEqual(kinds);
    expect(keys.every(({ state }) => state === 'active')).toBe(true);
    expect(await kids()).toHaveLength(3);
  });

  test('a restart keeps them, and everybody signed in', async () => {
    const agent = new Agent();
    const { tokens } = await signIn(at, site, agent, 'taro');
    const before = await kids();
    await at.restart();
    expect(await kids()).toEqual(before);
    expect((await site.userinfo(tokens)).sub).toBe(tokens.claims()?.sub);
    expect(site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code')).toBe(true);
  });

  test('rotated in the middle of a login: it goes on, and the new key signs when its time has come', async () => {
    const agent = new Agent();
    const before = await signIn(at, site, agent, 'taro');
    const { page, mail } = await askForCode(at, await site.begin(new Agent()), 'taro');
    const [rsa] = (await rotate()).filter(({ kind }) => kind === 'RS256');
    expect(rsa).toMatchObject({ state: 'published' });
    expect(await kids()).toHaveLength(6);
    const during = await site.finish(await page.submit({ code: mail.code ?? '' }));
    expect(kidOf(during.id_token)).toBe(kidOf(before.tokens.id_token));

    passTime(PUBLISHED_BEFORE_USE + 1000);
    await at.server.running.refresh();
    // The cookies of this browser were signed by the old key, its tokens as well: both are still good.
    const silent = await site.begin(agent, { prompt: 'none', id_token_hint: before.tokens.id_token ?? '' });
    const after = await site.finish(silent);
    expect(kidOf(after.id_token)).toBe(rsa?.id);
    expect(await kids()).toHaveLength(6);
    const page2 = await agent.open(site.logoutUrl({ id_token_hint: before.tokens.id_token ?? '' }));
    expect(page2.status).toBe(200);

    // Until the longest session has ended; then the old ones are neither published nor accepted.
    passTime(ACCEPTED_AFTER_USE);
    await at.server.running.refresh();
    expect(await kids()).toHaveLength(3);
    expect(await kids()).toContain(rsa?.id);
  });

  test('pages that were open while the cookie key changed go on', async () => {
    const agent = new Agent();
    const first = await site.begin(agent);
    await rotate({ kinds: ['cookie'] });
    passTime(PUBLISHED_BEFORE_USE + 1000);
    await at.server.running.refresh();
    const back = await answerPages(at, first, 'taro');
    expect((await site.finish(back)).claims()?.sub).toBeDefined();
    expect(site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code')).toBe(true);
    // A day later with cookies of both keys in the same browser.
    const second = await site.begin(agent, { prompt: 'login' });
    expect((await site.finish(await answerPages(at, second, 'taro'))).claims()?.sub).toBeDefined();
  });

  test('immediately, because one is stolen: what the old ones signed is not believed any more', async () => {
    const agent = new Agent();
    const { tokens } = await signIn(at, site, agent, 'taro');
    const before = await kids();
    await rotate({ immediately: true });
    passTime(1000);
    await at.server.running.refresh();
    expect((await kids()).filter((kid) => before.includes(kid))).toEqual([]);
    const silent = await site.begin(agent, { prompt: 'none' });
    expect(site.callbackOf(silent)?.get('error')).toBe('login_required');
    const hinted = await site.begin(new Agent(), { id_token_hint: tokens.id_token ?? '' });
    expect(site.callbackOf(hinted)?.get('error')).toBe('invalid_request');
    await signIn(at, site, agent, 'taro');
  });

  test('SECRETS are rotated: the new one in front, everything goes on; then the old one is taken away', async () => {
    const agent = new Agent();
    const offline = { scope: 'openid offline_access', prompt: 'consent' };
    const { tokens } = await signIn(at, site, agent, 'taro', offline);
    const forgotten = await signIn(at, site, new Agent(), 'taro', offline);
    const before = await kids();
    const old = at.env.SECRETS ?? '';
    const { page, mail } = await askForCode(at, await site.begin(new Agent()), 'taro');
    at.env.SECRETS = `${newToken()},${old}`;
    await at.restart();
    expect(await kids()).toEqual(before);
    expect((await site.finish(await page.submit({ code: mail.code ?? '' }))).claims()).toBeDefined();
    expect(site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code')).toBe(true);

    // What is used is sealed anew, a grant once a day.
    passTime(DAY + HOUR);
    const next = await site.refresh(tokens.refresh_token ?? '');
    const { tokens: fresh } = await signIn(at, site, agent, 'taro');
    at.env.SECRETS = at.env.SECRETS.split(',')[0] ?? '';
    await at.restart();
    expect(await kids()).toEqual(before);
    for (const each of [next, fresh]) expect((await site.userinfo(each)).sub).toBe(tokens.claims()?.sub);
    expect((await site.refresh(next.refresh_token ?? '')).access_token).toBeDefined();
    expect(site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code')).toBe(true);
    // What was not used since ends with the secret that sealed it.
    await expect(site.refresh(forgotten.tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('a password stays right when keys and SECRETS are rotated', async () => {
    const hash = await at.server.hasher.hash('password', 'correct horse');
    await rotate({ immediately: true });
    at.env.SECRETS = `${newToken()},${at.env.SECRETS}`;
    await at.restart();
    at.env.SECRETS = at.env.SECRETS.split(',')[0] ?? '';
    await at.restart();
    const right = { right: true, outdated: false };
    expect(await at.server.hasher.verify('password', hash, 'correct horse')).toEqual(right);
  });

  test('an installation from before there were passwords gets a pepper, and keeps its other keys', async () => {
    const before = await listKeys(at.server.uow, at.clock);
    const now = at.clock.now();
    await at.server.uow.write(({ keys }) => keys.endOlder('pepper', now + 1, now));
    await at.restart();
    const after = await listKeys(at.server.uow, at.clock);
    const ids = (keys: typeof after) => keys.filter(({ kind }) => kind !== 'pepper').map(({ id }) => id);
    expect(ids(after)).toEqual(ids(before));
    expect(after.filter(({ kind }) => kind === 'pepper')).toHaveLength(1);
    expect(after.length).toBe(before.length);
  });

  test('SECRETS that do not fit the database: it does not start, and says so', async () => {
    const right = at.env.SECRETS ?? '';
    at.env.SECRETS = newToken();
    await expect(at.restart()).rejects.toThrow(/SECRETS/);
    at.env.SECRETS = right;
    await at.restart();
    expect((await site.begin(new Agent())).status).toBe(200);
  });

  test('rotations do not pile up', async () => {
    for (let weeks = 0; weeks < 6; weeks += 1) {
      await rotate();
      passTime(14 * DAY);
      await at.server.running.refresh();
    }
    expect((await kids()).length).toBeLessThanOrEqual(4 * 3);
  });
});
