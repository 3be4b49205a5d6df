import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import { sweep } from '../../src/database/sweeper.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { basic, postForm } from './http.ts';

describe.each(ENGINES)('what strangers can make the database keep on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let app: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine, env: { TRUST_PROXY: '1' } });
    site = await at.addClient();
    app = await at.addClient({ secret: false });
    await at.addUser('taro');
  });
  afterAll(() => at.close());

  const kept = async (kind: string) => {
    const rows = await at.server.database.read((reader) =>
      reader.query<{ payload: Buffer | null }>((knex) =>
        knex('provider_models').where({ kind }).select('payload'),
      ),
    );
    return { rows: rows.length, bytes: rows.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0) };
  };
  const fields = async (rp: RelyingParty, extra: Record<string, string>) =>
    Object.fromEntries((await rp.startLogin(extra)).url.searchParams);
  const push = async (extra: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    postForm(app.server.pushed_authorization_request_endpoint, await fields(app, extra), headers);

  const LARGE = [
    ['state', { state: 'x'.repeat(2049) }],
    ['state in bytes', { state: 'あ'.repeat(700) }],
    ['nonce', { nonce: 'x'.repeat(1025) }],
    [
      'all together',
      { login_hint: 'x'.repeat(3000), ui_locales: 'x'.repeat(3000), claims: 'x'.repeat(2500) },
    ],
  ] as const;

  test.each(LARGE)('a request that is too large is refused and not kept: %s', async (_, extra) => {
    const before = await kept('Interaction');
    const page = await site.begin(new Agent(), { ...extra });
    expect(page.status).toBe(400);
    expect(page.html).toContain('invalid_request');
    expect(await kept('Interaction')).toEqual(before);
    expect(await push({ ...extra })).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(await kept('PushedAuthorizationRequest')).toEqual({ rows: 0, bytes: 0 });
  });

  test('what is just not too large is taken', async () => {
    const extra = { state: 'x'.repeat(2048), nonce: 'x'.repeat(1024) };
    expect((await site.begin(new Agent(), extra)).form({ user_id: '' })).toBeDefined();
    expect((await push(extra)).status).toBe(201);
  });

  test('an address begins so many logins, and then waits; who is signed in is not counted', async () => {
    const from = { headers: { 'x-forwarded-for': '198.51.100.1' } };
    const member = new Agent(from);
    await signIn(at, site, member, 'taro');
    await at.server.uow.write(({ rates }) => full(rates, 'begin:198.51.100.1', 600));
    const before = await kept('Interaction');
    const { url } = await site.startLogin();
    const refused = await new Agent(from).get(url, { headers: { accept: 'text/html' } });
    expect(refused.status).toBe(429);
    expect(refused.headers['set-cookie']).toBeUndefined();
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(500);
    expect(refused.body).toContain('アクセスが集中しています');
    expect(await kept('Interaction')).toEqual(before);
    expect((await site.begin(member, { prompt: 'login' })).form({ user_id: '' })).toBeDefined();
    const other = new Agent({ headers: { 'x-forwarded-for': '198.51.100.2' } });
    expect((await site.begin(other)).status).toBe(200);
    at.clock.advance(10 * MINUTE);
    expect((await site.begin(new Agent(from))).status).toBe(200);
    at.clock.advance(-10 * MINUTE);
  });

  test('requests that a public client pushes are counted, those of a site with credentials are not', async () => {
    const headers = { 'x-forwarded-for': '2001:db8::1' };
    await at.server.uow.write(({ rates }) => full(rates, 'begin:2001:db8:0:0::/64', 600));
    const before = await kept('PushedAuthorizationRequest');
    const refused = await push({}, headers);
    expect(refused).toMatchObject({ status: 429, json: { error: 'temporarily_unavailable' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await kept('PushedAuthorizationRequest')).toEqual(before);
    const pushed = await postForm(site.server.pushed_authorization_request_endpoint, await fields(site, {}), {
      ...headers,
      ...basic(site.options),
    });
    expect(pushed.status).toBe(201);
  });

  test('a network of IPv6 that holds many addresses has its limit too', async () => {
    await at.server.uow.write(({ rates }) => full(rates, 'begin:2001:db8:0::/48', 6000));
    expect((await push({}, { 'x-forwarded-for': '2001:db8:0:77::1' })).status).toBe(429);
  });

  test('a request that has ended is remembered without what stood in it', async () => {
    await site.begin(new Agent());
    await push();
    at.clock.advance(75 * MINUTE);
    const before = await kept('Interaction');
    await sweep(at.server.uow, at.clock);
    expect(await kept('Interaction')).toEqual({ rows: before.rows, bytes: 0 });
    expect((await kept('PushedAuthorizationRequest')).bytes).toBe(0);
  });

  /** Uses up a window. */
  async function full(
    rates: Parameters<Parameters<Installation['server']['uow']['write']>[0]>[0]['rates'],
    key: string,
    points: number,
  ): Promise<void> {
    for (let number = 0; number < points; number += 1)
      await rates.take(key, { points, seconds: 600 }, at.clock.now());
  }
});
