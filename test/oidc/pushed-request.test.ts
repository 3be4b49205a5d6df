import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { buildAuthorizationUrlWithPAR } from 'openid-client';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, askForCode, signIn } from '../support/sign-in.ts';
import { basic, postForm } from './http.ts';
import { backToNow, passTime, SECOND } from './machine-time.ts';

describe.each(ENGINES)('pushed authorization requests (RFC 9126) on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }, 'taro'));
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  const callback = () => new Agent({ stopAt: [site.options.redirectUri] });

  /** What was refused, wherever it is told: at the site, or on a page where that is not safe. */
  const errorOf = (page: Page) =>
    site.callbackOf(page)?.get('error') ?? /invalid_\w+/.exec(page.html.replace(/<[^>]*>/g, ' '))?.[0];

  /** A usual request, pushed. */
  async function push(rp = site, extra: Record<string, string> = {}): Promise<URL> {
    const { url } = await rp.startLogin(extra);
    return buildAuthorizationUrlWithPAR(rp.config, url.searchParams);
  }

  test('the browser carries a reference only, and the login is the usual one', async () => {
    const url = await push();
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    expect(url.searchParams.get('request_uri')).toMatch(/^urn:ietf:params:oauth:request_uri:/);
    const back = await answerPages(at, await callback().open(url), 'taro');
    expect((await site.finish(back)).claims()?.sub).toBeDefined();
  });

  test('a reference that has been used is refused', async () => {
    const url = await push();
    await answerPages(at, await callback().open(url), 'taro');
    expect(errorOf(await callback().open(url))).toBe('invalid_request_uri');
  });

  test('of two logins with one reference at once one ends in a code', async () => {
    const url = await push();
    const one = await askForCode(at, await callback().open(url), 'taro');
    const two = await askForCode(at, await callback().open(url), 'taro');
    const ends = await Promise.all(
      [one, two].map(({ page, mail }) => page.submit({ code: mail.code ?? '' })),
    );
    const codes = ends.filter((page) => site.callbackOf(page)?.get('code'));
    expect(codes).toHaveLength(1);
    expect(ends.map(errorOf).filter((error) => error === 'invalid_request_uri')).toHaveLength(1);
    for (const back of codes) expect((await site.finish(back)).claims()?.sub).toBeDefined();
  });

  test('so does one of two that take longer than the reference lives', async () => {
    const url = await push();
    const pages = [await callback().open(url), await callback().open(url)];
    passTime(90 * SECOND);
    await at.server.uow.write(({ models }) => models.sweep(at.clock.now(), 1000));
    const ends: Page[] = [];
    for (const page of pages) ends.push(await answerPages(at, page, 'taro'));
    expect(ends.map((page) => site.callbackOf(page)?.has('code') ?? false)).toEqual([true, false]);
  });

  test('of two silent requests with one reference at once one gets a code', async () => {
    const agent = new Agent();
    await signIn(at, site, agent, 'taro');
    const url = await push();
    const ends = await Promise.all([agent.open(url), agent.open(url)]);
    expect(ends.filter((page) => site.callbackOf(page)?.get('code'))).toHaveLength(1);
    expect((await site.begin(agent, { prompt: 'none' })).url).toContain('code=');
  });

  test('a reference ends after a minute', async () => {
    const url = await push();
    passTime(90 * SECOND);
    expect(errorOf(await callback().open(url))).toBe('invalid_request_uri');
  });

  test('is bound to the client that pushed it', async () => {
    const url = await push();
    const other = await at.addClient();
    url.searchParams.set('client_id', other.options.clientId);
    const page = await new Agent({ stopAt: [other.options.redirectUri] }).open(url);
    expect(page.status === 400 || page.url.includes('error=invalid_request')).toBe(true);
  });

  test('faults are told to the site at once, and wrong credentials get nowhere', async () => {
    const refused = (code: string) => ({ error: code });
    await expect(push(site, { redirect_uri: 'https://evil.example/' })).rejects.toMatchObject({
      status: 400,
    });
    await expect(push(site, { code_challenge_method: 'plain' })).rejects.toMatchObject(
      refused('invalid_request'),
    );
    const wrong = basic({ ...site.options, clientSecret: 'wrong' });
    const answer = await postForm(site.server.pushed_authorization_request_endpoint, {}, wrong);
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
  });

  test('a client that registers for it must push', async () => {
    const strict = await at.addClient({ metadata: { require_pushed_authorization_requests: true } });
    const page = await strict.begin(new Agent());
    expect(strict.callbackOf(page)?.get('error')).toBe('invalid_request');
    const pushed = await new Agent({ stopAt: [strict.options.redirectUri] }).open(await push(strict));
    expect(pushed.form({ user_id: '' })).toBeDefined();
  });

  test('a public client may push', async () => {
    const app = await at.addClient({ secret: false });
    const agent = new Agent({ stopAt: [app.options.redirectUri] });
    const back = await answerPages(at, await agent.open(await push(app)), 'taro');
    expect((await app.finish(back)).claims()?.sub).toBeDefined();
  });

  test('requests by value or from elsewhere are not taken', async () => {
    const { url } = await site.startLogin({ request: 'a.b.c' });
    expect((await callback().open(url)).url).toContain('error=request_not_supported');
    const elsewhere = await site.startLogin({ request_uri: 'https://evil.example/request' });
    expect(errorOf(await callback().open(elsewhere.url))).toMatch(
      /^(invalid_request|request_uri_not_supported)/,
    );
  });
});
