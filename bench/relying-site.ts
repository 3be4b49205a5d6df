import type { Agent } from 'node:http';
import { type Answer, exchange } from './browser.ts';
import { type KeysById, readKeys } from './id-token.ts';

/** A client as registered: redirect URI on a port where nothing listens, client_secret_basic. */
export interface Client {
  id: string;
  secret: string;
}

export const REDIRECT_URI = 'http://127.0.0.1:9/cb';

/** What a relying site learns from the discovery document, once. */
export interface Endpoints {
  issuer: string;
  discovery: URL;
  authorization: URL;
  token: URL;
  userinfo: URL;
  introspection: URL;
  keys: KeysById;
}

export interface Tokens {
  access_token: string;
  id_token?: string;
  refresh_token?: string;
}

function accepted(answer: Answer, what: string): Answer {
  if (answer.status === 200) return answer;
  throw new Error(`${what} answered ${answer.status}: ${answer.body.slice(0, 300)}`);
}

/** GET with an optional bearer token; anything but 200 is an error. */
export async function get(agent: Agent, url: URL, bearer?: string): Promise<Answer> {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  return accepted(await exchange(agent, { method: 'GET', url, headers }), url.pathname);
}

/** POST of a form as the client (client_secret_basic, RFC 6749 2.3.1); anything but 200 is an error. */
export async function post(
  agent: Agent,
  url: URL,
  client: Client,
  fields: Record<string, string>,
): Promise<Answer> {
  const credentials = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`;
  const body = new URLSearchParams(fields).toString();
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
  };
  return accepted(
    await exchange(agent, { method: 'POST', url, headers, body }),
    `${url.pathname} ${fields.grant_type ?? ''}`,
  );
}

export async function tokens(
  agent: Agent,
  endpoints: Endpoints,
  client: Client,
  fields: Record<string, string>,
): Promise<Tokens> {
  return JSON.parse((await post(agent, endpoints.token, client, fields)).body);
}

/** Reads discovery document and keys of an issuer. */
export async function discover(agent: Agent, issuer: string): Promise<Endpoints> {
  const discovery = new URL(`${issuer}/.well-known/openid-configuration`);
  const found = JSON.parse((await get(agent, discovery)).body);
  return {
    issuer: found.issuer,
    discovery,
    authorization: new URL(found.authorization_endpoint),
    token: new URL(found.token_endpoint),
    userinfo: new URL(found.userinfo_endpoint),
    introspection: new URL(found.introspection_endpoint),
    keys: readKeys(JSON.parse((await get(agent, new URL(found.jwks_uri))).body)),
  };
}
