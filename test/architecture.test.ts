/** The house and its rules (docs/architecture.md), held against the source itself. */
import { describe, expect, test } from '@jest/globals';
import { functionLengths, memberName, type Node, type SourceFile, sourceFiles } from './support/source.ts';

const src = sourceFiles('src');
const db = sourceFiles('db');

/** Everybody may import these: time, randomness, error codes, settings. */
const LEAVES = ['clock.ts', 'secrets.ts', 'errors.ts', 'config.ts'];

/** What journeys stand on. */
const CORE = ['contracts', 'users', 'credentials', 'mail', 'notices', 'audit', 'database'];

/**
 * What each folder of src/ may import from the others: a folder, or one file of it. Core never imports a journey, and
 * journeys never import each other.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // Journeys
  login: [...CORE, 'http', 'oidc'],
  registration: [...CORE, 'http', 'oidc'],
  admin: [...CORE, 'http', 'oidc', 'main.ts', 'trial-secrets.ts'],
  inbox: ['mail', 'http'],
  // Relying sites know the protocol and nothing of this program, not even its clock.
  sites: ['http'],
  // Core
  contracts: ['users', 'credentials'],
  users: ['contracts', 'credentials'],
  credentials: ['contracts', 'users'],
  mail: [
    'http/locale.ts',
    'http/page.ts',
    'http/render.ts',
    'http/templates.ts',
    'credentials/one-time-code.ts',
    'credentials/invitation.ts',
  ],
  notices: ['contracts', 'users', 'credentials', 'mail', 'oidc', 'http', 'database/rounds.ts'],
  audit: [],
  oidc: ['users', 'contracts', 'http'],
  http: [],
  database: [],
};

/** Files at the root of src/ that put the parts together, so they may import anything. */
const ASSEMBLY = ['app.ts', 'server.ts', 'main.ts', 'cli.ts', 'trial.ts', 'trial-secrets.ts'];

/** The files that hold SQL: one for each folder, or several where the folder keeps unlike things. */
const STORE = /\/([a-z]+-)?store\.ts$/;

/** Whether one file of src/ may import another, both by their paths below src/. */
function mayImport(importer: string, imported: string, typeOnly: boolean): boolean {
  const [folder = ''] = importer.split('/');
  if (folder === imported.split('/')[0] || ASSEMBLY.includes(importer)) return true;
  const allowed = MAY_IMPORT[folder];
  if (allowed?.some((name) => imported === name || imported.startsWith(`${name}/`))) return true;
  if (folder === 'sites') return false;
  if (LEAVES.includes(imported)) return true;
  // Whoever works in a unit of work names it; types leave nothing behind.
  if (typeOnly && imported === 'database/stores.ts') return true;
  if (typeOnly && folder === 'mail' && /^credentials\/(invitation-)?store\.ts$/.test(imported)) return true;
  if (STORE.test(importer)) return /^database\/(statement|table|database)\.ts$/.test(imported);
  return importer === 'database/stores.ts' && STORE.test(imported);
}

/** `file: what` for everything that `find` finds in files that are not excepted. */
function offences(
  files: readonly SourceFile[],
  find: (node: Node, file: SourceFile) => string | undefined,
  allowed: (path: string) => boolean = () => false,
): string[] {
  return files
    .filter(({ path }) => !allowed(path))
    .flatMap((file) =>
      file.nodes.flatMap((node) => {
        const found = find(node, file);
        return found === undefined ? [] : [`${file.path}: ${found}`];
      }),
    );
}

/** Importers of packages, apart from imports of types. */
function importersOf(packages: readonly string[], withTypes = false): string[] {
  return src
    .filter(({ imports }) =>
      imports.some(({ from, typeOnly }) => packages.includes(from) && (withTypes || !typeOnly)),
    )
    .map(({ path }) => path);
}

