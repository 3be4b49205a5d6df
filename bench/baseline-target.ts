import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PinnedProcess } from './pinned-process.ts';
import { type Client, REDIRECT_URI } from './relying-site.ts';
import type { Target } from './target.ts';

function newClient(id: string): Client {
  return { id, secret: randomBytes(24).toString('base64url') };
}

function metadata({ id, secret }: Client, grantTypes: string[]) {
  return {
    client_id: id,
    client_secret: secret,
    redirect_uris: [REDIRECT_URI],
    response_types: ['code'],
    grant_types: grantTypes,
    id_token_signed_response_alg: 'RS256',
  };
}

/** Starts the baseline on a port; its log goes into the folder. */
export async function startBaseline(folder: string, port: number, smtpPort: number): Promise<Target> {
  const [site, service] = [newClient('site'), newClient('service')];
  const issuer = `http://127.0.0.1:${port}`;
  const clients = [
    metadata(site, ['authorization_code']),
    metadata(service, ['authorization_code', 'refresh_token', 'client_credentials']),
  ];
  const process = await PinnedProcess.start({
    args: [join(import.meta.dirname, 'baseline', 'main.ts')],
    cwd: folder,
    env: { PORT: String(port), SMTP_URL: `smtp://127.0.0.1:${smtpPort}`, CLIENTS: JSON.stringify(clients) },
    log: join(folder, 'baseline.log'),
    readyUrl: `${issuer}/.well-known/openid-configuration`,
  });
  await pause(1000);
  return {
    name: 'baseline',
    issuer,
    process,
    site,
    service,
    idleRssMb: process.rssMb(),
    readyMs: [process.readyMs],
    counters: async () => undefined,
    stop: () => process.stop(),
  };
}
