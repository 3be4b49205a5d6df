import { launchPostgres } from './postgres.ts';

/** Starts the PostgreSQL server that the whole run shares, unless TEST_POSTGRES_URL names one already. */
export default async function globalSetup(): Promise<void> {
  if (process.env.TEST_POSTGRES_URL) return;
  const server = await launchPostgres();
  process.env.TEST_POSTGRES_URL = server.url;
  globalThis.stopSharedPostgres = server.stop;
}

declare global {
  /** Left by the global setup for the global teardown of the same process. */
  var stopSharedPostgres: (() => Promise<void>) | undefined;
}
