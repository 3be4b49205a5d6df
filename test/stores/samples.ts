/** Rows for the store suites. */

import type { Client } from '../../src/contracts/contract.ts';
import { newId } from '../../src/secrets.ts';
import type { Device, User } from '../../src/users/user.ts';
import type { TestDatabase } from '../support/stores.ts';

/** Beyond 2^32, as every real time is. */
export const NOW = Date.UTC(2026, 10, 21, 4, 5, 9);

export function sampleUser(changes: Partial<User> = {}): User {
  return {
    sub: newId(),
    contractId: 'acme',
    userId: 'P-01-usr007',
    loginMethod: 'otp',
    state: 'active',
    unlockAt: null,
    validUntil: null,
    locale: null,
    signOuts: 0,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

export function sampleDevice(changes: Partial<Device> = {}): Device {
  return {
    number: 1,
    address: 'taro@example.co.jp',
    type: 'pc',
    confirmedAt: NOW,
    createdAt: NOW,
    ...changes,
  };
}

export function sampleClient(changes: Partial<Client> = {}): Client {
  return {
    clientId: newId(),
    contractId: 'acme',
    name: '電子調達ポータル',
    metadata: { redirect_uris: ['https://site.example/cb'], grant_types: ['authorization_code'] },
    secretHash: 'hash',
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

export async function addContract({ write }: TestDatabase, id = 'acme'): Promise<void> {
  await write(({ contracts }) => contracts.add({ id, name: `契約 ${id}`, policy: {}, at: NOW }));
}

/** Adds a user to the contract `acme`. @returns its sub */
export async function addUser({ write }: TestDatabase, userId = 'p-01-usr007'): Promise<string> {
  const user = sampleUser({ userId });
  await write(({ users }) => users.add(user, userId));
  return user.sub;
}
