import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent } from '../support/relying-party.ts';
import { getJson } from './http.ts';

describe.each(ENGINES)('discovery document on %s', (engine) => {
  let at: Installation;
  let document: Record<string, unknown>;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    document = (await getJson(`${at.issuer}/.well-known/openid-configuration`)).json;
  });
  afterAll(() => at.close());

  test('promises this, and nothing else', () => {
    const lists = Object.entries(document).map(([name, value]) => [
      name,
      Array.isArray(value) ? [...value].sort() : value,
    ]);
    expect(Object.fromEntries(lists)).toEqual({
      issuer: at.issuer,
      authorization_endpoint: `${at.issuer}/auth`,
      token_endpoint: `${at.issuer}/token`,
      userinfo_endpoint: `${at.issuer}/me`,
      jwks_uri: `${at.issuer}/jwks`,
      introspection_endpoint: `${at.issuer}/token/introspection`,
      revocation_endpoint: `${at.issuer}/token/revocation`,
      end_session_endpoint: `${at.issuer}/session/end`,
      pushed_authorization_request_endpoint: `${at.issuer}/request`,
      acr_values_supported: [
        'urn:sekisho:acr:otp',
        'urn:sekisho:acr:password',
        'urn:sekisho:acr:password+otp',
      ],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_session_supported: true,
      backchannel_logout_supported: true,
      claim_types_supported: ['normal'],
      claims_parameter_supported: true,
      claims_supported: [
        'acr',
        'amr',
        'auth_time',
        'contract',
        'email',
        'email_verified',
        'iss',
        'sid',
        'sub',
        'user_id',
      ],
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      id_token_signing_alg_values_supported: ['ES256', 'EdDSA', 'PS256', 'RS256'],
      request_uri_parameter_supported: false,
      response_modes_supported: ['form_post', 'fragment', 'query'],
      response_types_supported: ['code'],
      scopes_supported: ['email', 'offline_access', 'openid', 'profile'],
      subject_types_supported: ['pairwise', 'public'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'none',
        'private_key_jwt',
      ],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA', 'PS256', 'RS256'],
    });
  });

  test('every endpoint that it names is there', async () => {
    const endpoints = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    expect(endpoints).toHaveLength(8);
    for (const [name, url] of endpoints) {
      const takesGet =
        /jwks|authorization_endpoint$|userinfo|end_session/.test(name) && !name.startsWith('pushed');
      const { status } = await new Agent().send(
        takesGet ? 'GET' : 'POST',
        String(url),
        takesGet ? undefined : '',
      );
      expect([name, status]).not.toEqual([name, 404]);
      expect(status).toBeLessThan(500);
    }
  });

  test('the published keys are public ones of every promised kind', async () => {
    const { keys } = (await getJson(String(document.jwks_uri))).json as { keys: Record<string, unknown>[] };
    expect(keys.map(({ kty, crv }) => crv ?? kty).sort()).toEqual(['Ed25519', 'P-256', 'RSA']);
    for (const key of keys) {
      expect(Object.keys(key)).toEqual(expect.arrayContaining(['kty', 'kid', 'use']));
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
    }
  });

  test.each<Record<string, string>>([
    { host: 'evil.example' },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    { forwarded: 'host=evil.example;proto=https' },
  ])('names the configured issuer whatever the request says: %j', async (headers) => {
    const agent = new Agent({ headers });
    const { body } = await agent.get(`${at.issuer}/.well-known/openid-configuration`);
    expect(JSON.parse(body)).toEqual(document);
    const site = await at.addClient();
    const { url } = await site.startLogin();
    const { location } = await agent.get(url);
    expect(location).toMatch(new RegExp(`^${at.issuer}/interaction/`));
  });
});
