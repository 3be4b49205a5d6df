/** Chooses the engine by the URL's scheme. */
import type { Database } from './database.ts';

/** @param url `sqlite:<file>` or `postgres://…` @throws SekishoError database_unavailable */
export async function openDatabase(url: string): Promise<Database> {
  // Only the engine in use is loaded.
  if (url.startsWith('sqlite:')) return (await import('./sqlite.ts')).openSqlite(url);
  return (await import('./postgres.ts')).openPostgres(url);
}
