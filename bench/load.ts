/** What a run of one operation gave. Times in milliseconds. */
export interface Load {
  done: number;
  failed: number;
  /** The first error's message. */
  firstError?: string;
  elapsedMs: number;
  /** Sorted, one per operation that succeeded. */
  latencies: number[];
}

/**
 * Runs an operation `count` times, `concurrency` at once: each of the workers begins its next one when its last has
 * ended. The operation gets the number of its worker.
 */
export async function runLoad(
  count: number,
  concurrency: number,
  operation: (worker: number) => Promise<void>,
): Promise<Load> {
  const load: Load = { done: 0, failed: 0, elapsedMs: 0, latencies: [] };
  let left = count;
  const work = async (worker: number): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const start = performance.now();
      try {
        await operation(worker);
        load.latencies.push(performance.now() - start);
        load.done += 1;
      } catch (error) {
        load.failed += 1;
        load.firstError ??= error instanceof Error ? error.message : String(error);
      }
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: concurrency }, (_, worker) => work(worker)));
  load.elapsedMs = performance.now() - start;
  load.latencies.sort((a, b) => a - b);
  return load;
}

/** The p-quantile (0 to 1, nearest rank) of sorted numbers; NaN when there are none. */
export function quantile(sorted: readonly number[], p: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? Number.NaN;
}

/** The middle one of a few numbers, or the mean of the middle two. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}
