/** Opens a lock, as the support desk does on the phone. */
import { mailBudgetPrefix } from '../credentials/account-scope.ts';
import { type AdminContext, record } from './context.ts';
import { findUser, type UserDetails, userDetails } from './find-user.ts';

/**
 * Wrong tries and mails of the account are counted anew in every browser, so this also helps a user who is not locked
 * but has no tries or mails left. Other states stay as they are. @throws SekishoError not_found
 */
export async function unlockUser(
  context: AdminContext,
  contractId: string,
  userId: string,
): Promise<UserDetails> {
  return context.uow.write(async (stores) => {
    const { user, account } = await findUser(stores, context, contractId, userId);
    // Counters first, as a wrong try takes them: a lock that is being made at this moment is opened as well.
    await stores.tries.clearAccount(account);
    await stores.users.changeState(user.sub, 'locked', 'active', null, context.clock.now());
    await stores.rates.clearAll(mailBudgetPrefix(account));
    await record(stores, context, {
      action: 'user.unlock',
      contractId,
      subject: user.sub,
      details: { user_id: user.userId, was: user.state },
    });
    return userDetails(stores, context, user);
  });
}
