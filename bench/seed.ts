import { openDatabase } from '../src/database/open.ts';
import { unitOfWork } from '../src/database/stores.ts';
import { newId } from '../src/secrets.ts';
import { userIdKey } from '../src/users/user-id.ts';

const USERS_PER_COMMIT = 250;

/** Adds active users, each with one confirmed device, to contracts that exist: a command a user would take minutes. */
export async function seedUsers(
  databaseUrl: string,
  contractIds: readonly string[],
  users: readonly { id: string; email: string }[],
): Promise<void> {
  const database = await openDatabase(databaseUrl);
  const unit = unitOfWork(database);
  const now = Date.now();
  try {
    for (const contractId of contractIds) {
      for (let at = 0; at < users.length; at += USERS_PER_COMMIT) {
        await unit.write(async (stores) => {
          for (const { id, email } of users.slice(at, at + USERS_PER_COMMIT)) {
            const sub = newId();
            const times = { createdAt: now, updatedAt: now, unlockAt: null, validUntil: null };
            const user = {
              sub,
              contractId,
              userId: id,
              state: 'active',
              loginMethod: 'otp',
              locale: null,
            } as const;
            await stores.users.add({ ...user, ...times }, userIdKey(id, false));
            const device = {
              number: 1,
              address: email,
              type: 'pc',
              confirmedAt: now,
              createdAt: now,
            } as const;
            await stores.users.addDevice(sub, device);
          }
        });
      }
    }
  } finally {
    await database.close();
  }
}
