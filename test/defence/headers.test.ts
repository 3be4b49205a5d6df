import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { begin, post } from '../login/steps.ts';
import { type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type Answer, type RelyingParty } from '../support/relying-party.ts';
import { type Behind, ProxiedBrowser, startBehindProxy } from './behind-proxy.ts';

/** What every answer carries, whatever it is. */
function expectSafe({ status, headers }: Answer): void {
  const policy = String(headers['content-security-policy']);
  for (const rule of [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]) {
    expect({ status, policy }).toEqual({ status, policy: expect.stringContaining(rule) });
  }
  // Only the page that sends itself on has a script, a file of ours.
  expect(policy).toMatch(/script-src '(none|self)';/);
  expect(policy).not.toContain('unsafe');
  expect(headers).toMatchObject({
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'x-request-id': expect.any(String),
  });
  expect(headers['x-powered-by']).toBeUndefined();
  expect(headers.server).toBeUndefined();
}

describe('headers of every kind of answer', () => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({}, 'reader'));
  });
  afterAll(() => at.close());

  test('pages of a login: nothing is kept, nothing is framed, forms may end at the site only', async () => {
    const { page, code } = await begin(at, site, new Agent(), 'reader');
    const base = page.url.replace('/code', '');
    const answers = [
      await page.agent.get(base),
      await page.agent.get(page.url),
      await post(page, { code: '' }),
      await post(page, { code: '0000' }),
      await page.agent.post(`${base}/user-id`, {}),
      await new Agent().get(page.url),
      await post(page, { code }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400, 403, 410, 303]);
    for (const answer of answers) {
      expectSafe(answer);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
    const { origin } = new URL(site.options.redirectUri);
    expect(answers[0]?.headers['content-security-policy']).toContain(`form-action 'self' ${origin};`);
    expect(answers[5]?.headers['content-security-policy']).toContain("form-action 'self';");
  });

  test.each([
    ['GET', '/', 404],
    ['GET', '/nothing/here', 404],
    ['PUT', '/interaction/x', 405],
    ['OPTIONS', '/interaction/x', 200],
    ['HEAD', '/interaction/x', 410],
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
    ['GET', '/assets/sekisho.css', 200],
    ['GET', '/assets/none.css', 404],
    ['GET', '/contracts/shop/theme.css', 404],
    ['GET', '/contracts/shop/logo', 404],
    ['GET', '/inbox', 404],
    ['GET', '/inbox.json', 404],
    ['GET', '/auth', 400],
    ['GET', '/auth/unknown', 400],
    ['GET', '/session/end', 200],
    ['GET', '/.well-known/openid-configuration', 200],
    ['GET', '/jwks', 200],
    ['GET', '/me', 401],
    ['POST', '/token', 400],
  ])('%s %s: %i', async (method, path, status) => {
    const answer = await new Agent().send(
      method,
      `${at.issuer}${path}`,
      method === 'POST' ? 'a=b' : undefined,
    );
    expect(answer.status).toBe(status);
    expectSafe(answer);
    const kept = path.startsWith('/assets/') && status === 200;
    expect(answer.headers['cache-control']).toMatch(kept ? /^public/ : /no-store/);
    expect(answer.headers['strict-transport-security']).toBeUndefined();
    if (method !== 'HEAD' && status !== 200) expect(answer.body).not.toBe('');
  });

  test('a page is 404, 405 or 413 in HTML for browsers and JSON for programs, with a reference', async () => {
    for (const accept of ['application/json', '*/*']) {
      const answer = await new Agent({ headers: { accept } }).get(`${at.issuer}/nothing`);
      expect(JSON.parse(answer.body)).toEqual({
        error: 'not_found',
        reference: answer.headers['x-request-id'],
      });
    }
  });
});

describe('headers over https', () => {
  let behind: Behind;
  beforeAll(async () => {
    behind = await startBehindProxy();
  });
  afterAll(() => behind.at.close());

  test('browsers are to stay with https for two years', async () => {
    for (const path of [
      '/',
      '/healthz',
      '/interaction/x',
      '/.well-known/openid-configuration',
      behind.authorization,
    ]) {
      const answer = await new ProxiedBrowser(behind).send('GET', path);
      expect(answer.headers['strict-transport-security']).toBe('max-age=63072000');
      expectSafe(answer);
    }
  });
});
