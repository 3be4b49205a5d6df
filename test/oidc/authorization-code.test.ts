import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { calculatePKCECodeChallenge } from 'openid-client';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';
import { basic, postForm } from './http.ts';
import { backToNow, passTime, SECOND } from './machine-time.ts';

describe.each(ENGINES)('authorization code on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let users = 0;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  /** A new user's way to the callback. */
  async function backAt(rp: RelyingParty, extra: Record<string, string> = {}) {
    users += 1;
    await at.addUser(`user-${users}`);
    return answerPages(at, await rp.begin(new Agent(), extra), `user-${users}`);
  }

  /** The token request as it should be, to be spoilt. */
  async function tokenRequest(rp: RelyingParty = site) {
    const back = await backAt(rp);
    return {
      grant_type: 'authorization_code',
      code: rp.callbackOf(back)?.get('code') ?? '',
      code_verifier: rp.transactionOf(back).codeVerifier,
      redirect_uri: rp.options.redirectUri,
    };
  }

  const REFUSED = { status: 400, json: { error: 'invalid_grant', error_description: expect.any(String) } };
  const redeem = (fields: Record<string, string>, rp: RelyingParty = site) =>
    postForm(rp.server.token_endpoint, fields, basic(rp.options));

  test('the answer carries state and iss, and the ID token the nonce', async () => {
    const back = await backAt(site);
    const transaction = site.transactionOf(back);
    const answer = site.callbackOf(back);
    expect([...(answer?.keys() ?? [])].sort()).toEqual(['code', 'iss', 'state']);
    expect(answer?.get('iss')).toBe(at.issuer);
    expect(answer?.get('state')).toBe(transaction.state);
    expect((await site.finish(back)).claims()?.nonce).toBe(transaction.nonce);
  });

  test('a site that sends neither state nor nonce gets neither', async () => {
    const { url } = await site.startLogin({ state: '', nonce: '' });
    await at.addUser('stateless');
    const agent = new Agent({ stopAt: [site.options.redirectUri] });
    const back = await answerPages(at, await agent.open(url), 'stateless');
    expect([...new URL(back.url).searchParams.keys()].sort()).toEqual(['code', 'iss']);
  });

  test('a public client must use PKCE, and redeems its code without a secret', async () => {
    const app = await at.addClient({ secret: false });
    const refused = await app.begin(new Agent(), { code_challenge: '', code_challenge_method: '' });
    expect(app.callbackOf(refused)?.get('error')).toBe('invalid_request');
    expect((await app.finish(await backAt(app))).claims()?.aud).toBe(app.options.clientId);
  });

  test('a confidential client may do without PKCE', async () => {
    const { url } = await site.startLogin({ code_challenge: '', code_challenge_method: '' });
    await at.addUser('without-pkce');
    const agent = new Agent({ stopAt: [site.options.redirectUri] });
    const back = await answerPages(at, await agent.open(url), 'without-pkce');
    const code = site.callbackOf(back)?.get('code') ?? '';
    const { redirectUri: redirect_uri } = site.options;
    const fields = { grant_type: 'authorization_code', code, redirect_uri };
    // A verifier for a code that was asked for without a challenge is an attack (RFC 9700 section 2.1.1).
    expect(await redeem({ ...fields, code_verifier: 'x'.repeat(43) })).toMatchObject(REFUSED);
    expect(await redeem(fields)).toMatchObject({ status: 200, json: { token_type: 'Bearer' } });
  });

  test.each([
    ['method plain', { code_challenge_method: 'plain' }],
    ['no method, which means plain', { code_challenge_method: '' }],
    ['a challenge that is none', { code_challenge: 'short' }],
  ])('PKCE by %s is refused', async (_what, extra) => {
    const back = await site.begin(new Agent(), extra);
    expect(site.callbackOf(back)?.get('error')).toBe('invalid_request');
  });

  test.each([
    ['a wrong verifier', async () => ({ code_verifier: 'x'.repeat(43) })],
    [
      'the challenge as verifier',
      async (f: Record<string, string>) => ({
        code_verifier: await calculatePKCECodeChallenge(f.code_verifier ?? ''),
      }),
    ],
    ['no verifier', async () => ({ code_verifier: '' })],
    ['another redirect_uri', async () => ({ redirect_uri: 'https://other.example/cb' })],
    ['an unknown code', async () => ({ code: 'x'.repeat(43) })],
  ])('%s is refused, and the right request is still good afterwards', async (_what, spoil) => {
    const fields = await tokenRequest();
    expect(await redeem({ ...fields, ...(await spoil(fields)) })).toMatchObject(REFUSED);
    expect(await redeem(fields)).toMatchObject({ status: 200 });
  });

  test("another client's code is refused", async () => {
    const fields = await tokenRequest();
    const thief = await at.addClient();
    expect(await redeem(fields, thief)).toMatchObject(REFUSED);
  });

  test('a code has ended after a minute', async () => {
    const fields = await tokenRequest();
    passTime(61 * SECOND);
    expect(await redeem(fields)).toMatchObject(REFUSED);
  });

  test('a code that is used again is refused and ends the tokens of the first use', async () => {
    await at.addUser('replayed');
    const { tokens, back } = await signIn(at, site, new Agent(), 'replayed');
    await expect(site.finish(back)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
    await expect(site.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test.each([2, 5])(
    'of %i exchanges of one code at once one wins, and then the grant is revoked',
    async (many) => {
      const back = await backAt(site);
      const outcomes = await Promise.allSettled(Array.from({ length: many }, () => site.finish(back)));
      const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(won).toHaveLength(1);
      expect(lost.map(({ reason }) => reason.error)).toEqual(Array(many - 1).fill('invalid_grant'));
      const [tokens] = won.map(({ value }) => value);
      if (!tokens) throw new Error('nobody won');
      await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
      await expect(site.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    },
  );

  test('response types other than code are refused', async () => {
    for (const response_type of ['token', 'id_token', 'code id_token']) {
      const agent = new Agent({ stopAt: [`${site.options.redirectUri}#`] });
      const { url } = await site.startLogin({ response_type });
      const back = { url: (await agent.get(url)).location ?? '' };
      const answer = new URL(back.url.replace('#', '?')).searchParams;
      expect(answer.get('error')).toMatch(/unsupported_response_type|unauthorized_client/);
    }
  });
});
