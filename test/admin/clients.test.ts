import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from '../../src/admin/create-client.ts';
import { deleteClient } from '../../src/admin/delete-client.ts';
import { listClients, showClient } from '../../src/admin/find-client.ts';
import { rotateClientSecret } from '../../src/admin/rotate-client-secret.ts';
import { updateClient } from '../../src/admin/update-client.ts';
import { SekishoError } from '../../src/errors.ts';
import { hashToken } from '../../src/secrets.ts';
import { describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { type Desk, openDesk, START } from './desk.ts';

const CB = 'https://site.example/cb';
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [publicKey.export({ format: 'jwk' })] };

describeOnBothEngines('clients', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  beforeEach(async () => {
    ({ db, desk } = await openDesk(open));
  });
  const create = (metadata: Record<string, unknown> = { redirect_uris: [CB] }) =>
    createClient(desk.context, { contractId: 'acme', name: '電子調達ポータル', metadata });
  const trail = async () => (await desk.trail()).filter(({ action }) => action !== 'contract.create');

  test('a client gets an id and a secret, which is kept as a hash only', async () => {
    const { client, secret } = await create();
    expect(client).toMatchObject({
      clientId: expect.stringMatching(/^[\w-]{22}$/),
      contractId: 'acme',
      name: '電子調達ポータル',
      secretHash: hashToken(secret ?? ''),
      createdAt: START,
    });
    expect(client.metadata).toEqual({
      redirect_uris: [CB],
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
    });
    expect(await showClient(desk.context, client.clientId)).toEqual(client);
    expect(await trail()).toMatchObject([
      {
        action: 'client.create',
        contractId: 'acme',
        subject: client.clientId,
        details: { redirect_uris: [CB] },
      },
    ]);
    expect(JSON.stringify(await trail())).not.toContain(secret);
  });

  test.each([
    ['a public client', { redirect_uris: [CB], token_endpoint_auth_method: 'none' }],
    [
      'a client with keys of its own',
      { redirect_uris: [CB], token_endpoint_auth_method: 'private_key_jwt', jwks },
    ],
  ])('%s has no secret', async (_what, metadata) => {
    const { client, secret } = await create(metadata);
    expect([client.secretHash, secret]).toEqual([null, null]);
    await expect(rotateClientSecret(desk.context, client.clientId)).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('a client that only acts for itself needs no redirect URI', async () => {
    const { client, secret } = await create({ grant_types: ['client_credentials'] });
    expect(client.metadata).toMatchObject({ redirect_uris: [], response_types: [] });
    expect(secret).not.toBeNull();
  });

  test('a native client may have a scheme of its own', async () => {
    const uris = ['jp.example.app:/cb', 'http://127.0.0.1/cb', 'https://app.example/cb'];
    const native = { application_type: 'native', redirect_uris: uris, token_endpoint_auth_method: 'none' };
    expect((await create(native)).client.metadata.redirect_uris).toEqual(uris);
  });

  test('everything that can be registered is kept', async () => {
    const metadata = {
      redirect_uris: [CB, 'http://localhost:8080/cb?x=1'],
      post_logout_redirect_uris: ['https://site.example/'],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: 'EdDSA',
      subject_type: 'pairwise',
      sector_identifier_uri: 'https://site.example/sector.json',
      jwks_uri: 'https://site.example/jwks',
      backchannel_logout_uri: 'https://site.example/logout',
      initiate_login_uri: 'https://site.example/login',
      client_uri: 'https://site.example/',
      scope: 'openid profile',
      default_acr_values: ['urn:sekisho:acr:otp'],
      default_max_age: 3600,
    };
    expect((await create(metadata)).client.metadata).toEqual({
      ...metadata,
      response_types: ['code'],
      backchannel_logout_session_required: true,
    });
  });

  test('what cannot be registered is refused and nothing is changed', async () => {
    await expect(create({ redirect_uris: ['http://site.example/cb'] })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(/^client metadata: redirect_uris\[0\]: must be https/),
    });
    expect([await db.count('clients'), await db.count('audit_events')]).toEqual([0, 1]);
  });

  test('all faults are named at once', async () => {
    const wrong = {
      redirect_uris: ['x', CB, 'http://x.example'],
      scope: '',
      subject_type: 'odd',
      colour: 'red',
    };
    await expect(create(wrong)).rejects.toThrow(
      /redirect_uris\[0\].*\n.*redirect_uris\[2\].*\n.*subject_type.*\n.*scope.*\n.*colour: there is no such setting/,
    );
  });

  test('the name and the contract are checked', async () => {
    const input = { contractId: 'nobody', name: 'x', metadata: { redirect_uris: [CB] } };
    await expect(createClient(desk.context, input)).rejects.toMatchObject({ code: 'not_found' });
    await expect(listClients(desk.context, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      createClient(desk.context, { ...input, contractId: 'acme', name: '\0' }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
    });
    expect(await db.count('clients')).toBe(0);
  });

  test("the provider's own objection keeps a client out, or as it was", async () => {
    const { client } = await create();
    const object = async () => {
      throw new SekishoError('invalid_input', 'no');
    };
    const input = { contractId: 'acme', name: 'x', metadata: { redirect_uris: [CB] } };
    await expect(createClient(desk.context, input, object)).rejects.toThrow('no');
    await expect(updateClient(desk.context, client.clientId, { name: 'x' }, object)).rejects.toThrow('no');
    expect(await listClients(desk.context, 'acme')).toEqual([client]);
  });

  describe('an update', () => {
    test('changes what is named, takes away what is null, and leaves the rest', async () => {
      const { client } = await create({
        redirect_uris: [CB],
        scope: 'openid',
        client_uri: 'https://site.example/',
      });
      desk.advance(5);
      const metadata = { client_uri: null, backchannel_logout_uri: 'https://site.example/out' };
      const { client: after, secret } = await updateClient(desk.context, client.clientId, {
        name: '新',
        metadata,
      });
      expect(secret).toBeNull();
      expect(after).toMatchObject({
        name: '新',
        secretHash: client.secretHash,
        createdAt: START,
        updatedAt: START + 5,
      });
      expect(after.metadata).toEqual({
        redirect_uris: [CB],
        scope: 'openid',
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        backchannel_logout_uri: 'https://site.example/out',
        backchannel_logout_session_required: true,
      });
      expect(await showClient(desk.context, client.clientId)).toEqual(after);
      expect((await trail()).at(-1)).toMatchObject({
        action: 'client.update',
        details: { changed: ['name', 'client_uri', 'backchannel_logout_uri'] },
      });
    });

    test('to another way of proving itself takes the secret or makes one', async () => {
      const { client } = await create();
      const change = (method: string) =>
        updateClient(desk.context, client.clientId, { metadata: { token_endpoint_auth_method: method } });
      expect(await change('none')).toMatchObject({ secret: null, client: { secretHash: null } });
      const { secret } = await change('client_secret_post');
      expect((await showClient(desk.context, client.clientId)).secretHash).toBe(hashToken(secret ?? ''));
      expect((await change('client_secret_basic')).secret).toBeNull();
    });

    test('with a fault changes nothing', async () => {
      const { client } = await create();
      for (const changes of [
        {},
        { metadata: {} },
        { metadata: { redirect_uris: null } },
        { metadata: { redirect_uris: ['http://x.example'] } },
        { metadata: { token_endpoint_auth_method: 'private_key_jwt' } },
        { name: '' },
      ]) {
        await expect(updateClient(desk.context, client.clientId, changes)).rejects.toMatchObject({
          code: 'invalid_input',
        });
      }
      expect(await showClient(desk.context, client.clientId)).toEqual(client);
      expect(await trail()).toHaveLength(1);
    });

    test('of several at once, none is lost without a word', async () => {
      const { client } = await create();
      const changes: Promise<unknown>[] = [
        updateClient(desk.context, client.clientId, { name: 'one' }),
        updateClient(desk.context, client.clientId, { metadata: { scope: 'openid' } }),
        rotateClientSecret(desk.context, client.clientId),
      ];
      const results = await Promise.allSettled(changes);
      const done = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
      expect(done.length).toBeGreaterThan(0);
      expect(await trail()).toHaveLength(1 + done.length);
      const after = await showClient(desk.context, client.clientId);
      const seen = [
        after.name === 'one',
        after.metadata.scope === 'openid',
        after.secretHash !== client.secretHash,
      ];
      expect(seen.flatMap((changed, index) => (changed ? [index] : []))).toEqual(done);
    });
  });

  test('a new secret ends the old one', async () => {
    const { client, secret } = await create();
    const rotated = await rotateClientSecret(desk.context, client.clientId);
    expect(rotated.secret).not.toBe(secret);
    expect((await showClient(desk.context, client.clientId)).secretHash).toBe(
      hashToken(rotated.secret ?? ''),
    );
    expect((await trail()).map(({ action }) => action).sort()).toEqual([
      'client.create',
      'client.rotate_secret',
    ]);
  });

  test('a deleted client is gone; deleting it twice says so', async () => {
    const { client } = await create();
    const results = await Promise.allSettled(
      Array.from({ length: 3 }, () => deleteClient(desk.context, client.clientId)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const verb of [showClient, deleteClient, rotateClientSecret]) {
      await expect(verb(desk.context, client.clientId)).rejects.toMatchObject({ code: 'not_found' });
    }
    await expect(updateClient(desk.context, client.clientId, { name: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await trail()).map(({ action }) => action).sort()).toEqual(['client.create', 'client.delete']);
  });
});
