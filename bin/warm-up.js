/**
 * Runs after `npm ci`: loads what the server loads, so that its compiled code is kept before the first start. Nothing
 * depends on it: where it cannot run (an older Node, a folder that cannot be written), the first start does it.
 */
import * as nodeModule from 'node:module';
import { join } from 'node:path';

// An older Node has no such cache and reads no TypeScript.
if (nodeModule.enableCompileCache) {
  nodeModule.enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/sekisho'));
  const parts = [
    'admin/commands/program',
    'main',
    'trial',
    'sites/sample/site',
    'database/sqlite',
    'database/postgres',
  ];
  await Promise.all(parts.map((part) => import(`../src/${part}.ts`).catch(() => {})));
  await import('pug').catch(() => {});
}
