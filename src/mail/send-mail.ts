/** One try to hand a mail over. */
import type { Clock } from '../clock.ts';
import { registrationUrl } from '../credentials/invitation.ts';
import type { Invitation } from '../credentials/invitation-store.ts';
import { deriveCode } from '../credentials/one-time-code.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { Secrets } from '../secrets.ts';
import { BadAddress, compose, type Message } from './compose.ts';
import type { NewMail } from './mail.ts';
import type { Handover, Transport } from './transport.ts';

/**
 * `too_late`: it had to be given up before a mail server took it. `not_needed`: its code or invitation was used or replaced
 * meanwhile. `faulty`: it could not even be made, which another version or setting may cure.
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
  /** Origin of the registration URLs. */
  readonly issuer: string;
  findCode(id: string): Promise<OneTimeCode | undefined>;
  findInvitation(id: string): Promise<Invitation | undefined>;
}

/** What a mail carries, not yet in clear; null: it carries none. */
interface Ingredients {
  readonly code: OneTimeCode | null;
  readonly invitation: Invitation | null;
}

/**
 * Makes the message of a mail and hands it over, unless that is no use any more.
 * @param known the mail's code where the caller has it; else it is looked up
 * @throws what `findCode` and `findInvitation` throw
 */
export async function sendMail(
  mail: NewMail,
  known: OneTimeCode | null,
  context: SendContext,
): Promise<SendOutcome> {
  const now = context.clock.now();
  if (now >= mail.giveUpAt) return { outcome: 'too_late' };
  const invitation = mail.invitationId === null ? null : await context.findInvitation(mail.invitationId);
  // A new invitation stands in the place of the old.
  if (invitation === undefined) return { outcome: 'not_needed' };
  const code = mail.codeId === null ? null : (known ?? (await context.findCode(mail.codeId)));
  if (code === undefined) return { outcome: 'too_late' };
  for (const each of [invitation, code]) {
    if (each && each.spentAt !== null) return { outcome: 'not_needed' };
    if (each && each.expiresAt <= now) return { outcome: 'too_late' };
  }
  const made = make(mail, { code, invitation }, context);
  return 'outcome' in made ? made : context.transport.send(made);
}

function make(
  mail: NewMail,
  { code, invitation }: Ingredients,
  { secrets, from, issuer }: SendContext,
): Message | SendOutcome {
  try {
    const carried = {
      code: code && { digits: deriveCode(secrets, code), expiresAt: code.expiresAt },
      registrationUrl: invitation && registrationUrl(issuer, secrets, invitation),
    };
    return compose(mail, carried, from);
  } catch (fault) {
    if (fault instanceof BadAddress) return { outcome: 'refused', reply: fault.message };
    return { outcome: 'faulty', reply: 'the message could not be made', fault };
  }
}
