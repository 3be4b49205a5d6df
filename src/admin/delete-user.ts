/** Removes a user with devices and known browsers. The login history stays, under the user's sub. */
import type { User } from '../users/user.ts';
import { type AdminContext, record } from './context.ts';
import { findUser, noUser } from './find-user.ts';

/** @returns the user as it was @throws SekishoError not_found */
export async function deleteUser(context: AdminContext, contractId: string, userId: string): Promise<User> {
  return context.uow.write(async (stores) => {
    const { user } = await findUser(stores, context, contractId, userId);
    if (!(await stores.users.delete(user.sub))) throw noUser(contractId, userId);
    await record(stores, context, {
      action: 'user.delete',
      contractId,
      subject: user.sub,
      details: { user_id: user.userId },
    });
    return user;
  });
}
