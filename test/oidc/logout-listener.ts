/** A site's back-channel logout endpoint: real HTTP, and the tokens that came. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { RelyingParty } from '../support/relying-party.ts';

export interface LogoutListener {
  readonly url: string;
  readonly tokens: string[];
  /** What it answers; 200 at first. */
  status: number;
  /** Done before it answers. */
  meanwhile: () => Promise<void>;
  close(): Promise<void>;
}

export async function listenForLogouts(): Promise<LogoutListener> {
  // The provider says that it cannot guard its requests in jest's globals. Ours do not use its guard.
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  const tokens: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    tokens.push(new URLSearchParams(body).get('logout_token') ?? '');
    await listener.meanwhile();
    response.writeHead(listener.status).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const listener: LogoutListener = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`,
    tokens,
    status: 200,
    meanwhile: async () => {},
    close: () => new Promise((done) => server.close(() => done())),
  };
  return listener;
}

/** Checks a logout token as a site must (OpenID Connect Back-Channel Logout 1.0 section 2.6). */
export async function checkLogoutToken(site: RelyingParty, token = ''): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(String(site.server.jwks_uri)));
  const { payload } = await jwtVerify(token, keys, {
    issuer: site.server.issuer,
    audience: site.options.clientId,
    typ: 'logout+jwt',
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
  });
  if ('nonce' in payload) throw new Error('a logout token has no nonce');
  if (!('http://schemas.openid.net/event/backchannel-logout' in Object(payload.events)))
    throw new Error('not the event of a logout');
  return payload;
}
