/** The mails of an invitation, as the contract delivers it (policy registration.delivery). */
import type { Contract } from '../contracts/contract.ts';
import type { Invitation } from '../credentials/invitation-store.ts';
import type { Stores } from '../database/stores.ts';
import type { Administrator, MailContent, NewMail } from '../mail/mail.ts';
import { newId } from '../secrets.ts';
import { type Addressee, aboutUser, type Installation, localeOf } from './about.ts';

/**
 * Registration URL and initial OTP in one mail, or in two; or the user is told that the administrator has them, and the
 * administrator gets them (where the contract names addresses of administrators). Not yet in the outbox.
 * @param dueAt not sent before (ms)
 */
export function invitationMails(
  addressee: Addressee,
  invitation: Invitation,
  installation: Installation,
  dueAt: number = invitation.createdAt,
): NewMail[] {
  const { contract, user, addresses } = addressee;
  const about = { ...aboutUser(addressee, installation), expiresAt: invitation.expiresAt };
  const { codeId, createdAt } = invitation;
  const locale = localeOf(contract, user, installation);
  const toUser = (content: MailContent, carriedCode: string | null) =>
    addresses.map((recipient) =>
      mailOf(invitation, { recipient, locale, content, codeId: carriedCode, createdAt, dueAt }),
    );
  switch (contract.policy.registration.delivery) {
    case 'one_mail':
      return toUser({ kind: 'invitation', ...about }, codeId);
    case 'two_mails':
      return [
        ...toUser({ kind: 'invitation', ...about }, null),
        ...toUser({ kind: 'invitation_code', ...about }, codeId),
      ];
    case 'administrator': {
      const { expiresAt: _, ...rest } = about;
      const administrator = administratorOf(contract);
      const handover: MailContent = { kind: 'handover', ...about };
      return [
        ...toUser({ kind: 'invitation_notice', ...rest, administrator }, null),
        ...administratorAddresses(contract).map((recipient) => {
          const theirs = localeOf(contract, null, installation);
          return mailOf(invitation, {
            recipient,
            locale: theirs,
            content: handover,
            codeId,
            createdAt,
            dueAt,
          });
        }),
      ];
    }
  }
}

/**
 * The reminder of an unused invitation. It repeats the initial OTP only where that came in the same mail as the URL: what
 * is kept apart stays apart.
 * @param now ms
 */
export function reminderMails(
  addressee: Addressee,
  invitation: Invitation,
  installation: Installation,
  now: number,
): NewMail[] {
  const { contract, user, addresses } = addressee;
  const { expiresAt } = invitation;
  const content: MailContent = {
    kind: 'invitation_reminder',
    ...aboutUser(addressee, installation),
    expiresAt,
  };
  const together = contract.policy.registration.delivery === 'one_mail';
  const codeId = together ? invitation.codeId : null;
  const locale = localeOf(contract, user, installation);
  return addresses.map((recipient) =>
    mailOf(invitation, { recipient, locale, content, codeId, createdAt: now, dueAt: now }),
  );
}

/** Where mails to the contract's administrators go. */
export function administratorAddresses({ policy }: Contract): readonly string[] {
  return policy.administrator?.emails ?? [];
}

/** Inside a unit of work: the user's addresses that receive mail now. */
export async function receivingAddresses({ users }: Stores, sub: string): Promise<string[]> {
  const devices = await users.devices(sub);
  return devices.filter(({ confirmedAt }) => confirmedAt !== null).map(({ address }) => address);
}

function administratorOf({ policy }: Contract): Administrator | null {
  const { administrator } = policy;
  return administrator ? { name: administrator.name, company: administrator.company ?? null } : null;
}

function mailOf(
  { id, contractId, expiresAt }: Invitation,
  mail: Pick<NewMail, 'recipient' | 'locale' | 'content' | 'codeId' | 'createdAt' | 'dueAt'>,
): NewMail {
  return { id: newId(), contractId, invitationId: id, attemptId: null, giveUpAt: expiresAt, ...mail };
}
