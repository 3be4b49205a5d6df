/** A whole installation for a test: real HTTP, a real mail server over SMTP, a database of its own on either engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import type { LoginMethod } from '../../src/contracts/login-methods.ts';
import type { PolicyInput } from '../../src/contracts/policy.ts';
import { hashToken, newId, newToken } from '../../src/secrets.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import type { DeviceType, UserState } from '../../src/users/user.ts';
import { userIdKey } from '../../src/users/user-id.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { startPostgres } from './postgres.ts';
import { type RelyingParty, type RelyingPartyOptions, relyingParty } from './relying-party.ts';

export type Engine = 'sqlite' | 'postgres';
export const ENGINES: readonly Engine[] = ['sqlite', 'postgres'];

/** A clock that follows the machine's and can be moved ahead. */
export class TestClock implements Clock {
  #ahead = 0;

  now(): number {
    return Date.now() + this.#ahead;
  }

  /** @param ms how far to move ahead */
  advance(ms: number): void {
    this.#ahead += ms;
  }
}

export interface UserInput {
  addresses?: readonly string[];
  type?: DeviceType;
  state?: UserState;
  method?: LoginMethod;
  /** Chosen now; without one the user has none, whatever the method. */
  password?: string;
  validUntil?: number;
  contract?: string;
}

export interface ClientInput {
  contract?: string;
  name?: string;
  metadata?: Record<string, unknown>;
  /** For a public client. */
  secret?: false;
  options?: Partial<RelyingPartyOptions>;
}

export interface Installation {
  readonly issuer: string;
  readonly env: Record<string, string>;
  readonly clock: TestClock;
  readonly mail: MailServer;
  readonly server: RunningServer;
  /** The lines of the log so far, parsed. */
  readonly logged: Record<string, unknown>[];
  addContract(id: string, policy?: PolicyInput): Promise<void>;
  setPolicy(id: string, policy: PolicyInput): Promise<void>;
  /** @returns the user's sub */
  addUser(userId: string, input?: UserInput): Promise<string>;
  /** Registers a client and gives a relying party for it. */
  addClient(input?: ClientInput): Promise<RelyingParty>;
  /** A second process on the same database and port-independent issuer is not possible; this restarts the same one. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface InstallationInput {
  engine?: Engine;
  policy?: PolicyInput;
  env?: Record<string, string>;
}

/** The contract of an installation where a test names none. */
export const CONTRACT = 'shop';

export async function startInstallation({
  engine = 'sqlite',
  policy = {},
  env = {},
}: InstallationInput = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-'));
  const postgres = engine === 'postgres' ? await startPostgres() : undefined;
  const mail = await startMailServer();
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const environment = {
    ISSUER: issuer,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: postgres ? await postgres.newDatabase() : `sqlite:${join(folder, 'sekisho.db')}`,
    SMTP_URL: mail.url,
    MAIL_FROM: 'login@sekisho.example',
    SECRETS: newToken(),
    DATA_DIR: folder,
    ...env,
  };
  const clock = new TestClock();
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const start = () => startServer(readConfig(environment), { clock, log });
  let server = await start();

  const installation: Installation = {
    issuer,
    env: environment,
    clock,
    mail,
    get server() {
      return server;
    },
    logged,
    addContract: async (id, input = {}) => {
      await server.uow.write(({ contracts }) =>
        contracts.add({ id, name: `契約 ${id}`, policy: input, at: clock.now() }),
      );
      server.contracts.forget();
    },
    setPolicy: async (id, input) => {
      await server.uow.write(async ({ contracts }) => {
        const seen = (await contracts.find(id))?.updatedAt ?? 0;
        const at = Math.max(clock.now(), seen + 1);
        if (!(await contracts.update({ id, name: `契約 ${id}`, policy: input, at }, seen)))
          throw new Error(id);
      });
      server.contracts.forget();
    },
    addUser: (userId, input) => addUser(server, clock, userId, input),
    addClient: (input) => addClient(server, clock, issuer, input),
    restart: async () => {
      await server.stop();
      server = await start();
    },
    close: async () => {
      await server.stop();
      await mail.close();
      await postgres?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await installation.addContract(CONTRACT, policy);
  return installation;
}

/** An installation with one site and, by their user IDs, people who can log in there. */
export async function startWithSite(
  input: InstallationInput,
  ...userIds: readonly string[]
): Promise<{ at: Installation; site: RelyingParty }> {
  const at = await startInstallation(input);
  const site = await at.addClient();
  for (const userId of userIds) await at.addUser(userId);
  return { at, site };
}

async function addUser(
  server: RunningServer,
  clock: Clock,
  userId: string,
  input: UserInput = {},
): Promise<string> {
  const at = clock.now();
  const sub = newId();
  const addresses = input.addresses ?? [`${userId}@user.example`];
  const hash = input.password === undefined ? null : await server.hasher.hash('password', input.password);
  await server.uow.write(async ({ users, passwords }) => {
    await users.add(
      {
        sub,
        contractId: input.contract ?? CONTRACT,
        userId,
        loginMethod: input.method ?? 'otp',
        state: input.state ?? 'active',
        unlockAt: null,
        validUntil: input.validUntil ?? null,
        locale: null,
        signOuts: 0,
        createdAt: at,
        updatedAt: at,
      },
      userIdKey(userId, false),
    );
    for (const [index, address] of addresses.entries()) {
      const type = input.type ?? 'pc';
      await users.addDevice(sub, { number: index + 1, address, type, confirmedAt: at, createdAt: at });
    }
    if (hash) await passwords.set({ userSub: sub, hash, createdAt: at, updatedAt: at });
  });
  return sub;
}

async function addClient(
  server: RunningServer,
  clock: Clock,
  issuer: string,
  input: ClientInput = {},
): Promise<RelyingParty> {
  const at = clock.now();
  const clientId = newId();
  const clientSecret = input.secret === false ? undefined : newToken();
  const redirectUri = `https://${clientId.toLowerCase().replace(/[^a-z0-9]/g, '')}.example/cb`;
  const metadata = {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: clientSecret ? 'client_secret_basic' : 'none',
    ...input.metadata,
  };
  await server.uow.write(({ clients }) =>
    clients.add({
      clientId,
      contractId: input.contract ?? CONTRACT,
      name: input.name ?? '見本サイト',
      metadata,
      secretHash: clientSecret ? hashToken(clientSecret) : null,
      createdAt: at,
      updatedAt: at,
    }),
  );
  return relyingParty({
    issuer,
    clientId,
    ...(clientSecret ? { clientSecret } : {}),
    redirectUri,
    now: () => clock.now(),
    ...input.options,
  });
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
