/** One try to hand a mail over. */
import type { Clock } from '../clock.ts';
import { deriveCode } from '../credentials/one-time-code.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { Secrets } from '../secrets.ts';
import type { ClearCode } from './bodies.ts';
import { BadAddress, compose, type Message } from './compose.ts';
import type { NewMail } from './mail.ts';
import type { Handover, Transport } from './transport.ts';

/**
 * `too_late`: it had to be given up before a mail server took it. `not_needed`: its code was used meanwhile.
 * `faulty`: it could not even be made, which another version or setting may cure.
 */
export type SendOutcome =
  | Handover
  | { readonly outcome: 'too_late' | 'not_needed' }
  | { readonly outcome: 'faulty'; readonly reply: string; readonly fault: unknown };

export interface SendContext {
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly transport: Transport;
  /** MAIL_FROM */
  readonly from: string;
  findCode(id: string): Promise<OneTimeCode | undefined>;
}

/**
 * Makes the message of a mail and hands it over, unless that is no use any more.
 * @param known the mail's code where the caller has it; else it is looked up
 * @throws what `findCode` throws
 */
export async function sendMail(
  mail: NewMail,
  known: OneTimeCode | null,
  context: SendContext,
): Promise<SendOutcome> {
  const now = context.clock.now();
  if (now >= mail.giveUpAt) return { outcome: 'too_late' };
  const code = mail.codeId === null ? undefined : (known ?? (await context.findCode(mail.codeId)));
  if (mail.codeId !== null) {
    if (!code || code.expiresAt <= now) return { outcome: 'too_late' };
    if (code.spentAt !== null) return { outcome: 'not_needed' };
  }
  const made = make(mail, code, context);
  return 'outcome' in made ? made : context.transport.send(made);
}

function make(
  mail: NewMail,
  code: OneTimeCode | undefined,
  { secrets, from }: SendContext,
): Message | SendOutcome {
  try {
    const clear: ClearCode | null = code
      ? { digits: deriveCode(secrets, code), expiresAt: code.expiresAt }
      : null;
    return compose(mail, clear, from);
  } catch (fault) {
    if (fault instanceof BadAddress) return { outcome: 'refused', reply: fault.message };
    return { outcome: 'faulty', reply: 'the message could not be made', fault };
  }
}
