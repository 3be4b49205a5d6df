/** What a registration URL stands for now. */
import type { Contract } from '../contracts/contract.ts';
import { registrationToken } from '../credentials/invitation.ts';
import type { Invitation } from '../credentials/invitation-store.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import { CannotOpen, hashToken, type Secrets } from '../secrets.ts';
import { mayRegister, type User } from '../users/user.ts';

/** An invitation with whom it is for. */
export interface Invited {
  readonly invitation: Invitation;
  readonly user: User;
  readonly contract: Contract;
}

export type FoundInvitation =
  | ({ readonly kind: 'open'; readonly code: OneTimeCode } & Invited)
  /** The user has registered by it. */
  | ({ readonly kind: 'spent' } & Invited)
  /** Its time is over, or the secret that it was made with is gone. */
  | ({ readonly kind: 'expired' } & Invited)
  /** The user is disabled or past the date. */
  | ({ readonly kind: 'not_allowed' } & Invited)
  /** There was never such an invitation, or a newer one has taken its place, or its user is gone. */
  | { readonly kind: 'unknown' };

/** @param token from the URL */
export async function findInvitation(
  { invitations, users, contracts, codes }: Stores,
  secrets: Secrets,
  token: string,
  now: number,
): Promise<FoundInvitation> {
  const invitation = await invitations.findByToken(hashToken(token));
  const user = invitation && (await users.find(invitation.userSub));
  const contract = user && (await contracts.find(user.contractId));
  if (!invitation || !user || !contract) return { kind: 'unknown' };
  const invited = { invitation, user, contract };
  if (invitation.spentAt !== null) return { kind: 'spent', ...invited };
  const code = await codes.find(invitation.codeId);
  const readable = code !== undefined && canBeRead(secrets, invitation);
  if (!readable || invitation.expiresAt <= now) return { kind: 'expired', ...invited };
  return mayRegister(user, now) ? { kind: 'open', ...invited, code } : { kind: 'not_allowed', ...invited };
}

/** Without its secret the initial OTP is not known any more. */
function canBeRead(secrets: Secrets, invitation: Invitation): boolean {
  try {
    registrationToken(secrets, invitation);
    return true;
  } catch (error) {
    if (error instanceof CannotOpen) return false;
    throw error;
  }
}
