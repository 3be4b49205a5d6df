/**
 * What Sekisho is measured against: bare oidc-provider, everything in memory, and the smallest interaction that mails a
 * code. Settings come from the environment: PORT, SMTP_URL, CLIENTS (JSON array of client metadata).
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider, { type ClientMetadata, type KoaContextWithOIDC } from 'oidc-provider';
import { MemoryAdapter, sweep } from './adapter.ts';
import { interaction } from './interaction.ts';

const port = Number(process.env.PORT);
const smtpUrl = process.env.SMTP_URL ?? '';
const clients: ClientMetadata[] = JSON.parse(process.env.CLIENTS ?? '[]');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const cookieKeys = [randomBytes(32).toString('base64url')];

async function impliedConsent({ oidc }: KoaContextWithOIDC) {
  const { client, session, account } = oidc;
  if (!client || !session || !account) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  if (grantId) return oidc.provider.Grant.find(grantId);
  const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.addOIDCScope('openid email');
  await grant.save();
  return grant;
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: MemoryAdapter,
  clients,
  cookies: { keys: cookieKeys },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'RSA', use: 'sig', alg: 'RS256' }] },
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, email: `${sub}@users.bench.example`, email_verified: true }),
  }),
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
  },
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  loadExistingGrant: impliedConsent,
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  pkce: { required: () => true },
  ttl: {
    AccessToken: 3600,
    AuthorizationCode: 60,
    Grant: 86400,
    IdToken: 3600,
    Interaction: 3600,
    Session: 86400,
  },
});

provider.use(interaction(provider, smtpUrl));
setInterval(() => sweep(Date.now()), 30_000).unref();
provider.listen(port, '127.0.0.1');
