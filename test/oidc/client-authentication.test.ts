import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ClientSecretPost, clientCredentialsGrant, PrivateKeyJwt } from 'openid-client';
import { hashToken, newToken } from '../../src/secrets.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';
import { basic, postForm } from './http.ts';
import { backToNow } from './machine-time.ts';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const API = { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] };

describe.each(ENGINES)('client authentication on %s', (engine) => {
  let at: Installation;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    await at.addUser('taro');
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  const grant = { grant_type: 'client_credentials' };
  const INVALID = { status: 401, json: { error: 'invalid_client' } };

  /** A client that has keys in the place of a secret. */
  async function keyClient(alg: string, metadata: Record<string, unknown> = {}) {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig' };
    const registered = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
    const site = await at.addClient({
      secret: false,
      metadata: { ...registered, ...metadata },
      options: { clientAuth: PrivateKeyJwt({ key: privateKey, kid: 'one' }) },
    });
    return { site, privateKey };
  }

  /** An assertion made by hand (RFC 7523), to be spoilt. */
  async function assertion(site: RelyingParty, key: CryptoKey, claims: Record<string, unknown> = {}) {
    const { clientId } = site.options;
    const now = Math.floor(Date.now() / 1000);
    const usual = {
      iss: clientId,
      sub: clientId,
      aud: at.issuer,
      jti: randomUUID(),
      iat: now,
      exp: now + 60,
    };
    const jwt = new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'one' });
    return { ...grant, client_assertion_type: ASSERTION, client_assertion: await jwt.sign(key) };
  }

  test('client_secret_basic: not without the secret, nor with another', async () => {
    await signIn(at, await at.addClient(), new Agent(), 'taro');
    const site = await at.addClient({ metadata: API });
    const { clientId: client_id } = site.options;
    const url = site.server.token_endpoint;
    expect(await postForm(url, { ...grant, client_id })).toMatchObject(INVALID);
    const wrong = await postForm(url, grant, basic({ clientId: client_id, clientSecret: 'wrong' }));
    expect(wrong).toMatchObject(INVALID);
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  test('what is kept of a secret does not open the door', async () => {
    const api = await at.addClient({ metadata: API });
    const { clientId, clientSecret = '' } = api.options;
    const stolen = basic({ clientId, clientSecret: hashToken(clientSecret) });
    expect(await postForm(api.server.token_endpoint, grant, stolen)).toMatchObject(INVALID);
  });

  test('client_secret_post', async () => {
    const secret = newToken();
    const metadata = { token_endpoint_auth_method: 'client_secret_post' };
    const site = await at.addClient({ metadata });
    const { clientSecret = '' } = site.options;
    site.options.clientAuth = ClientSecretPost(clientSecret);
    await signIn(at, site, new Agent(), 'taro');
    site.options.clientAuth = ClientSecretPost(secret);
    const back = await answerPages(at, await site.begin(new Agent()), 'taro');
    await expect(site.finish(back)).rejects.toMatchObject({ error: 'invalid_client' });
  });

  test('none: a public client has no secret, and giving one does not help', async () => {
    const app = await at.addClient({ secret: false });
    await signIn(at, app, new Agent(), 'taro');
    const answer = await postForm(
      app.server.token_endpoint,
      { grant_type: 'refresh_token', refresh_token: 'x' },
      basic({ ...app.options, clientSecret: 'any' }),
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  test('a secret that was replaced ends within a second, the new one is good by then', async () => {
    const api = await at.addClient({ metadata: API });
    await clientCredentialsGrant(api.config);
    const secret = newToken();
    await at.server.uow.write(async ({ clients }) => {
      const client = await clients.find(api.options.clientId);
      if (client) await clients.update({ ...client, secretHash: hashToken(secret) }, client.updatedAt);
    });
    at.clock.advance(1000);
    await expect(clientCredentialsGrant(api.config)).rejects.toMatchObject({ status: 401 });
    api.options.clientSecret = secret;
    expect((await clientCredentialsGrant(api.config)).access_token).toBeDefined();
  });

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('private_key_jwt by %s', async (alg) => {
    const { site } = await keyClient(alg);
    const { tokens } = await signIn(at, site, new Agent(), 'taro');
    expect((await site.refresh(tokens.refresh_token ?? '')).access_token).toBeDefined();
  });

  test('an assertion is good once', async () => {
    const { site, privateKey } = await keyClient('ES256', API);
    const once = await assertion(site, privateKey);
    expect(await postForm(site.server.token_endpoint, once)).toMatchObject({ status: 200 });
    expect(await postForm(site.server.token_endpoint, once)).toMatchObject(INVALID);
  });

  test('of three uses of one assertion at once one is answered', async () => {
    const { site, privateKey } = await keyClient('ES256', API);
    const once = await assertion(site, privateKey);
    const answers = await Promise.all([0, 1, 2].map(() => postForm(site.server.token_endpoint, once)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    const refused = answers.filter(({ status }) => status === 401);
    for (const { json } of refused) expect(json.error).toBe('invalid_client');
  });

  test.each([
    ['for somebody else (aud)', { aud: 'https://evil.example' }],
    ['of another client (sub)', { sub: 'other' }],
    ['of another issuer (iss)', { iss: 'other' }],
    ['that has ended', { exp: Math.floor(Date.now() / 1000) - 120 }],
    ['without a jti', { jti: undefined }],
    ['without an end', { exp: undefined }],
  ])('an assertion %s is refused', async (_what, claims) => {
    const { site, privateKey } = await keyClient('ES256', API);
    const answer = await postForm(site.server.token_endpoint, await assertion(site, privateKey, claims));
    expect(answer).toMatchObject(INVALID);
  });

  test('an assertion by another key is refused', async () => {
    const { site } = await keyClient('ES256', API);
    const { privateKey } = await generateKeyPair('ES256');
    const answer = await postForm(site.server.token_endpoint, await assertion(site, privateKey));
    expect(answer).toMatchObject(INVALID);
  });

  test('unknown clients and hostile names are refused alike', async () => {
    const url = `${at.issuer}/token`;
    for (const clientId of ['nobody', '\u0000', "' or 1=1 --", 'ä'.repeat(500), '__proto__', '../../etc']) {
      const answer = await postForm(url, grant, basic({ clientId, clientSecret: 'x' }));
      expect(answer.json.error).toMatch(/^invalid_(client|request)$/);
      expect(answer.status).toBe(answer.json.error === 'invalid_client' ? 401 : 400);
    }
    expect((await postForm(url, grant, { authorization: 'Basic %%%' })).status).toBe(400);
    expect((await postForm(url, grant)).status).toBe(400);
  });
});
