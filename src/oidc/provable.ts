/** What a user is able to prove, whatever the user's own login method is. */
import type { Factor } from '../contracts/login-methods.ts';
import type { Stores } from '../database/stores.ts';

/** A code reaches the user by a confirmed device; a password is proven by who has registered one. */
export async function provableFactors({ users, passwords }: Stores, sub: string): Promise<Factor[]> {
  const devices = await users.devices(sub);
  const password = await passwords.find(sub);
  return [
    ...(password ? (['password'] as const) : []),
    ...(devices.some(({ confirmedAt }) => confirmedAt !== null) ? (['otp'] as const) : []),
  ];
}
