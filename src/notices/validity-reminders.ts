/** Reminders of the date until which users may log in: to the users, and in one mail to their administrators. */
import { type Clock, DAY } from '../clock.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Stores, UnitOfWork } from '../database/stores.ts';
import type { NewMail } from '../mail/mail.ts';
import { contractSites } from '../oidc/contract-sites.ts';
import { newId } from '../secrets.ts';
import type { EndingUser } from '../users/store.ts';
import { aboutContract, aboutUser, type Installation, localeOf } from './about.ts';
import { administratorAddresses, receivingAddresses } from './invitation-mails.ts';

/** What reminders are made with. */
export interface RemindingParts {
  readonly uow: UnitOfWork;
  readonly clock: Clock;
  readonly installation: Installation;
}

/** Users in one unit of work, who share a mail to the administrators. */
const BATCH = 50;
/** Batches in one round, so that a day on which many users end is no flood of mails. */
const MOST_BATCHES = 20;

/** @returns of how many users of the contract */
export async function remindOfValidity(
  { uow, clock, installation }: RemindingParts,
  contractId: string,
  goOn: () => boolean,
): Promise<number> {
  let reminded = 0;
  for (let batch = 0; batch < MOST_BATCHES && goOn(); batch += 1) {
    const now = clock.now();
    // A read first, so that an idle server commits nothing.
    if ((await uow.read((stores) => endingUsers(stores, contractId, now, 1))).length === 0) break;
    reminded += await uow.write((stores) => remindBatch(stores, installation, contractId, now));
  }
  return reminded;
}

async function endingUsers(
  { contracts, users }: Stores,
  contractId: string,
  now: number,
  limit: number,
): Promise<EndingUser[]> {
  const days = (await contracts.find(contractId))?.policy.validity.remind_days_before ?? 0;
  return days === 0 ? [] : users.endingUnreminded(contractId, now, now + days * DAY, limit);
}

async function remindBatch(
  stores: Stores,
  installation: Installation,
  contractId: string,
  now: number,
): Promise<number> {
  const contract = await stores.contracts.find(contractId);
  if (!contract) return 0;
  const sites = await contractSites(stores, contractId, installation.issuer);
  const reminded: EndingUser[] = [];
  for (const user of await endingUsers(stores, contractId, now, BATCH)) {
    if (!(await stores.users.takeValidityReminder(user.sub, user.validUntil))) continue;
    reminded.push(user);
    const addresses = await receivingAddresses(stores, user.sub);
    const about = aboutUser({ contract, user, addresses, sites }, installation);
    const locale = localeOf(contract, user, installation);
    const mail = { content: { kind: 'validity_ends', ...about }, locale, giveUpAt: user.validUntil } as const;
    await addMails(stores, contract, addresses, mail, now);
  }
  await tellAdministrators(stores, installation, contract, reminded, now);
  return reminded.length;
}

async function tellAdministrators(
  stores: Stores,
  installation: Installation,
  contract: Contract,
  reminded: readonly EndingUser[],
  now: number,
): Promise<void> {
  const last = reminded.at(-1);
  if (!last) return;
  const users = reminded.map(({ userId, validUntil }) => ({ userId, validUntil }));
  const content = { kind: 'user_validity_ends', ...aboutContract(contract, installation), users } as const;
  const mail = { content, locale: localeOf(contract, null, installation), giveUpAt: last.validUntil };
  await addMails(stores, contract, administratorAddresses(contract), mail, now);
}

async function addMails(
  { mails }: Stores,
  { id: contractId }: Contract,
  recipients: readonly string[],
  mail: Pick<NewMail, 'content' | 'locale' | 'giveUpAt'>,
  now: number,
): Promise<void> {
  const rest = { contractId, codeId: null, invitationId: null, attemptId: null, createdAt: now, dueAt: now };
  for (const recipient of recipients) await mails.add({ id: newId(), recipient, ...rest, ...mail }, null);
}
