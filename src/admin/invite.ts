/** An invitation as administrators issue it: with its mails, in the unit of work that makes the user what it is. */
import { accountScope, invitationScope, mailBudgetPrefix } from '../credentials/account-scope.ts';
import { type IssuedInvitation, issueInvitation, registrationUrl } from '../credentials/invitation.ts';
import type { Invitation } from '../credentials/invitation-store.ts';
import { deriveCode } from '../credentials/one-time-code.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import { invitationMails, receivingAddresses } from '../notices/invitation-mails.ts';
import { contractSites } from '../oidc/contract-sites.ts';
import type { User } from '../users/user.ts';
import { userIdKey } from '../users/user-id.ts';
import { type AdminContext, record } from './context.ts';
import type { FoundUser, UserDetails } from './find-user.ts';

/** What registers credentials, in clear: for the eyes of whoever hands it over. */
export interface HandedOut {
  readonly registrationUrl: string;
  readonly initialOtp: string;
}

export interface Invited {
  readonly invitation: Invitation;
  /** Where its mails go. */
  readonly mailedTo: readonly string[];
  /** null: by mail only. */
  readonly handedOut: HandedOut | null;
}

/** A user, and the invitation that it was given now. */
export interface InvitedUser extends UserDetails {
  readonly invited: Invited | null;
}

export interface InvitingOptions {
  /** Whether URL and OTP are handed out though the contract sends them by mail. */
  readonly print?: boolean | undefined;
}

/**
 * Inside a unit of work: a new invitation in place of an earlier one, and the mails that the contract wants.
 * @throws SekishoError invalid_input when no mail reaches the user
 */
export async function invite(
  stores: Stores,
  context: AdminContext,
  { contract, user }: Pick<FoundUser, 'contract' | 'user'>,
  { print = false }: InvitingOptions,
): Promise<Invited> {
  const { secrets, clock, installation } = context;
  const addresses = await receivingAddresses(stores, user.sub);
  if (addresses.length === 0) {
    throw new SekishoError('invalid_input', `user "${user.userId}" has no device that receives mail`);
  }
  await forgetTries(stores, context, { contract, user });
  const issued = await issueInvitation(stores, secrets, user, contract.policy, clock.now());
  const sites = await contractSites(stores, contract.id, installation.issuer);
  const mails = invitationMails({ contract, user, addresses, sites }, issued.invitation, installation);
  for (const mail of mails) await stores.mails.add(mail, null);
  const { delivery } = contract.policy.registration;
  const printed = print || delivery === 'administrator';
  await record(stores, context, {
    action: 'user.invite',
    contractId: contract.id,
    subject: user.sub,
    details: { user_id: user.userId, state: user.state, delivery, printed },
  });
  return {
    invitation: issued.invitation,
    mailedTo: [...new Set(mails.map(({ recipient }) => recipient))],
    handedOut: printed ? handOut(context, issued) : null,
  };
}

/** Wrong tries of strangers are not held against whoever is invited; a lock stands until it is opened or the user registers. */
async function forgetTries(
  { tries, rates, invitations }: Stores,
  { secrets }: AdminContext,
  { contract, user }: Pick<FoundUser, 'contract' | 'user'>,
): Promise<void> {
  const earlier = await invitations.ofUser(user.sub);
  if (earlier) await tries.clearAccount(invitationScope(secrets, earlier.id));
  if (user.state === 'locked') return;
  const key = userIdKey(user.userId, contract.policy.user_id.case_sensitive);
  const account = accountScope(secrets, contract.id, key);
  await tries.clearAccount(account);
  await rates.clearAll(mailBudgetPrefix(account));
}

/** Why a user cannot be invited now, for administrators; null: the user can. */
export function whyNotInvited({ state, validUntil }: User, now: number): string | null {
  if (state === 'disabled') return 'is disabled: enable the user first';
  if (validUntil === null || validUntil > now) return null;
  return 'is past the date until which login is possible: update that first';
}

/** Inside a unit of work: the user's invitation ends without being used. */
export async function withdrawInvitation(
  { invitations, codes }: Stores,
  { clock }: AdminContext,
  { sub }: User,
): Promise<void> {
  const invitation = await invitations.ofUser(sub);
  if (!invitation || invitation.spentAt !== null) return;
  await codes.spend(invitation.codeId, clock.now());
  await invitations.withdraw(sub);
}

function handOut({ secrets, installation }: AdminContext, { invitation, code }: IssuedInvitation): HandedOut {
  return {
    registrationUrl: registrationUrl(installation.issuer, secrets, invitation),
    initialOtp: deriveCode(secrets, code),
  };
}
