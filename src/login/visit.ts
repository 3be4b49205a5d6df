/** What every step of a login knows about the request, in plain values. */

import type { LoginResult } from '../audit/store.ts';
import type { Contract } from '../contracts/contract.ts';
import type { LoginMethod } from '../contracts/login-methods.ts';
import type { TryScope } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import { takeOfAddress } from '../http/address-rate.ts';
import type { Locale } from '../http/locale.ts';
import type { Rate } from '../http/store.ts';
import type { Claim, NewMail } from '../mail/mail.ts';
import type { Demand } from '../oidc/demand.ts';
import type { StepUp } from '../oidc/step-up.ts';
import { newErrorCode, newId, type Secrets } from '../secrets.ts';
import type { User } from '../users/user.ts';

export interface Visit {
  /** Hash of the interaction's uid: the attempt's id. */
  readonly attemptId: string;
  readonly contract: Contract;
  readonly client: { readonly id: string; readonly name: string };
  /** What the site asks the login to prove; null: nothing particular. */
  readonly demand: Demand | null;
  /** Who is signed in and only has to prove more; null: nobody. */
  readonly stepUp: StepUp | null;
  /** IP address. */
  readonly address: string;
  /** The name under which the address is counted (http/client-address.ts). */
  readonly addressBucket: string;
  /** The browser in words. */
  readonly browser: string;
  /** Hash of the device cookie's token; null for a browser without one. */
  readonly deviceCookie: string | null;
  readonly locale: Locale;
  /** The installation's time zone, where the contract has none. */
  readonly timeZone: string;
  readonly secrets: Secrets;
  readonly now: number;
  /** This process's right to send the mails at once; null: the sender loop finds them. */
  readonly claim: Claim | null;
}

/**
 * The sub of nobody. What is looked up for a user is looked up for nobody as well, so that an unknown user ID costs the
 * same statements (docs/decisions/0012-what-silent-mode-equalises.md).
 */
export const NOBODY = '';

/**
 * Whose wrong tries and mails are counted together: a browser that has logged in as this user counts for itself, so
 * that strangers cannot keep the user out of it; all other browsers count together.
 */
export async function scopeOf(
  { browsers }: Stores,
  visit: Visit,
  account: string,
  user: User | undefined,
): Promise<TryScope> {
  const known = visit.deviceCookie && (await browsers.knows(user?.sub ?? NOBODY, visit.deviceCookie));
  return { account, browser: known ? (visit.deviceCookie ?? '') : '' };
}

/**
 * Counts a request of an address. A known browser is not counted: neighbours behind the same address could keep its
 * user out; its own tries and mails bound it.
 * @returns null when it is allowed, else when the window ends (ms)
 */
export async function countAddress(
  { rates }: Stores,
  { contract, addressBucket, now }: Visit,
  scope: TryScope,
  what: 'code' | 'try',
  rate: Rate,
): Promise<number | null> {
  if (scope.browser !== '') return null;
  return takeOfAddress(rates, { what, contractId: contract.id, bucket: addressBucket, rate }, now);
}

/** A lock that stands now: when it opens by itself (ms), or null when only the support desk opens it. */
export interface Lock {
  readonly until: number | null;
}

/** The user's own lock, which holds in browsers that are not known. */
export function userLock(visit: Visit, scope: TryScope, user: User | undefined): Lock | undefined {
  if (user?.state !== 'locked' || scope.browser !== '') return undefined;
  return stands(visit, user.unlockAt) ? { until: user.unlockAt } : undefined;
}

/** The lock of this scope, if there is one: the user's own, or that of its counter. */
export async function lockOf(
  { tries }: Stores,
  visit: Visit,
  scope: TryScope,
  user: User | undefined,
): Promise<Lock | undefined> {
  const counter = await tries.find(scope);
  const own = userLock(visit, scope, user);
  if (own) return own;
  return counter && counter.lockedAt !== null && stands(visit, counter.unlockAt)
    ? { until: counter.unlockAt }
    : undefined;
}

function stands({ now }: Visit, until: number | null): boolean {
  return until === null || until > now;
}

/**
 * Writes a result into the login history.
 * @param method the user's, or the one that is pretended for nobody
 * @returns with `locked` the error code for the page, by which the support desk finds this entry; else null
 */
export async function record(
  stores: Stores,
  visit: Visit,
  userSub: string | null,
  result: LoginResult,
  method: LoginMethod = visit.contract.policy.login_methods[0] ?? 'otp',
): Promise<string | null> {
  const errorCode = result === 'locked' ? newErrorCode() : null;
  await stores.audit.addLogin({
    id: newId(),
    contractId: visit.contract.id,
    clientId: visit.client.id,
    userSub,
    method,
    result,
    address: visit.address,
    browser: visit.browser,
    errorCode,
    at: visit.now,
  });
  return errorCode;
}

/** What a mail of a login is about; those with a code carry it. */
export type LoginMail = { readonly giveUpAt: number } & (
  | { readonly kind: 'login_code' | 'recovery_code'; readonly codeId: string }
  | { readonly kind: 'new_browser' | 'registered' | 'credentials_renewed'; readonly codeId?: never }
);

/** One mail for each device that receives, all with the same words; adds them to the outbox. */
export async function addMails(
  stores: Stores,
  visit: Visit,
  user: User,
  addresses: readonly string[],
  mail: LoginMail,
): Promise<NewMail[]> {
  const { contract, now } = visit;
  const about = {
    siteName: visit.client.name,
    contractName: contract.policy.appearance.name ?? contract.name,
    browser: visit.browser,
    address: visit.address,
    timeZone: contract.policy.time_zone ?? visit.timeZone,
    senderName: contract.policy.mail.sender_name ?? contract.name,
    support: contract.policy.support_desk ?? null,
  };
  const mails = addresses.map((recipient) => ({
    id: newId(),
    contractId: contract.id,
    recipient,
    locale: user.locale ?? visit.locale,
    content:
      mail.codeId === undefined
        ? { kind: mail.kind, at: now, ...about }
        : { kind: mail.kind, requestedAt: now, ...about },
    codeId: mail.codeId ?? null,
    invitationId: null,
    attemptId: mail.codeId === undefined ? null : visit.attemptId,
    createdAt: now,
    dueAt: now,
    giveUpAt: mail.giveUpAt,
  }));
  await stores.mails.addAll(mails, visit.claim);
  return mails;
}

/** Addresses of the devices that receive mail. */
export async function receivers({ users }: Stores, sub: string): Promise<string[]> {
  const devices = await users.devices(sub);
  return devices.filter((device) => device.confirmedAt !== null).map((device) => device.address);
}
