import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

const KINDS = [
  'login',
  'password',
  'password+otp',
  'refresh',
  'client_credentials',
  'userinfo',
  'introspection',
  'discovery',
] as const;
export type Kind = (typeof KINDS)[number];
/** What a run can be made of. */
const PARTS = [...KINDS, 'import'] as const;
/** Kinds that are complete logins; with a password the baseline has none of them. */
export const LOGIN_KINDS = ['login', 'password', 'password+otp'] as const satisfies readonly Kind[];
export type LoginKind = (typeof LOGIN_KINDS)[number];

export function isLogin(kind: Kind): kind is LoginKind {
  return (LOGIN_KINDS as readonly Kind[]).includes(kind);
}

export interface Options {
  kinds: readonly Kind[];
  rounds: number;
  /** Logins of a cell at 8 and 32 at once; a sixth of it at 1. */
  logins: number;
  /** Requests of a cell of the other kinds. */
  requests: number;
  /** Users in a file to be imported; null: nothing is imported. */
  importRows: number | null;
  /** Operations of each kind before the first round. */
  warmUp: number;
  database: 'sqlite' | 'postgres';
  targets: readonly ('baseline' | 'sekisho')[];
  /** Where the temporary folder with the database is made: on a disk like the one to be measured. */
  folder: string;
  /** Where the numbers of every round go as JSON. */
  json?: string;
}

export const USAGE = `npm run bench -- [options]
  --quick                  about a minute: small cells, one round
  --only <kind>            one of ${PARTS.join(', ')}; may be repeated
  --rounds <n>             rounds of baseline and Sekisho in turn (3; quick: 1)
  --logins <n>             logins in a cell (3000; quick: 600)
  --database <engine>      sqlite or postgres (sqlite)
  --target <server>        baseline or sekisho; both when not given
  --folder <path>          where the temporary folder with the database is made (the system's)
  --json <file>            the numbers of every round
`;

function oneOf<T extends string>(value: string, allowed: readonly T[], flag: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${flag}: ${value} is none of ${allowed.join(', ')}`);
  return found;
}

function positive(value: string | undefined, fallback: number, flag: string): number {
  const number = Number(value ?? fallback);
  if (!Number.isInteger(number) || number < 1 || number > 100_000)
    throw new Error(`${flag}: ${value} is no count`);
  return number;
}

/** Reads the command line; throws with what is wrong. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      logins: { type: 'string' },
      database: { type: 'string' },
      target: { type: 'string' },
      folder: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const quick = values.quick ?? false;
  const logins = positive(values.logins, quick ? 600 : 3000, '--logins');
  const only = values.only?.map((part) => oneOf(part, PARTS, '--only')) ?? PARTS;
  const kinds = KINDS.filter((kind) => only.includes(kind));
  return {
    kinds,
    rounds: positive(values.rounds, quick ? 1 : 3, '--rounds'),
    logins,
    requests: quick ? 2000 : 10_000,
    importRows: only.includes('import') ? (quick ? 20_000 : 200_000) : null,
    warmUp: quick ? 1000 : 4000,
    database: oneOf(values.database ?? 'sqlite', ['sqlite', 'postgres'], '--database'),
    targets: values.target
      ? [oneOf(values.target, ['baseline', 'sekisho'], '--target')]
      : kinds.length > 0
        ? ['baseline', 'sekisho']
        : ['sekisho'],
    folder: values.folder ?? tmpdir(),
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}
