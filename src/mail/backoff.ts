/** When a mail that could not be handed over is tried again. */
import { HOUR, SECOND } from '../clock.ts';
import type { NewMail } from './mail.ts';

const FIRST = 5 * SECOND;
const FACTOR = 3;
const LONGEST = HOUR;
/** A tenth of a mail's life at most: somebody waits for a code of ten minutes, so it is tried every minute. */
const SHARE = 10;
const JITTER = 0.2;

/**
 * @param tries made so far, this one included
 * @returns milliseconds since the epoch, `giveUpAt` at the latest
 */
export function nextTry(mail: NewMail, tries: number, now: number): number {
  const longest = Math.min(LONGEST, Math.max(FIRST, (mail.giveUpAt - mail.createdAt) / SHARE));
  const wait = Math.min(longest, FIRST * FACTOR ** Math.min(tries - 1, 20));
  return Math.min(mail.giveUpAt, Math.round(now + wait * (1 + JITTER * spread(mail.id, tries))));
}

/** From -1 to 1. Mail ids are random, so mails that failed together do not come back together. */
function spread(id: string, tries: number): number {
  const bytes = Buffer.from(id);
  return ((bytes[tries % bytes.length] ?? 0) % 32) / 15.5 - 1;
}
