import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { getJson } from './http.ts';

/** Requests that must not be sent back to the site, for it is not known to be the one. */
const BAD: [string, string, Record<string, string>][] = [
  ['an unknown client', 'invalid_client', { client_id: 'nobody' }],
  ['no client', 'invalid_request', { client_id: '' }],
  [
    'a redirect URI that is not registered',
    'invalid_redirect_uri',
    { redirect_uri: 'https://evil.example/cb' },
  ],
  ['a redirect URI below the registered one', 'invalid_redirect_uri', { redirect_uri: 'SELF/more' }],
  ['a redirect URI with a user', 'invalid_redirect_uri', { redirect_uri: 'https://a@evil.example/cb' }],
];

describe.each(ENGINES)('protocol errors on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine, env: { LOG_LEVEL: 'info' } }));
  });
  afterAll(() => at.close());

  async function request(bad: Record<string, string>): Promise<URL> {
    const self = site.options.redirectUri;
    const extra = Object.fromEntries(
      Object.entries(bad).map(([name, value]) => [name, value.replace('SELF', self)]),
    );
    const { url } = await site.startLogin(extra);
    for (const [name, value] of Object.entries(extra)) if (value === '') url.searchParams.delete(name);
    return url;
  }

  /** What a log that is kept holds about a page's reference. */
  const logOf = (page: Page) => {
    const lines = at.logged.filter(
      ({ request }) => typeof request === 'string' && page.html.includes(request),
    );
    return lines.filter(({ level }) => Number(level) >= 30);
  };

  describe.each(['ja', 'en'])('in %s', (lang) => {
    test.each(BAD)(
      '%s: a page with the code %s and a reference that is in the log',
      async (_what, error, bad) => {
        const agent = new Agent({ headers: { 'accept-language': lang } });
        const page = await agent.open(await request(bad));
        expect(page.status).toBe(400);
        expect(page.url).toContain(at.issuer);
        expect(page.html).toContain(`<html lang="${lang}"`);
        expect(page.h1).not.toBe('');
        expect(page.html).toContain(error);
        expect(logOf(page)).toContainEqual(expect.objectContaining({ error }));
      },
    );
  });

  test('bad PKCE with a bad redirect URI is a page, with a good one it goes back to the site', async () => {
    const bad = { code_challenge_method: 'plain' };
    const page = await new Agent().open(await request({ ...bad, redirect_uri: 'https://evil.example/' }));
    expect(page.html).toContain('invalid_redirect_uri');
    const back = await site.begin(new Agent(), bad);
    expect(site.callbackOf(back)?.get('error')).toBe('invalid_request');
    expect(site.callbackOf(back)?.get('state')).toBe(site.transactionOf(back).state);
  });

  test('ui_locales of the site goes before the language of the browser', async () => {
    const page = await new Agent().open(
      await request({ redirect_uri: 'https://evil.example/', ui_locales: 'en' }),
    );
    expect(page.html).toContain('<html lang="en"');
  });

  test('detail and hostile input stand on no page', async () => {
    const bad = '"><script>alert(1)</script>';
    const page = await new Agent().open(await request({ client_id: bad, redirect_uri: `https://${bad}/` }));
    expect(page.html).not.toContain('<script');
    expect(page.html).not.toContain('client not found');
    const [line] = logOf(page);
    expect(line).toBeDefined();
  });

  test('a program gets JSON, without detail', async () => {
    const answer = await getJson(await request({ client_id: 'nobody' }), { accept: 'application/json' });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ error: 'invalid_client' });
    expect(JSON.stringify(answer.json)).not.toMatch(/error_detail|not found/);
    const token = await getJson(`${at.issuer}/token`, { accept: 'application/json' });
    expect([404, 405]).toContain(token.status);
  });

  test('addresses that are none', async () => {
    for (const path of [
      '/auth/nothing',
      '/interaction/nothing',
      '/session/end/confirm',
      '/.well-known/nothing',
      '/me/x',
    ]) {
      const page = await new Agent().open(`${at.issuer}${path}`);
      expect([path, page.status]).toEqual([path, expect.any(Number)]);
      expect(page.status).toBeGreaterThanOrEqual(400);
      expect(page.status).toBeLessThan(500);
      expect([path, page.h1]).not.toEqual([path, '']);
    }
  });

  test('a login that took too long leads back to the site', async () => {
    const agent = new Agent();
    const page = await site.begin(agent);
    const gone = await new Agent().open(page.url);
    expect(gone.status).toBeGreaterThanOrEqual(400);
    const origin = new URL(site.options.redirectUri).origin;
    expect(gone.links.some(({ href }) => href.startsWith(origin))).toBe(true);
  });
});
