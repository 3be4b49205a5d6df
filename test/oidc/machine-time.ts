/**
 * Moves the time that the whole program sees, the provider's own included. An installation's TestClock moves ours only;
 * it follows the machine's, so this moves it as well.
 */
import { jest } from '@jest/globals';

const machine = Date.now.bind(Date);
let ahead = 0;
let moved: { mockRestore(): void } | undefined;

export const SECOND = 1000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** @param ms how much later it is from now on */
export function passTime(ms: number): void {
  ahead += ms;
  moved = jest.spyOn(Date, 'now').mockImplementation(() => machine() + ahead);
}

/** To be called after each test that moved the time. */
export function backToNow(): void {
  ahead = 0;
  moved?.mockRestore();
}
