import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientCredentialsGrant, tokenIntrospection, tokenRevocation } from 'openid-client';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { basic, postForm } from './http.ts';

describe.each(ENGINES)('introspection and revocation on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let sub: string;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
    sub = await at.addUser('taro');
  });
  afterAll(() => at.close());

  const login = async (rp = site) => (await signIn(at, rp, new Agent(), 'taro')).tokens;
  const look = (rp: RelyingParty, token = '', parameters?: Record<string, string>) =>
    tokenIntrospection(rp.config, token, parameters);

  test('a site sees what its own tokens are', async () => {
    const tokens = await login();
    const access = await look(site, tokens.access_token);
    expect(access).toMatchObject({ active: true, client_id: site.options.clientId, sub, iss: at.issuer });
    expect(access).toMatchObject({ token_type: 'Bearer', scope: 'openid profile email' });
    expect(Number(access.exp) - Number(access.iat)).toBe(3600);
    const refresh = await look(site, tokens.refresh_token, { token_type_hint: 'refresh_token' });
    expect(refresh).toMatchObject({ active: true, sub });
    expect(await look(site, tokens.access_token, { token_type_hint: 'refresh_token' })).toMatchObject({
      active: true,
    });
  });

  test('an API of the same contract sees them too, one of another contract or a public client does not', async () => {
    const { access_token: token } = await login();
    const api = await at.addClient({
      metadata: { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
    });
    expect(await look(api, token)).toMatchObject({ active: true, sub });
    await at.addContract('strangers');
    const stranger = await at.addClient({ contract: 'strangers' });
    expect(await look(stranger, token)).toEqual({ active: false });
    const app = await at.addClient({ secret: false });
    expect(await look(app, token)).toEqual({ active: false });
  });

  test('a public client may look at its own', async () => {
    const app = await at.addClient({ secret: false });
    const { access_token: token } = await login(app);
    expect(await look(app, token)).toMatchObject({ active: true });
  });

  test('what was never a token, and what is none any more, is inactive', async () => {
    const tokens = await login();
    const second = await site.refresh(tokens.refresh_token ?? '');
    expect(await look(site, tokens.refresh_token)).toEqual({ active: false });
    for (const token of [
      'nonsense',
      'x'.repeat(43),
      `${tokens.id_token}`,
      second.access_token.slice(1),
      '\u0000',
    ]) {
      const answer = await postForm(site.server.introspection_endpoint, { token }, basic(site.options));
      if (answer.status === 200) expect(answer.json).toEqual({ active: false });
      else expect(answer.status).toBe(400);
    }
  });

  test('without or with wrong credentials nobody sees anything', async () => {
    const { access_token: token } = await login();
    const wrong = basic({ ...site.options, clientSecret: 'wrong' });
    const url = site.server.introspection_endpoint;
    expect(await postForm(url, { token }, wrong)).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    });
    expect((await postForm(url, { token })).status).toBe(400);
  });

  test('revoking either token ends the grant', async () => {
    for (const kind of ['access_token', 'refresh_token'] as const) {
      const tokens = await login();
      await tokenRevocation(site.config, tokens[kind] ?? '');
      expect(await look(site, tokens.access_token)).toEqual({ active: false });
      expect(await look(site, tokens.refresh_token)).toEqual({ active: false });
      await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
      await expect(site.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    }
  });

  test('revoking twice, or what is unknown, is no error (RFC 7009 section 2.2)', async () => {
    const { access_token: token } = await login();
    await tokenRevocation(site.config, token);
    await tokenRevocation(site.config, token);
    await tokenRevocation(site.config, 'nonsense');
  });

  test("another client's token stays", async () => {
    const tokens = await login();
    const other = await at.addClient();
    await tokenRevocation(other.config, tokens.access_token).catch(() => {});
    expect((await site.userinfo(tokens)).sub).toBe(sub);
  });

  test('client credentials: a token of the client itself, which opens no userinfo', async () => {
    const api = await at.addClient({
      metadata: { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
    });
    const tokens = await clientCredentialsGrant(api.config);
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 600 });
    expect(tokens).not.toHaveProperty('refresh_token');
    expect(await look(api, tokens.access_token)).toMatchObject({
      active: true,
      client_id: api.options.clientId,
    });
    await expect(api.userinfo({ ...tokens, claims: () => undefined } as never)).rejects.toMatchObject({
      status: 401,
    });
    await expect(clientCredentialsGrant(site.config)).rejects.toMatchObject({ status: 400 });
    await expect(clientCredentialsGrant(api.config, { scope: 'nonsense' })).resolves.toBeDefined();
    await tokenRevocation(api.config, tokens.access_token);
    expect(await look(api, tokens.access_token)).toEqual({ active: false });
  });
});
