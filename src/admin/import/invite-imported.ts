/** Invites the users that an import has made, a few a minute: their mails are in the outbox with them, and become due in turn. */
import { MINUTE } from '../../clock.ts';
import { issueInvitation } from '../../credentials/invitation.ts';
import type { Stores } from '../../database/stores.ts';
import { invitationMails } from '../../notices/invitation-mails.ts';
import { contractSites } from '../../oidc/contract-sites.ts';
import type { User } from '../../users/user.ts';
import type { AdminContext } from '../context.ts';
import { findContract } from '../find-contract.ts';
import type { Chunk, ImportRow } from './row-store.ts';
import type { ImportRun, RunCounts } from './run-store.ts';

/**
 * Inside the unit of work that makes the users of the chunk. An invitation begins when its mail is due, so that it lasts as
 * long for the last as for the first. Who is past the date of login gets none.
 */
export async function inviteImported(
  stores: Stores,
  context: AdminContext,
  { contractId, counts, settings }: ImportRun,
  chunk: Chunk,
): Promise<RunCounts> {
  const { clock, secrets, installation } = context;
  if (settings.mailsPerMinute === 0) return counts;
  const contract = await findContract(stores, contractId);
  const sites = await contractSites(stores, contractId, installation.issuer);
  const now = clock.now();
  let { invited, mails, nextMailAt } = counts;
  for (const rows of byUser(await stores.importRows.invited(chunk))) {
    const at = Math.max(now, nextMailAt ?? now);
    const user = userOf(rows[0], contractId, now);
    if (user.validUntil !== null && user.validUntil <= at) continue;
    const { invitation } = await issueInvitation(stores, secrets, user, contract.policy, Math.round(at));
    const addresses = rows.flatMap(({ address }) => address ?? []);
    const made = invitationMails({ contract, user, addresses, sites }, invitation, installation);
    for (const mail of made) await stores.mails.add(mail, null);
    invited += 1;
    mails += made.length;
    nextMailAt = at + (made.length * MINUTE) / settings.mailsPerMinute;
  }
  return { ...counts, invited, mails, nextMailAt };
}

type Rows = [ImportRow, ...ImportRow[]];

function byUser(rows: readonly ImportRow[]): Rows[] {
  const users: Rows[] = [];
  for (const row of rows) {
    const last = users.at(-1);
    if (last && last[0].sub === row.sub) last.push(row);
    else users.push([row]);
  }
  return users;
}

/** As the unit of work has just made it. */
function userOf(row: ImportRow, contractId: string, now: number): User {
  const { sub, userId, loginMethod, validUntil, locale } = row;
  const times = { createdAt: now, updatedAt: now, validUntil };
  return {
    sub,
    contractId,
    userId,
    loginMethod,
    locale,
    state: 'invited',
    unlockAt: null,
    signOuts: 0,
    ...times,
  } as User;
}
