/** How often passwords may be judged for one registration or recovery: that takes time. */
import type { Stores } from '../database/stores.ts';

/** Far more than anybody types: on the meter beside the field, and by sending the form. */
const RATES = { meter: { points: 300, seconds: 600 }, form: { points: 100, seconds: 600 } } as const;

/**
 * Inside a unit of work.
 * @param id of the invitation or the attempt that the password is for @param now ms
 * @returns null when it is allowed, else when the window ends (ms)
 */
export function countJudgement(
  { rates }: Stores,
  id: string,
  where: keyof typeof RATES,
  now: number,
): Promise<number | null> {
  return rates.take(`${where}:${id}`, RATES[where], now);
}
