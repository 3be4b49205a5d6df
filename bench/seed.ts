import { systemClock } from '../src/clock.ts';
import { hasPassword, type LoginMethod } from '../src/contracts/login-methods.ts';
import { createHasher } from '../src/credentials/argon2-hasher.ts';
import { openDatabase } from '../src/database/open.ts';
import { type Stores, type UnitOfWork, unitOfWork } from '../src/database/stores.ts';
import { ensureKeys, loadPepper } from '../src/oidc/keys.ts';
import { newId, Secrets } from '../src/secrets.ts';
import { userIdKey } from '../src/users/user-id.ts';
import { BENCH_PASSWORD } from './target.ts';

const USERS_PER_COMMIT = 250;

interface SeededUser {
  readonly id: string;
  readonly email: string;
}

/**
 * Adds active users, each with one confirmed device, to contracts that exist: a command a user would take minutes. Under
 * a method with a password all have the same one, hashed once as the server would do it.
 * @param env DATABASE_URL and SECRETS of the installation
 */
export async function seedUsers(
  env: Readonly<Record<string, string>>,
  contractIds: readonly string[],
  users: readonly SeededUser[],
  method: LoginMethod,
): Promise<void> {
  const database = await openDatabase(env.DATABASE_URL ?? '');
  const unit = unitOfWork(database);
  try {
    const hash = hasPassword(method) ? await passwordHash(unit, env.SECRETS ?? '') : null;
    for (const contractId of contractIds) {
      for (let at = 0; at < users.length; at += USERS_PER_COMMIT) {
        await unit.write(async (stores) => {
          for (const user of users.slice(at, at + USERS_PER_COMMIT)) {
            await add(stores, contractId, user, method, hash);
          }
        });
      }
    }
  } finally {
    await database.close();
  }
}

async function passwordHash(unit: UnitOfWork, secret: string): Promise<string> {
  const secrets = new Secrets([secret]);
  await ensureKeys(unit, secrets, systemClock);
  const hasher = createHasher({ pepper: await loadPepper(unit, secrets, systemClock) });
  return hasher.hash('password', BENCH_PASSWORD);
}

async function add(
  stores: Stores,
  contractId: string,
  { id, email }: SeededUser,
  loginMethod: LoginMethod,
  hash: string | null,
): Promise<void> {
  const now = systemClock.now();
  const sub = newId();
  const times = { createdAt: now, updatedAt: now };
  const user = {
    sub,
    contractId,
    userId: id,
    state: 'active',
    loginMethod,
    locale: null,
    signOuts: 0,
  } as const;
  await stores.users.add({ ...user, ...times, unlockAt: null, validUntil: null }, userIdKey(id, false));
  const device = { number: 1, address: email, type: 'pc', confirmedAt: now, createdAt: now } as const;
  await stores.users.addDevice(sub, device);
  if (hash !== null) await stores.passwords.set({ userSub: sub, hash, ...times });
}
