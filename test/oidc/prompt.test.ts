import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';
import { backToNow, passTime, SECOND } from './machine-time.ts';

describe.each(ENGINES)('when and how a person is asked, on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }, 'taro'));
    await at.addUser('hanako');
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  const errorOf = (page: Page) => site.callbackOf(page)?.get('error');
  const asks = (page: Page) => page.status === 200 && page.form({ user_id: '' }) !== undefined;

  async function signedIn() {
    const agent = new Agent();
    return { agent, ...(await signIn(at, site, agent, 'taro')) };
  }

  test('prompt=none: login_required without a session, a code with one', async () => {
    expect(errorOf(await site.begin(new Agent(), { prompt: 'none' }))).toBe('login_required');
    const { agent } = await signedIn();
    expect((await site.finish(await site.begin(agent, { prompt: 'none' }))).claims()).toBeDefined();
  });

  test('prompt=login asks for a fresh code; auth_time is that of the new login', async () => {
    const { agent, tokens } = await signedIn();
    passTime(90 * SECOND);
    const page = await site.begin(agent, { prompt: 'login' });
    expect(asks(page)).toBe(true);
    const fresh = await site.finish(await answerPages(at, page, 'taro'));
    expect(fresh.claims()?.sub).toBe(tokens.claims()?.sub);
    expect(Number(fresh.claims()?.auth_time) - Number(tokens.claims()?.auth_time)).toBeGreaterThanOrEqual(89);
  });

  test('prompt=consent asks nothing, for consent is implied', async () => {
    const { agent } = await signedIn();
    expect((await site.finish(await site.begin(agent, { prompt: 'consent' }))).claims()).toBeDefined();
    const both = await site.begin(agent, { prompt: 'login consent' });
    expect(asks(both)).toBe(true);
  });

  test.each(['none login', 'nonsense', 'select_account'])('prompt=%s is refused', async (prompt) => {
    expect(errorOf(await site.begin(new Agent(), { prompt }))).toBe('invalid_request');
  });

  test('max_age: a session that is young enough does, an older one does not', async () => {
    const { agent, tokens } = await signedIn();
    passTime(30 * SECOND);
    const young = await site.finish(await site.begin(agent, { max_age: '60' }));
    expect(young.claims()?.auth_time).toBe(tokens.claims()?.auth_time);
    passTime(31 * SECOND);
    expect(errorOf(await site.begin(agent, { max_age: '60', prompt: 'none' }))).toBe('login_required');
    const page = await site.begin(agent, { max_age: '60' });
    expect(asks(page)).toBe(true);
    expect((await site.finish(await answerPages(at, page, 'taro'))).claims()).toBeDefined();
  });

  test('max_age=0 asks every time, and once only', async () => {
    const { agent } = await signedIn();
    passTime(2 * SECOND);
    const page = await site.begin(agent, { max_age: '0' });
    expect(asks(page)).toBe(true);
    const back = await answerPages(at, page, 'taro');
    expect(site.callbackOf(back)?.get('code')).toBeTruthy();
  });

  test('max_age=0 asks even in the very second of the login', async () => {
    const { agent } = await signedIn();
    expect(asks(await site.begin(agent, { max_age: '0' }))).toBe(true);
  });

  test.each(['-1', 'soon'])('max_age=%s is refused', async (max_age) => {
    expect(errorOf(await site.begin(new Agent(), { max_age }))).toBe('invalid_request');
  });

  test('default_max_age of a client is a max_age', async () => {
    const strict = await at.addClient({ metadata: { default_max_age: 60 } });
    const { agent } = await signedIn();
    expect(strict.callbackOf(await strict.begin(agent))?.get('code')).toBeTruthy();
    passTime(61 * SECOND);
    expect(asks(await strict.begin(agent))).toBe(true);
  });

  test('login_hint fills the user ID in', async () => {
    const page = await site.begin(new Agent(), { login_hint: 'p-01-"><b>usr007' });
    expect(page.form({ user_id: '' }).fields.user_id).toBe('p-01-"><b>usr007');
  });

  test('ui_locales chooses the language, in the order of the site', async () => {
    const langOf = async (ui_locales: string) =>
      /<html lang="(\w+)"/.exec((await site.begin(new Agent(), { ui_locales })).html)?.[1];
    expect(await langOf('en')).toBe('en');
    expect(await langOf('ja')).toBe('ja');
    expect(await langOf('fr en-GB ja')).toBe('en');
    expect(await langOf('fr')).toBe('ja');
  });

  test('id_token_hint: the same user passes, another is asked to log in', async () => {
    const { agent, tokens } = await signedIn();
    const { tokens: others } = await signIn(at, site, new Agent(), 'hanako');
    const mine = { id_token_hint: tokens.id_token ?? '', prompt: 'none' };
    expect(site.callbackOf(await site.begin(agent, mine))?.get('code')).toBeTruthy();
    const hers = { id_token_hint: others.id_token ?? '' };
    expect(errorOf(await site.begin(agent, { ...hers, prompt: 'none' }))).toBe('login_required');
    const page = await site.begin(agent, hers);
    expect(asks(page)).toBe(true);
    const back = await answerPages(at, page, 'hanako');
    expect((await site.finish(back)).claims()?.sub).toBe(others.claims()?.sub);
  });

  test('when another user logs in than was asked for, the site hears of it and gets no code', async () => {
    const { tokens: others } = await signIn(at, site, new Agent(), 'hanako');
    const value = others.claims()?.sub;
    const requests: Record<string, string>[] = [
      { id_token_hint: others.id_token ?? '' },
      { claims: JSON.stringify({ id_token: { sub: { value } } }) },
    ];
    for (const asked of requests) {
      const back = await answerPages(at, await site.begin(new Agent(), asked), 'taro');
      expect(errorOf(back)).toBe('login_required');
    }
  });

  test.each(['rubbish', 'a.b.c'])('id_token_hint %s is refused', async (id_token_hint) => {
    expect(errorOf(await site.begin(new Agent(), { id_token_hint }))).toBe('invalid_request');
  });

  test('the person gives up: access_denied at the site', async () => {
    const page = await site.begin(new Agent());
    expect(errorOf(await page.submit({}, '/cancel'))).toBe('access_denied');
  });
});
