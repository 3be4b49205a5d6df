import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { metadataSchema } from '../../src/admin/client-metadata.ts';
import { checkInput } from '../../src/admin/input.ts';

const CB = 'https://site.example/cb';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [publicKey.export({ format: 'jwk' })] };

test.each([
  ['http on another host', { redirect_uris: ['http://site.example/cb'] }, 'redirect_uris[0]'],
  ['a fragment', { redirect_uris: [CB, `${CB}#x`] }, 'redirect_uris[1]'],
  ['an empty fragment', { redirect_uris: [`${CB}#`] }, 'redirect_uris[0]'],
  ['a wildcard host', { redirect_uris: ['https://*.example/cb'] }, 'redirect_uris[0]'],
  ['a user name', { redirect_uris: ['https://site.example@evil.example/'] }, 'redirect_uris[0]'],
  ['a relative one', { redirect_uris: ['/cb'] }, 'redirect_uris[0]'],
  ['a script', { redirect_uris: ['javascript:alert(1)'] }, 'redirect_uris[0]'],
  [
    'a script of a native client',
    { redirect_uris: ['javascript:alert(1)'], application_type: 'native' },
    'redirect_uris[0]',
  ],
  [
    'a scheme without a domain',
    { redirect_uris: ['myapp:/cb'], application_type: 'native' },
    'redirect_uris[0]',
  ],
  ['a scheme of its own for a web client', { redirect_uris: ['jp.example.app:/cb'] }, 'redirect_uris[0]'],
  ['a tab that URL parsers drop', { redirect_uris: ['https://site.example/c\tb'] }, 'redirect_uris[0]'],
  ['a backslash', { redirect_uris: ['https://site.example\\@evil.example/'] }, 'redirect_uris[0]'],
  ['one twice', { redirect_uris: [CB, CB] }, 'redirect_uris'],
  ['none', {}, 'redirect_uris'],
  ['one too long', { redirect_uris: [`${CB}/${'x'.repeat(2000)}`] }, 'redirect_uris[0]'],
  ['one where none is used', { redirect_uris: [CB], grant_types: ['client_credentials'] }, 'redirect_uris'],
  [
    'an open logout',
    { redirect_uris: [CB], post_logout_redirect_uris: ['http://x.example'] },
    'post_logout_redirect_uris[0]',
  ],
  [
    'an unknown method',
    { redirect_uris: [CB], token_endpoint_auth_method: 'tls' },
    'token_endpoint_auth_method',
  ],
  ['no grant', { redirect_uris: [CB], grant_types: [] }, 'grant_types'],
  ['the implicit grant', { redirect_uris: [CB], grant_types: ['implicit'] }, 'grant_types[0]'],
  ['refresh alone', { grant_types: ['refresh_token'] }, 'grant_types'],
  [
    'credentials of nobody',
    {
      redirect_uris: [CB],
      grant_types: ['authorization_code', 'client_credentials'],
      token_endpoint_auth_method: 'none',
    },
    'grant_types',
  ],
  [
    'an unsigned token',
    { redirect_uris: [CB], id_token_signed_response_alg: 'none' },
    'id_token_signed_response_alg',
  ],
  ['keys that are missing', { redirect_uris: [CB], token_endpoint_auth_method: 'private_key_jwt' }, 'jwks'],
  ['keys twice', { redirect_uris: [CB], jwks, jwks_uri: 'https://site.example/jwks' }, 'jwks_uri'],
  [
    'a private key',
    { redirect_uris: [CB], jwks: { keys: [privateKey.export({ format: 'jwk' })] } },
    'jwks.keys[0]',
  ],
  ['a symmetric key', { redirect_uris: [CB], jwks: { keys: [{ kty: 'oct', k: 'x' }] } }, 'jwks.keys[0].kty'],
  ['no keys', { redirect_uris: [CB], jwks: { keys: [] } }, 'jwks.keys'],
  [
    'http where users start',
    { redirect_uris: [CB], initiate_login_uri: 'http://localhost/login' },
    'initiate_login_uri',
  ],
  ['an odd scope', { redirect_uris: [CB], scope: 'openid  "x"' }, 'scope'],
  ['an id of its own', { redirect_uris: [CB], client_id: 'mine' }, 'client_id'],
  ['a secret of its own', { redirect_uris: [CB], client_secret: 'mine' }, 'client_secret'],
])('%s is refused', (_what, metadata, path) => {
  const check = () => checkInput(metadataSchema, metadata, 'client metadata');
  expect(check).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  expect(check).toThrow(`${path}: `);
});
