/** How a change in between is noticed and refused: rows are written only as they were read (`updated_at`). */
import { SekishoError } from '../errors.ts';

/** Of two changes at once one is refused, so that none is lost. */
export function changedMeanwhile(what: string): SekishoError {
  return new SekishoError('invalid_input', `${what} was changed by someone else meanwhile: try again`);
}

/** The time of a change, never the same twice for one row: by this a change in between is noticed. */
export function laterThan(before: number, now: number): number {
  return Math.max(now, before + 1);
}
