/** The project's own source, read as code: what each file imports, calls and how long its functions are. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Import {
  /** As it is written, or for the project's own files the path from the repository's root. */
  readonly from: string;
  readonly typeOnly: boolean;
}

/** A node of the syntax tree. */
export interface Node {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [key: string]: unknown;
}

export interface SourceFile {
  /** From the repository's root: `src/users/store.ts`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Every node, outer before inner. */
  readonly nodes: readonly Node[];
  textOf(node: Node): string;
}

/** All TypeScript files below a folder of the repository. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(`${folder}/${name.replaceAll('\\', '/')}`));
}

function readSource(path: string): SourceFile {
  const bytes = readFileSync(join(ROOT, path));
  const text = bytes.toString('utf8');
  const module = parseSync(text, { syntax: 'typescript', target: 'es2024' }) as unknown as Node;
  const nodes = [...walk(module)];
  const textOf = ({ span }: Node) =>
    span ? bytes.subarray(span.start - 1, span.end - 1).toString('utf8') : '';
  return {
    path,
    lines: text.trimEnd().split('\n').length,
    imports: nodes.flatMap((node) => importsOf(node, path)),
    nodes,
    textOf,
  };
}

function* walk(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value && typeof value.type === 'string') yield value as Node;
  for (const inner of Object.values(value)) yield* walk(inner);
}

function importsOf(node: Node, path: string): Import[] {
  const source = (node.source as { value?: string } | null | undefined)?.value;
  if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type) && source !== undefined) {
    const specifiers = (node.specifiers ?? []) as readonly { isTypeOnly?: boolean }[];
    const onlyTypes = specifiers.length > 0 && specifiers.every(({ isTypeOnly }) => isTypeOnly);
    return [{ from: resolved(source, path), typeOnly: node.typeOnly === true || onlyTypes }];
  }
  if (node.type === 'TsImportType') {
    const { value } = node.argument as { value: string };
    return [{ from: resolved(value, path), typeOnly: true }];
  }
  if (node.type === 'CallExpression' && (node.callee as Node).type === 'Import') {
    const [first] = node.arguments as readonly { expression: { value?: string } }[];
    return [{ from: resolved(first?.expression.value ?? '', path), typeOnly: false }];
  }
  return [];
}

function resolved(specifier: string, importer: string): string {
  return specifier.startsWith('.') ? join(importer, '..', specifier) : specifier;
}

/** `Date.now`, `process.env`: the name of a member that is reached by plain names. */
export function memberName(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const [object, property] = [node.object, node.property] as { type: string; value?: string }[];
  return object?.type === 'Identifier' && property?.type === 'Identifier'
    ? `${object.value}.${property.value}`
    : undefined;
}

/** Lines of every function of a file that has a body of its own. */
export function functionLengths({ nodes, textOf }: SourceFile): number[] {
  return nodes
    .filter(({ type, body }) => body && /^(Function|Arrow|ClassMethod|Constructor|MethodProperty)/.test(type))
    .map((node) => textOf(node).split('\n').length)
    .filter((lines) => lines > 1);
}
