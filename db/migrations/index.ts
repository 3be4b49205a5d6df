/** All migrations in their order. One set serves SQLite and PostgreSQL. */
import { foundation } from './0001-foundation.ts';

export const migrations = [foundation] as const;
