/** Gives a disabled user access again. */
import { hasPassword } from '../contracts/login-methods.ts';
import type { TryCounter } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import type { User } from '../users/user.ts';
import { type AdminContext, record } from './context.ts';
import { findUser, type UserDetails, userDetails } from './find-user.ts';

/**
 * A lock that stood before stands again: enabling is not unlocking. Whose method has a password that was never registered is
 * invited again. Nothing happens to a user who is active or locked.
 * @throws SekishoError not_found, invalid_input for a user who is invited
 */
export async function enableUser(
  context: AdminContext,
  contractId: string,
  userId: string,
): Promise<UserDetails> {
  const now = context.clock.now();
  return context.uow.write(async (stores) => {
    const { user, account } = await findUser(stores, context, contractId, userId);
    if (user.state === 'invited') {
      throw new SekishoError('invalid_input', `user "${user.userId}" is invited and not disabled`);
    }
    const lock = lockOf(await stores.tries.find({ account, browser: '' }), now);
    const state = (await isUnregistered(stores, user)) ? 'invited' : lock ? 'locked' : 'active';
    if (
      await stores.users.changeState(
        user.sub,
        'disabled',
        state,
        state === 'locked' ? (lock?.unlockAt ?? null) : null,
        now,
      )
    ) {
      await record(stores, context, {
        action: 'user.enable',
        contractId,
        subject: user.sub,
        details: { user_id: user.userId },
      });
    }
    return userDetails(stores, context, user);
  });
}

async function isUnregistered({ passwords }: Stores, { sub, loginMethod }: User): Promise<boolean> {
  return hasPassword(loginMethod) && (await passwords.find(sub)) === undefined;
}

/** The counter of wrong tries, if it is locked now. */
function lockOf(counter: TryCounter | undefined, now: number): TryCounter | undefined {
  if (!counter || counter.lockedAt === null) return undefined;
  return counter.unlockAt === null || counter.unlockAt > now ? counter : undefined;
}
