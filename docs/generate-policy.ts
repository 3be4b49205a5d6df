/** Writes docs/policy.md from the schema in src/contracts/policy.ts: `node docs/generate-policy.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { policySchema } from '../src/contracts/policy.ts';
import { DEFAULT_SECRET_QUESTIONS } from '../src/contracts/secret-questions.ts';

const SCHEMA = join(import.meta.dirname, '..', 'src', 'contracts', 'policy.ts');
export const PAGE = join(import.meta.dirname, 'policy.md');

/** What the schema's comments leave to the names. */
const MEANINGS: Readonly<Record<string, string>> = {
  'code.digits': 'Digits of a one-time password.',
  'administrator.name': 'Who enters the users: named in the mail that tells a user so.',
  'support_desk.name': 'Who helps users of this contract: named on pages and in mails where a user may need help.',
  'support_desk.email': 'Mail address of the support desk.',
  'support_desk.phone': 'Telephone number of the support desk.',
  'support_desk.hours': 'When it answers, in words.',
  'support_desk.url': 'Page of the support desk.',
  'appearance.logo': 'Picture in the head of pages. It travels inside the page, so that nothing is loaded from elsewhere.',
  points: 'How many.',
  seconds: 'In how many seconds.',
};

/** What the schema says in code and not in words. */
const VALUES: Readonly<Record<string, string>> = {
  time_zone: 'IANA name, such as `Europe/Berlin`',
  'support_desk.phone': 'digits, `+`, `-`, `(`, `)` and spaces',
  'appearance.logo': '`data:` URL of a PNG, JPEG or WebP image, 90,000 characters at most',
  'appearance.colour': '`#rrggbb`',
  'secret_question.questions':
    '1 to 30 of `{"id": "first_pet", "ja": "…", "en": "…"}`; the id stays when the words are mended',
};

/** Defaults that are too long for a table. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'secret_question.questions': `${DEFAULT_SECRET_QUESTIONS.length} questions, which \`contract show\` prints`,
};

export const EXAMPLE = {
  support_desk: {
    name: 'サポート窓口',
    phone: '03-1234-5678',
    hours: '平日 9:00～17:00',
  },
  lock: { tries: 5, unlock_after_minutes: 30 },
  unknown_user: 'silent',
  appearance: { name: '電子調達ポータル', colour: '#0017c1' },
};

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

interface Setting {
  readonly path: string;
  readonly schema: Schema;
  readonly required: boolean;
}

/** The page. @throws Error when a setting has no meaning, in the schema's comments or here */
export function policyReference(): string {
  const schema = z.toJSONSchema(policySchema, { io: 'input' }) as Schema;
  const comments = commentsOf(readFileSync(SCHEMA, 'utf8'));
  const rows = settingsOf(schema).map(
    ({ path, schema, required }) =>
      `| \`${path}\` | ${valuesOf(path, schema)} | ${DEFAULTS[path] ?? defaultOf(schema, required)} | ${meaningOf(path, comments)} |`,
  );
  return `# Policy of a contract

<!-- Written by docs/generate-policy.ts from src/contracts/policy.ts; change it there. -->

A contract's rules are one JSON object. It holds what differs from the defaults, and what it does not set follows the
defaults of the running version. \`sekisho contract show <id>\` prints the complete policy; \`contract create\` and
\`contract update\` take a file by \`--policy\`. An update replaces everything that was set before and takes effect at once.
A file with a fault changes nothing: every fault is named by its path.

\`\`\`json
${JSON.stringify(EXAMPLE, null, 2)}
\`\`\`

A dot stands for nesting: \`lock.tries\` is \`{"lock": {"tries": 5}}\`.

| Setting | Values | Default | Meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

\`user_id.case_sensitive\` cannot be changed while the contract has users.
`;
}

/** All settings that are no groups, in the schema's order. */
function settingsOf({ properties = {}, required = [] }: Schema, prefix = ''): Setting[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    return schema.properties
      ? settingsOf(schema, `${path}.`)
      : [{ path, schema, required: required.includes(name) && schema.default === undefined }];
  });
}

/** The comment before each property of the schema, by path: nesting is read from the indentation. */
function commentsOf(source: string): Map<string, string> {
  const comments = new Map<string, string>();
  const names: string[] = [];
  let comment = '';
  const body = source.slice(source.indexOf('export const policySchema'));
  for (const [, indent = '', text = '', name] of body.matchAll(
    /^( +)(?:\/\*\*((?:(?!\*\/)[^])*)\*\/|(\w+):)/gm,
  )) {
    if (name === undefined) {
      comment = text.replace(/\s*\n\s*\*?\s*/g, ' ').trim();
      continue;
    }
    // `.strictObject({` on a line of its own indents by one more step.
    const depth = indent.length === 2 ? 0 : 1;
    names.splice(depth, names.length, name);
    if (comment) comments.set(names.join('.'), comment);
    comment = '';
  }
  return comments;
}

function meaningOf(path: string, comments: ReadonlyMap<string, string>): string {
  const [group, name, part] = path.split('.');
  const own = comments.get(path) ?? MEANINGS[path];
  if (own !== undefined) return own;
  const whole = comments.get(`${group}.${name}`);
  if (part === undefined || whole === undefined) throw new Error(`${path} has no meaning`);
  return `${whole} ${MEANINGS[part]}`;
}

function valuesOf(path: string, schema: Schema): string {
  const known = VALUES[path];
  if (known !== undefined) return known;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.items) return `list of ${valuesOf(`${path}[]`, schema.items)}`;
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'integer') return `${counted(schema.minimum)} to ${counted(schema.maximum)}`;
  if (schema.format === 'email') return 'mail address';
  if (schema.format === 'uri') return 'http or https URL';
  return `text, ${counted(schema.maxLength)} characters at most`;
}

function counted(number: number | undefined): string {
  if (number === undefined) throw new Error('a number or a text has no limit');
  return number.toLocaleString('en');
}

function defaultOf(schema: Schema, required: boolean): string {
  if (required) return 'must be set with its group';
  return schema.default === undefined ? '–' : `\`${JSON.stringify(schema.default)}\``;
}

if (import.meta.main) writeFileSync(PAGE, policyReference());
