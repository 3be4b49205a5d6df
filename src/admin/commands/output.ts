/** How commands print: one JSON value with --json, otherwise short aligned lines. */
import type { Command } from 'commander';

export interface OutputOptions {
  readonly json?: boolean;
}

/** Gives a command its `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON value');
}

/** @param lines what people read, built only when it is wanted */
export function print({ json }: OutputOptions, value: unknown, lines: () => string): void {
  console.log(json ? JSON.stringify(value, null, 2) : lines());
}

/** `name  value` lines; what is null or undefined is left out, lists take a line for each item. */
export function fields(entries: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(entries).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values
      .filter((each) => each !== null && each !== undefined)
      .map((each, index) => [index === 0 ? name : '', short(each)]);
  });
  return aligned(rows);
}

/** A table with a head. @param empty what to say when there are no rows */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[], empty: string): string {
  if (rows.length === 0) return empty;
  return aligned([head, ...rows.map((row) => row.map((value) => short(value ?? '-')))]);
}

/** Nested settings as `lock.tries` and their values. */
export function flatten(value: unknown, path = ''): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { [path]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => flatten(inner, path === '' ? key : `${path}.${key}`)),
  );
}

const MOST = 200;

function short(value: unknown): string {
  // A mail server's reply may have several lines.
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\p{Cc}+/gu, ' ');
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    }
  }
  return rows
    .map((row) =>
      row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Columns on a terminal: East Asian letters take two. */
function width(text: string): number {
  return [...text].reduce(
    (sum, letter) => sum + (/[ᄀ-ᅟ⺀-꓏가-힣豈-﫿︰-﹯＀-｠￠-￦]/u.test(letter) ? 2 : 1),
    0,
  );
}
