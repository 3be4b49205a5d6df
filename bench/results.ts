import type { Cell, Measured } from './cells.ts';
import type { ImportMeasured } from './import.ts';
import { median } from './load.ts';
import type { Machine } from './machine.ts';
import type { Options } from './options.ts';
import type { Target } from './target.ts';

type ServerName = Target['name'];

/** A server as found at its start. */
export interface ServerFacts {
  name: ServerName;
  readyMs: number[];
  idleRssMb: number;
}

/** All rounds of one cell on one server. */
export interface Row {
  cell: Cell;
  server: ServerName;
  rounds: Measured[];
}

export interface Results {
  machine: Machine;
  pinned: boolean;
  options: Options;
  servers: ServerFacts[];
  rows: Row[];
  imports: ImportMeasured[];
}

type NumberOf = {
  [K in keyof Measured]-?: Measured[K] extends number | undefined ? K : never;
}[keyof Measured];

/** The median of a value over the rounds; NaN where it was not measured. */
export function middle(row: Row, value: NumberOf): number {
  return median(row.rounds.map((round) => round[value] ?? Number.NaN));
}

/** The row of a server's cell at 8 at once (or another number) of a kind, notices off. */
export function rowOf(
  results: Results,
  server: ServerName,
  kind: Cell['kind'],
  concurrency = 8,
): Row | undefined {
  return results.rows.find(
    ({ cell, server: name }) =>
      name === server && cell.kind === kind && cell.concurrency === concurrency && !cell.notices,
  );
}

/** What went wrong, a line for each row with failures. */
export function failures(results: Results): string[] {
  return results.rows.flatMap(({ cell, server, rounds }) => {
    const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
    const first = rounds.find((round) => round.firstError !== undefined)?.firstError;
    return failed > 0
      ? [`${server}, ${cell.kind} at ${cell.concurrency}: ${failed} failed, first: ${first}`]
      : [];
  });
}