describe('imports', () => {
  test('every folder of src/ has its entry in the table', () => {
    const folders = new Set(
      src.map(({ path }) => path.split('/')).flatMap(([, name, more]) => (more ? [name] : [])),
    );
    expect([...folders].filter((folder) => !(folder && folder in MAY_IMPORT))).toEqual([]);
    const files = src
      .map(({ path }) => path.split('/'))
      .flatMap(([, name, more]) => (more ? [] : [name ?? '']));
    expect(files.filter((file) => ![...ASSEMBLY, ...LEAVES].includes(file))).toEqual([]);
  });

  test('go where the table allows', () => {
    const strays = src.flatMap(({ path, imports }) =>
      imports
        .filter(({ from }) => from.startsWith('src/'))
        .filter(({ from, typeOnly }) => !mayImport(path.slice(4), from.slice(4), typeOnly))
        .map(({ from }) => `${path} imports ${from}`),
    );
    expect(strays).toEqual([]);
  });

  test('leave src/ only for the tables and the trial data', () => {
    const outside = src.flatMap(({ path, imports }) =>
      imports
        .filter(({ from }) => /^(db|test|docs|bench|views|public)\//.test(from))
        .map(({ from }) => `${path} ${from}`),
    );
    expect(outside.sort()).toEqual([
      'src/database/migrate.ts db/migrations/index.ts',
      'src/trial.ts db/seeds/trial.ts',
    ]);
  });

  test('of db/ are knex and nothing of src/', () => {
    const imports = db.flatMap(({ imports }) => imports.map(({ from }) => from));
    expect(imports.filter((from) => !from.startsWith('db/') && from !== 'knex')).toEqual([]);
  });

  test('name each other by their whole file names', () => {
    const own = src.flatMap(({ imports }) => imports).filter(({ from }) => from.startsWith('src/'));
    expect(own.filter(({ from }) => !/\.(ts|js)$/.test(from))).toEqual([]);
  });
});

describe('who sees what', () => {
  test('Koa: only routes, and the parts that are about HTTP', () => {
    const koa = ['koa', '@koa/router', 'koa-mount', 'koa-views', 'koa-helmet', 'raw-body'];
    const allowed = /\/routes\.ts$|^src\/app\.ts$|^src\/(http|oidc|sites)\//;
    expect(importersOf(koa).filter((path) => !allowed.test(path))).toEqual([]);
  });

  test('the types of Koa: no verb and no store either', () => {
    const strays = importersOf(['koa'], true).filter((path) =>
      /\/(([a-z]+-)?store|[a-z]+-(code|user|client|contract))\.ts$/.test(path),
    );
    expect(strays).toEqual([]);
  });

  test('knex: only the database', () => {
    expect(importersOf(['knex'], true).filter((path) => !path.startsWith('src/database/'))).toEqual([]);
  });

  test('SQL: only stores', () => {
    const statements = src.filter(({ imports }) =>
      imports.some(({ from }) => /^src\/database\/(statement|table)\.ts$/.test(from)),
    );
    const strays = statements
      .map(({ path }) => path)
      .filter((path) => !STORE.test(path) && !path.startsWith('src/database/'));
    expect(strays).toEqual([]);
  });

  test('engines: only the database', () => {
    expect(importersOf(['pg', 'sqlite3'], true).filter((path) => !path.startsWith('src/database/'))).toEqual(
      [],
    );
  });

  test('oidc-provider: only oidc/', () => {
    expect(importersOf(['oidc-provider'], true).filter((path) => !path.startsWith('src/oidc/'))).toEqual([]);
  });

  test('nodemailer and SMTP: only mail/', () => {
    expect(importersOf(['nodemailer'], true).filter((path) => !path.startsWith('src/mail/'))).toEqual([]);
  });
});

describe('time, randomness and settings come in through their leaves', () => {
  /** Relying sites stand for programs of others. */
  const isSite = (path: string) => path.startsWith('src/sites/');

  test('nobody asks the machine for the time', () => {
    const allowed = new Set([
      'src/clock.ts',
      // The provider stamps its grants by the machine's clock, and this compares with the stamp.
      'src/oidc/grant.ts',
    ]);
    const found = offences(
      src,
      (node) => {
        if (memberName(node) === 'Date.now') return 'Date.now';
        const isDate = node.type === 'NewExpression' && (node.callee as { value?: string }).value === 'Date';
        return isDate && (node.arguments as unknown[] | undefined)?.length === 0 ? 'new Date()' : undefined;
      },
      (path) => allowed.has(path) || isSite(path),
    );
    expect(found).toEqual([]);
  });

  test('nobody throws dice', () => {
    const dice =
      /^(Math\.random|randomBytes|randomInt|randomUUID|randomFill|randomFillSync|getRandomValues)$/;
    const found = offences(
      src,
      (node) => {
        const name = memberName(node) ?? (node.type === 'Identifier' ? String(node.value) : '');
        return dice.test(name) ? name : undefined;
      },
      (path) => path === 'src/secrets.ts' || isSite(path),
    );
    expect(found).toEqual([]);
  });

  test('nobody reads the environment', () => {
    const found = offences(
      src,
      (node) => (memberName(node) === 'process.env' ? 'process.env' : undefined),
      (path) => path === 'src/cli.ts' || path === 'src/config.ts',
    );
    expect(found).toEqual([]);
  });
});

describe('tables', () => {
  /** `knex('users')`, `table('users', …)`: the tables that a file touches. */
  const tablesOf = ({ nodes }: SourceFile) =>
    nodes.flatMap((node) => {
      if (node.type !== 'CallExpression') return [];
      if (!/^(knex|table|sweepOf)$/.test((node.callee as { value?: string }).value ?? '')) return [];
      const [first] = node.arguments as readonly { expression: { type: string; value?: unknown } }[];
      return first?.expression.type === 'StringLiteral' ? [String(first.expression.value)] : [];
    });

  test('each belongs to one store', () => {
    const owners = new Map<string, Set<string>>();
    for (const file of src.filter(({ path }) => STORE.test(path))) {
      for (const table of tablesOf(file)) owners.set(table, (owners.get(table) ?? new Set()).add(file.path));
    }
    expect(owners.size).toBeGreaterThan(10);
    expect([...owners].filter(([, files]) => files.size > 1)).toEqual([]);
    const elsewhere = src
      .filter(({ path }) => !STORE.test(path) && !path.startsWith('src/database/'))
      .flatMap(tablesOf);
    expect(elsewhere).toEqual([]);
  });

  test('what can be spent once is spent by an update that demands that it is not spent', () => {
    const spending = src.flatMap((file) =>
      file.nodes
        .filter((node) => node.type === 'CallExpression' && isMethod(node, 'update'))
        .map((node) => file.textOf(node))
        .flatMap((text) => {
          const column = /\.update\(\s*\{[^}]*\b(spent_at|consumed_at):/.exec(text)?.[1];
          return column === undefined ? [] : [{ column, guarded: text.includes(`.whereNull('${column}')`) }];
        }),
    );
    expect([...new Set(spending.map(({ column }) => column))].sort()).toEqual(['consumed_at', 'spent_at']);
    expect(spending.filter(({ guarded }) => !guarded)).toEqual([]);
  });
});

function isMethod(node: Node, name: string): boolean {
  const { property } = node.callee as { property?: { value?: string } };
  return property?.value === name;
}

describe('sizes', () => {
  const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
  /** The smallest value that this part of all values does not exceed. */
  const quantile = (numbers: readonly number[], part: number) =>
    sorted(numbers)[Math.ceil(numbers.length * part) - 1] ?? 0;
  const files = [...src, ...db];

  test('files: half have at most 80 lines, 9 of 10 at most 200', () => {
    const lines = files.map((file) => file.lines);
    expect(quantile(lines, 0.5)).toBeLessThanOrEqual(80);
    expect(quantile(lines, 0.9)).toBeLessThanOrEqual(200);
  });

  test('functions: 9 of 10 have at most 40 lines', () => {
    expect(quantile(files.flatMap(functionLengths), 0.9)).toBeLessThanOrEqual(40);
  });
});
