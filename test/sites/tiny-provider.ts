import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import Provider from 'oidc-provider';
import { pino } from 'pino';
import { sampleClientMetadata } from '../../src/sites/sample/options.ts';
import { startSampleSite } from '../../src/sites/sample/site.ts';

/** An OpenID provider that has nothing to do with ours, and a sample site that signs its users in there. */
export interface Setting {
  site: string;
  issuer: string;
  /** Starts the provider when `providerLater` left it out. */
  startProvider(): Promise<void>;
  /** A token with the provider's signature (or a stranger's); `typ` is logout+jwt. */
  sign(payload: JWTPayload, forged?: boolean): Promise<string>;
  close(): Promise<void>;
}

export const CLIENT = { client_id: 'sample', client_secret: 'sample-secret-sample-secret-sample' };

/** A public client whose redirect URI nobody listens at. */
export const PUBLIC_CLIENT = {
  client_id: 'public',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['http://127.0.0.1:9/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
};

/** Starts both on free ports of 127.0.0.1. */
export async function startSetting(options: { providerLater?: boolean } = {}): Promise<Setting> {
  const [providerPort, sitePort] = [await freePort(), await freePort()];
  const issuer = `http://127.0.0.1:${providerPort}`;
  const site = `http://127.0.0.1:${sitePort}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const stranger = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(privateKey)), kid: 'one', use: 'sig', alg: 'RS256' };
  const servers: Server[] = [];
  const startProvider = async () => {
    servers.push(await listen(tinyProvider(issuer, site, jwk).callback(), providerPort));
  };
  if (!options.providerLater) await startProvider();
  const sample = await startSampleSite({
    issuer,
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    origin: site,
    host: '127.0.0.1',
    port: sitePort,
    cookieSecret: 'cookie-secret-of-the-sample-site',
    log: pino({ level: 'silent' }),
    note: { ja: ['何でもよい'], en: ['any will do'] },
  });
  return {
    site,
    issuer,
    startProvider,
    sign: (payload, forged = false) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'logout+jwt' })
        .sign(forged ? stranger.privateKey : privateKey),
    async close() {
      await sample.close();
      for (const server of servers) {
        await new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        });
      }
    },
  };
}

function tinyProvider(issuer: string, site: string, jwk: object): Provider {
  return new Provider(issuer, {
    clients: [{ ...sampleClientMetadata(site), ...CLIENT } as never, PUBLIC_CLIENT as never],
    jwks: { keys: [jwk] } as never,
    cookies: { keys: ['cookie-key-of-the-tiny-provider'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['user_id', 'contract'], email: ['email'] },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, user_id: `id-of-${sub}`, contract: 'c1', email: `${sub}@example.com` }),
    }),
    issueRefreshToken: async () => true,
    features: { backchannelLogout: { enabled: true } },
  });
}

function listen(handler: Parameters<typeof createServer>[1], port: number): Promise<Server> {
  const server = createServer(handler);
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

async function freePort(): Promise<number> {
  const server = await listen(() => {}, 0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
