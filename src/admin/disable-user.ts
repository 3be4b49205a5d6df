/** Takes a user's access away without forgetting the user: sessions and tokens end with the next use. */
import { type AdminContext, record } from './context.ts';
import { findUser, type UserDetails, userDetails } from './find-user.ts';
import { withdrawInvitation } from './invite.ts';

/**
 * An invitation that was not used ends, with the mails about it that have not gone out yet. Nothing happens to a user who is
 * disabled already. @throws SekishoError not_found
 */
export async function disableUser(
  context: AdminContext,
  contractId: string,
  userId: string,
): Promise<UserDetails> {
  return context.uow.write(async (stores) => {
    const { user } = await findUser(stores, context, contractId, userId);
    if (user.state !== 'disabled') {
      await stores.users.setState(user.sub, 'disabled', null, context.clock.now());
      await withdrawInvitation(stores, context, user);
      await record(stores, context, {
        action: 'user.disable',
        contractId,
        subject: user.sub,
        details: { user_id: user.userId, was: user.state },
      });
    }
    return userDetails(stores, context, user);
  });
}
