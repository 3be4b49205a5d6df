/** Invites a user, again or for the first time, to register credentials. */
import { SekishoError } from '../errors.ts';
import { changedMeanwhile, laterThan } from './changed-meanwhile.ts';
import type { AdminContext } from './context.ts';
import { findUser, userDetails } from './find-user.ts';
import { type InvitedUser, type InvitingOptions, invite, whyNotInvited } from './invite.ts';

/**
 * An earlier invitation ends. The user's state stays, and so do credentials, sessions and a lock, until the user registers
 * by the invitation. Of two invitations at once one is refused.
 * @throws SekishoError not_found; invalid_input for a user who is disabled or past the date, or that was changed meanwhile
 */
export async function inviteUser(
  context: AdminContext,
  contractId: string,
  userId: string,
  options: InvitingOptions = {},
): Promise<InvitedUser> {
  const now = context.clock.now();
  return context.uow.write(async (stores) => {
    const found = await findUser(stores, context, contractId, userId);
    const { user } = found;
    const why = whyNotInvited(user, now);
    if (why !== null) throw new SekishoError('invalid_input', `user "${user.userId}" ${why}`);
    const touched = { ...user, updatedAt: laterThan(user.updatedAt, now) };
    if (!(await stores.users.updateProfile(touched, user.updatedAt))) {
      throw changedMeanwhile(`user "${user.userId}"`);
    }
    const invited = await invite(stores, context, found, options);
    return { ...(await userDetails(stores, context, user)), invited };
  });
}
