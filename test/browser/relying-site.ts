/** A relying site that browsers can really reach: a small listener at its redirect URI. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Installation } from '../support/installation.ts';
import type { RelyingParty, Tokens } from '../support/relying-party.ts';

export interface RelyingSite {
  readonly party: RelyingParty;
  readonly origin: string;
  /** Where a login starts. @param extra parameters of the authorization request */
  loginUrl(extra?: Record<string, string>): Promise<string>;
  /** Where a logout starts. */
  logoutUrl(tokens: Tokens): string;
  /** Exchanges what arrived last at the redirect URI, by GET or by POST. */
  tokens(): Promise<Tokens>;
  /** Parameters of everything that arrived at the redirect URI. */
  readonly arrived: { method: string; parameters: URLSearchParams }[];
  close(): Promise<void>;
}

/**
 * Registers the site and listens for it. Its host is another site than the provider's, as it is in life.
 * @param contract the usual one if absent
 */
export async function startRelyingSite(at: Installation, contract?: string): Promise<RelyingSite> {
  const arrived: RelyingSite['arrived'] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const method = request.method ?? '';
    const parameters =
      method === 'POST' ? new URLSearchParams(Buffer.concat(chunks).toString()) : url.searchParams;
    if (url.pathname === '/callback') arrived.push({ method, parameters });
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="ja"><title>site</title><h1>site ${url.pathname}</h1>`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const redirectUri = `${origin}/callback`;
  const party = await at.addClient({
    ...(contract === undefined ? {} : { contract }),
    metadata: { redirect_uris: [redirectUri], post_logout_redirect_uris: [`${origin}/bye`] },
    options: { redirectUri },
  });
  return {
    party,
    origin,
    arrived,
    loginUrl: async (extra) => (await party.startLogin(extra)).url.href,
    logoutUrl: (tokens) =>
      party.logoutUrl({ id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: `${origin}/bye` })
        .href,
    tokens: async () => {
      const url = new URL(redirectUri);
      url.search = arrived.at(-1)?.parameters.toString() ?? '';
      return party.finish(url);
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
