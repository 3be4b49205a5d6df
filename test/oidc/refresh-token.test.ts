import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { backToNow, DAY, HOUR, passTime } from './machine-time.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const REFUSED = { error: 'invalid_grant' };

describe.each(ENGINES)('refresh tokens on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }, 'taro'));
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  const login = async (extra: Record<string, string> = {}, rp = site): Promise<Tokens> =>
    (await signIn(at, rp, new Agent(), 'taro', extra)).tokens;
  const refresh = (tokens: Tokens, rp = site) => rp.refresh(tokens.refresh_token ?? '');
  const dead = async (...all: Tokens[]) => {
    for (const tokens of all) {
      await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
      await expect(refresh(tokens)).rejects.toMatchObject(REFUSED);
    }
  };

  test('each is used once and gives a new one', async () => {
    const first = await login();
    const second = await refresh(first);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const third = await refresh(second);
    expect(new Set([first, second, third].map((tokens) => tokens.access_token)).size).toBe(3);
    expect((await site.userinfo(third)).sub).toBe(first.claims()?.sub);
  });

  test('a replay ends the whole grant: old, new and access tokens', async () => {
    const first = await login();
    const second = await refresh(first);
    await expect(refresh(first)).rejects.toMatchObject(REFUSED);
    await dead(first, second);
  });

  test.each([2, 4])('of %i refreshes at once one wins, and the grant is revoked', async (many) => {
    const tokens = await login();
    const outcomes = await Promise.allSettled(Array.from({ length: many }, () => refresh(tokens)));
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.error] : []));
    expect(won).toHaveLength(1);
    expect(lost).toEqual(Array(many - 1).fill('invalid_grant'));
    await dead(tokens, ...won);
  });

  test('belongs to its client', async () => {
    const tokens = await login();
    const thief = await at.addClient();
    await expect(refresh(tokens, thief)).rejects.toMatchObject(REFUSED);
    expect(await refresh(tokens)).toBeDefined();
  });

  test('can ask for less, not for more', async () => {
    const tokens = await login({ scope: 'openid profile' });
    const { config } = site;
    const { refreshTokenGrant } = await import('openid-client');
    const more = refreshTokenGrant(config, tokens.refresh_token ?? '', { scope: 'openid email' });
    await expect(more).rejects.toMatchObject({ error: 'invalid_scope' });
    const less = await refreshTokenGrant(config, tokens.refresh_token ?? '', { scope: 'openid' });
    expect(less.scope).toBe('openid');
    expect(Object.keys(await site.userinfo(less))).toEqual(['sub']);
  });

  test('a client that does not register for them gets none', async () => {
    const other = await at.addClient({ metadata: { grant_types: ['authorization_code'] } });
    expect(await login({}, other)).not.toHaveProperty('refresh_token');
    const offline = await login(OFFLINE, other);
    expect(offline).not.toHaveProperty('refresh_token');
    expect(offline.scope).toBe('openid');
  });

  test('offline_access needs prompt=consent (OpenID Connect Core 11) and is then in the scope', async () => {
    expect((await login({ scope: 'openid offline_access' })).scope).toBe('openid');
    expect((await login(OFFLINE)).scope).toBe('openid offline_access');
  });

  test('a day later the session has ended, and its tokens with it; offline ones go on', async () => {
    const online = await login();
    const offline = await login(OFFLINE);
    passTime(DAY);
    await expect(refresh(online)).rejects.toMatchObject(REFUSED);
    expect((await refresh(offline)).access_token).toBeDefined();
  });

  test('an offline one lives two weeks since its last use, however often it was used', async () => {
    let tokens = await login(OFFLINE);
    for (let weeks = 0; weeks < 6; weeks += 1) {
      passTime(13 * DAY);
      tokens = await refresh(tokens);
      expect((await site.userinfo(tokens)).sub).toBe(tokens.claims()?.sub);
    }
    passTime(15 * DAY);
    await expect(refresh(tokens)).rejects.toMatchObject(REFUSED);
  });

  test('the contract sets how long', async () => {
    await at.addContract('short', { session: { hours: 1, refresh_token_days: 1 } });
    const short = await at.addClient({ contract: 'short' });
    await at.addUser('taro', { contract: 'short' });
    const tokens = await login(OFFLINE, short);
    passTime(20 * HOUR);
    const again = await refresh(tokens, short);
    passTime(25 * HOUR);
    await expect(refresh(again, short)).rejects.toMatchObject(REFUSED);
  });
});
