import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { IDToken } from 'openid-client';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';

describe.each(ENGINES)('ID token on %s', (engine) => {
  let at: Installation;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    await at.addUser('taro');
  });
  afterAll(() => at.close());

  function clientOf(alg: string): Promise<RelyingParty> {
    const metadata = { id_token_signed_response_alg: alg };
    return at.addClient({ metadata, options: { metadata } });
  }

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    'is signed by %s where the client registers it',
    async (alg) => {
      const site = await clientOf(alg);
      const { tokens } = await signIn(at, site, new Agent(), 'taro');
      const { id_token: idToken = '' } = tokens;
      expect(decodeProtectedHeader(idToken)).toMatchObject({ alg, kid: expect.any(String) });
      const keys = createRemoteJWKSet(new URL(String(site.server.jwks_uri)));
      const { payload } = await jwtVerify(idToken, keys, {
        issuer: at.issuer,
        audience: site.options.clientId,
        algorithms: [alg],
        requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
      });
      expect(payload).toMatchObject({ acr: 'urn:sekisho:acr:otp', amr: ['otp'] });
      expect(Math.abs(Number(payload.auth_time) - Date.now() / 1000)).toBeLessThan(30);
      expect(Number(payload.exp) - Number(payload.iat)).toBe(3600);
    },
  );

  test('is signed by RS256 where it registers nothing', async () => {
    const { tokens } = await signIn(at, await at.addClient(), new Agent(), 'taro');
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe('RS256');
  });

  test('holds no more than it must: scopes ask for claims of userinfo', async () => {
    const { tokens } = await signIn(at, await at.addClient(), new Agent(), 'taro');
    expect(Object.keys(tokens.claims() ?? {}).sort()).toEqual([
      'acr',
      'amr',
      'aud',
      'auth_time',
      'exp',
      'iat',
      'iss',
      'nonce',
      'sub',
    ]);
  });

  test('of a refresh and of single sign-on says the same about the login', async () => {
    const metadata = {
      backchannel_logout_uri: 'https://site.example/logout',
      backchannel_logout_session_required: true,
    };
    const site = await at.addClient({ metadata });
    const agent = new Agent();
    const { tokens } = await signIn(at, site, agent, 'taro');
    const { sub, acr, amr, auth_time, sid } = tokens.claims() as IDToken;
    const login = { sub, acr, amr, auth_time, sid };
    expect(sid).toEqual(expect.any(String));
    expect((await site.refresh(tokens.refresh_token ?? '')).claims()).toMatchObject(login);
    const again = await site.finish(await site.begin(agent));
    expect(again.claims()).toMatchObject(login);
  });
});
