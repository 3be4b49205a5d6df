/** Work that comes round every minute beside the requests. */
import { MINUTE, SECOND } from '../clock.ts';

const EVERY = MINUTE;
/** How long one round may take; what is left then waits for the next. */
const LONGEST = 30 * SECOND;

/** By the machine's monotonic clock, not the program's: it is about work, not about what is due. */
export function within(ms: number = LONGEST): () => boolean {
  const until = performance.now() + ms;
  return () => performance.now() < until;
}

/**
 * Runs a round every minute; one that takes longer is followed by the next whose turn it is.
 * @param round is told by `goOn` when it should end early
 * @param failed told of a round that could not be finished @returns stops it, after the unit of work under way
 */
export function startRounds(
  round: (goOn: () => boolean) => Promise<unknown>,
  failed: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<unknown> | undefined;
  let stopped = false;
  const timer = setInterval(() => {
    if (running) return;
    const inTime = within();
    running = round(() => !stopped && inTime())
      .catch(failed)
      .finally(() => {
        running = undefined;
      });
  }, EVERY);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}
