/** Reminders of invitations that nobody has used. */
import type { Invitation } from '../credentials/invitation-store.ts';
import type { Stores } from '../database/stores.ts';
import { contractSites } from '../oidc/contract-sites.ts';
import { mayRegister } from '../users/user.ts';
import { receivingAddresses, reminderMails } from './invitation-mails.ts';
import type { RemindingParts } from './validity-reminders.ts';

/** Invitations in one round, so that an import of many is no flood of mails. */
const MOST = 1000;

/** Each in a unit of work of its own. @returns of how many */
export async function remindOfInvitations(parts: RemindingParts, goOn: () => boolean): Promise<number> {
  const { uow, clock } = parts;
  let reminded = 0;
  for (const invitation of await uow.read(({ invitations }) => invitations.dueReminders(clock.now(), MOST))) {
    if (!goOn()) break;
    if (await uow.write((stores) => remindOf(stores, parts, invitation))) reminded += 1;
  }
  return reminded;
}

/** @returns false when another was quicker, or there is nothing to remind of any more */
async function remindOf(
  stores: Stores,
  { clock, installation }: RemindingParts,
  invitation: Invitation,
): Promise<boolean> {
  const now = clock.now();
  if (!(await stores.invitations.takeReminder(invitation.id, now))) return false;
  const user = await stores.users.find(invitation.userSub);
  const contract = await stores.contracts.find(invitation.contractId);
  if (!user || !contract || invitation.expiresAt <= now || !mayRegister(user, now)) return false;
  const sites = await contractSites(stores, contract.id, installation.issuer);
  const addresses = await receivingAddresses(stores, user.sub);
  const mails = reminderMails({ contract, user, addresses, sites }, invitation, installation, now);
  for (const mail of mails) await stores.mails.add(mail, null);
  return true;
}
