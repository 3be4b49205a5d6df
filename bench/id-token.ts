import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';

export type KeysById = ReadonlyMap<string, KeyObject>;

export interface Expected {
  issuer: string;
  audience: string;
  nonce: string;
}

/** The RS256 keys of a JWKS document, by `kid`. */
export function readKeys(jwks: { keys: (JsonWebKey & { kid?: string })[] }): KeysById {
  const rsa = jwks.keys.filter((key) => key.kty === 'RSA');
  return new Map(rsa.map((jwk) => [jwk.kid ?? '', createPublicKey({ key: jwk, format: 'jwk' })]));
}

function json(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

/** Checks signature, iss, aud, nonce and exp (OpenID Connect Core 3.1.3.7) and throws what is wrong. */
export function verifyIdToken(token: string, keys: KeysById, expected: Expected): void {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { alg, kid } = json(header);
  const key = keys.get(String(kid));
  if (alg !== 'RS256' || !key) throw new Error(`ID token: no key for alg ${alg}, kid ${kid}`);
  if (!verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))) {
    throw new Error('ID token: the signature is wrong');
  }
  const claims = json(payload);
  if (claims.iss !== expected.issuer) throw new Error(`ID token: iss is ${claims.iss}`);
  if (claims.aud !== expected.audience) throw new Error(`ID token: aud is ${claims.aud}`);
  if (claims.nonce !== expected.nonce) throw new Error('ID token: the nonce is another one');
  if (Number(claims.exp) * 1000 <= Date.now()) throw new Error('ID token: it has expired');
}
