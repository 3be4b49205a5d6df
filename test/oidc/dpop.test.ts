import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { fetchUserInfo, getDPoPHandle, refreshTokenGrant, tokenIntrospection } from 'openid-client';
import { hashToken } from '../../src/secrets.ts';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages } from '../support/sign-in.ts';
import { bearer, getJson } from './http.ts';

interface KeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

describe.each(ENGINES)('DPoP (RFC 9449) on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let keys: KeyPair;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }, 'taro'));
    keys = await generateKeyPair('ES256');
  });
  afterAll(() => at.close());

  async function login(rp = site) {
    const config = rp.config;
    const dpop = getDPoPHandle(config, keys);
    const tokens = await rp.finish(await answerPages(at, await rp.begin(new Agent()), 'taro'), { dpop });
    return { config, dpop, tokens };
  }

  /** A proof made by hand, to be spoilt. */
  async function proof(token: string, claims: Record<string, unknown> = {}, pair = keys): Promise<string> {
    const base = { jti: randomUUID(), htm: 'GET', htu: site.server.userinfo_endpoint, ath: hashToken(token) };
    return new SignJWT({ ...base, ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(pair.publicKey) })
      .setIssuedAt((claims.iat as number | undefined) ?? Math.floor(Date.now() / 1000))
      .sign(pair.privateKey);
  }
  const userinfo = (token: string, dpop: string) =>
    getJson(site.server.userinfo_endpoint, { authorization: `DPoP ${token}`, dpop });

  test('tokens are bound to the key and say so', async () => {
    const { config, dpop, tokens } = await login();
    expect(tokens.token_type).toBe('dpop');
    const seen = await tokenIntrospection(site.config, tokens.access_token);
    expect(seen.cnf).toEqual({ jkt: await calculateJwkThumbprint(await exportJWK(keys.publicKey)) });
    const claims = await fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '', {
      DPoP: dpop,
    });
    expect(claims.sub).toBe(tokens.claims()?.sub);
    const next = await refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP: dpop });
    expect(next.token_type).toBe('dpop');
  });

  test('a bound token does not pass as a bearer token', async () => {
    const { tokens } = await login();
    expect((await getJson(site.server.userinfo_endpoint, bearer(tokens.access_token))).status).toBe(401);
  });

  test('a proof is good once', async () => {
    const { tokens } = await login();
    const once = await proof(tokens.access_token);
    expect((await userinfo(tokens.access_token, once)).status).toBe(200);
    expect(await userinfo(tokens.access_token, once)).toMatchObject({
      status: 401,
      json: { error: expect.stringMatching(/invalid_token|invalid_dpop_proof/) },
    });
  });

  test('of two requests with one proof at once one is answered', async () => {
    const { tokens } = await login();
    const once = await proof(tokens.access_token);
    const answers = await Promise.all([0, 1, 2].map(() => userinfo(tokens.access_token, once)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  test.each([
    ['another address (htu)', { htu: 'https://evil.example/me' }],
    ['another method (htm)', { htm: 'POST' }],
    ['another token (ath)', { ath: hashToken('other') }],
    ['an old time', { iat: Math.floor(Date.now() / 1000) - 3600 }],
    ['no jti', { jti: '' }],
  ])('a proof for %s is refused', async (_what, claims) => {
    const { tokens } = await login();
    const answer = await userinfo(tokens.access_token, await proof(tokens.access_token, claims));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP /);
  });

  test("a proof by a thief's key is refused", async () => {
    const { tokens } = await login();
    const thief = await generateKeyPair('ES256');
    const answer = await userinfo(tokens.access_token, await proof(tokens.access_token, {}, thief));
    expect(answer.status).toBe(401);
  });

  test("a public client's refresh token is bound as well", async () => {
    const app = await at.addClient({ secret: false });
    const { config, tokens } = await login(app);
    const token = tokens.refresh_token ?? '';
    await expect(refreshTokenGrant(config, token)).rejects.toMatchObject({ error: 'invalid_grant' });
    const thief = getDPoPHandle(config, await generateKeyPair('ES256'));
    await expect(refreshTokenGrant(config, token, undefined, { DPoP: thief })).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('a client that registers for it gets no token without a proof', async () => {
    const strict = await at.addClient({ metadata: { dpop_bound_access_tokens: true } });
    const back = await answerPages(at, await strict.begin(new Agent()), 'taro');
    await expect(strict.finish(back)).rejects.toMatchObject({
      error: expect.stringMatching(/invalid_request|invalid_dpop_proof|invalid_grant/),
    });
  });
});
