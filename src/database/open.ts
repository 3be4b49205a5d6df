/** Chooses the engine by the URL's scheme. */
import type { Database } from './database.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/** @param url `sqlite:<file>` or `postgres://…` @throws SekishoError database_unavailable */
export function openDatabase(url: string): Promise<Database> {
  return url.startsWith('sqlite:') ? openSqlite(url) : openPostgres(url);
}
