/** How far an import is, on standard error: one line that is written over on a terminal, else a line now and then. */

/** Between two lines (ms). */
const ON_TERMINAL = 200;
const ELSEWHERE = 2000;

const WORDS = { checking: 'checked', importing: 'imported' } as const;

export class ImportProgress {
  readonly #wanted: boolean;
  readonly #terminal = process.stderr.isTTY;
  #step: keyof typeof WORDS | undefined;
  /** By the machine's monotonic clock: it is about work. */
  #began = 0;
  #shown = 0;
  /** Of the line that stands there. */
  #length = 0;

  constructor(wanted: boolean) {
    this.#wanted = wanted;
  }

  /** @param done 0 to 1 */
  readonly show = (step: keyof typeof WORDS, done: number, rows: number): void => {
    if (!this.#wanted) return;
    const now = performance.now();
    if (step !== this.#step) {
      this.#step = step;
      this.#began = now;
    } else if (done < 1 && now - this.#shown < (this.#terminal ? ON_TERMINAL : ELSEWHERE)) return;
    this.#shown = now;
    this.#write(progressLine(step, done, rows, now - this.#began));
  };

  end(): void {
    if (this.#terminal && this.#length > 0) process.stderr.write('\n');
  }

  #write(line: string): void {
    if (!this.#terminal) {
      process.stderr.write(`${line}\n`);
      return;
    }
    process.stderr.write(`\r${line.padEnd(this.#length)}`);
    this.#length = line.length;
  }
}

/** @param ms since the step began */
export function progressLine(step: keyof typeof WORDS, done: number, rows: number, ms: number): string {
  const part = Math.min(100, Math.floor(done * 100));
  const said = `${WORDS[step]} ${rows.toLocaleString('en')} rows (${part} %)`;
  if (ms <= 0 || done <= 0) return said;
  const rate = Math.round((rows / ms) * 1000).toLocaleString('en');
  return `${said}, ${rate} rows/s, about ${timeLeft((ms / done) * (1 - done))} left`;
}

function timeLeft(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
