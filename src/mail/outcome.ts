/** What follows from a try: the words for the log, and what the outbox is to say. */
import type { Logger } from 'pino';
import { nextTry } from './backoff.ts';
import type { Mail, Settlement } from './mail.ts';
import type { SendOutcome } from './send-mail.ts';

/** The settlement of a mail after a try that ended at `now` (ms). */
export function settlementOf(outcome: SendOutcome, mail: Mail, now: number): Settlement {
  switch (outcome.outcome) {
    case 'accepted':
      return { state: 'handed_over', tried: true, reply: outcome.reply, at: now };
    case 'refused':
      return { state: 'refused', tried: true, reply: outcome.reply, at: now };
    case 'deferred':
    case 'faulty':
      return { state: 'waiting', tried: true, reply: outcome.reply, at: nextTry(mail, mail.tries + 1, now) };
    case 'too_late':
    case 'not_needed':
      return { state: 'given_up', tried: false, reply: null, at: now };
  }
}

/** Logs an outcome without addresses, as loud as it is bad. */
export function logOutcome(logger: Logger, outcome: SendOutcome, mail: Mail): void {
  const about = {
    mail: mail.id,
    kind: mail.content.kind,
    contract: mail.contractId,
    tries: mail.tries,
    reply: 'reply' in outcome ? outcome.reply : mail.lastReply,
  };
  switch (outcome.outcome) {
    case 'accepted':
      logger.debug(about, 'mail handed over');
      break;
    case 'refused':
      logger.warn(about, 'mail refused by the mail server');
      break;
    case 'deferred':
      logger.info(about, 'mail deferred');
      break;
    case 'not_needed':
      logger.info(about, 'mail not sent: what it is about was used or replaced');
      break;
    case 'too_late':
      logger.error(about, 'mail given up');
      break;
    case 'faulty':
      logger.error({ ...about, err: outcome.fault }, 'mail could not be made');
      break;
  }
}
