/** All migrations in their order. One set serves SQLite and PostgreSQL. */
import { foundation } from './0001-foundation.ts';
import { credentials } from './0002-credentials.ts';
import { imports } from './0003-imports.ts';

export const migrations = [foundation, credentials, imports] as const;
