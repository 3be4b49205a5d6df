/** 初回認証: the initial OTP is typed. A try is counted before it is compared; a right code is not spent yet. */
import { MINUTE } from '../clock.ts';
import { invitationScope } from '../credentials/account-scope.ts';
import { isCode } from '../credentials/one-time-code.ts';
import type { TryScope } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import { takeOfAddress } from '../http/address-rate.ts';
import { newId, type Secrets } from '../secrets.ts';
import type { Invited } from './open-invitation.ts';

/** An invitation whose page is open in a browser. */
export interface Visit extends Invited {
  readonly secrets: Secrets;
  /** The name under which the address is counted (http/client-address.ts). */
  readonly addressBucket: string;
  readonly now: number;
}

export type InitialCodeOutcome =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  /** The code is gone or spent: another request has just registered, or a new invitation was made. */
  | { readonly kind: 'ended' }
  | Locked
  /** @property until when the address may try again (ms) */
  | { readonly kind: 'too_many_requests'; readonly until: number };

export interface Locked {
  readonly kind: 'locked';
  /** When the lock opens by itself (ms); null: with a new invitation only. */
  readonly until: number | null;
}

/** Inside a unit of work. @param typed as it came from the form */
export async function verifyInitialCode(
  stores: Stores,
  visit: Visit,
  typed: string,
): Promise<InitialCodeOutcome> {
  const { invitation, contract, secrets, now } = visit;
  const until = await countAddress(stores, visit);
  if (until !== null) return { kind: 'too_many_requests', until };
  const code = await stores.codes.find(invitation.codeId);
  if (!code || code.spentAt !== null || code.expiresAt <= now) return { kind: 'ended' };

  const scope = scopeOf(visit);
  const allowed = contract.policy.lock.tries;
  const number = await stores.tries.count(scope, allowed, now);
  if (number === undefined) return locked(stores, visit, scope);
  if (isCode(secrets, code, typed)) {
    await stores.tries.giveBack(scope);
    return { kind: 'right' };
  }
  return number >= allowed ? lock(stores, visit, scope) : { kind: 'wrong' };
}

/** The lock of this invitation, if it has one now. */
export async function lockOf({ tries }: Stores, visit: Visit): Promise<Locked | undefined> {
  const counter = await tries.find(scopeOf(visit));
  if (!counter || counter.lockedAt === null) return undefined;
  const stands = counter.unlockAt === null || counter.unlockAt > visit.now;
  return stands ? { kind: 'locked', until: counter.unlockAt } : undefined;
}

function countAddress({ rates }: Stores, { contract, addressBucket, now }: Visit): Promise<number | null> {
  const rate = contract.policy.rates.tries_per_address;
  return takeOfAddress(rates, { what: 'try', contractId: contract.id, bucket: addressBucket, rate }, now);
}

/** Each invitation has a counter of its own, for all browsers together. */
function scopeOf({ secrets, invitation }: Visit): TryScope {
  return { account: invitationScope(secrets, invitation.id), browser: '' };
}

/** No try is left. Where the contract has lowered their number meanwhile, the lock is still to be made. */
async function locked(stores: Stores, visit: Visit, scope: TryScope): Promise<Locked> {
  const counter = await stores.tries.find(scope);
  if (counter?.lockedAt === null) return lock(stores, visit, scope);
  return { kind: 'locked', until: counter?.unlockAt ?? null };
}

async function lock(stores: Stores, { contract, user, now }: Visit, scope: TryScope): Promise<Locked> {
  const minutes = contract.policy.lock.unlock_after_minutes;
  const until = minutes === undefined ? null : now + minutes * MINUTE;
  await stores.tries.lock(scope, until, now);
  await stores.audit.add({
    id: newId(),
    actor: 'user',
    action: 'invitation.lock',
    contractId: contract.id,
    subject: user.sub,
    details: { user_id: user.userId },
    at: now,
  });
  return { kind: 'locked', until };
}
