/** Contracts, clients and users as commands (and programs that read their output) see them: JSON in snake_case. */
import type { Client, Contract } from '../contracts/contract.ts';
import type { Invitation } from '../credentials/invitation-store.ts';
import type { SentMail } from '../mail/store.ts';
import type { Device, User } from '../users/user.ts';
import type { RegisteredClient } from './create-client.ts';
import type { ContractDetails } from './find-contract.ts';
import type { FoundError } from './find-error.ts';
import type { UserDetails } from './find-user.ts';
import type { InvitedUser } from './invite.ts';
import type { PastLogin, SupportView, WrongTries } from './support-view.ts';

export type Json = Record<string, unknown>;

/** ISO 8601 in UTC. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}

function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instant(ms);
}

/** A contract in a list. */
export function contractSummary({ id, name, createdAt, updatedAt }: Contract): Json {
  return { id, name, created_at: instant(createdAt), updated_at: instant(updatedAt) };
}

/** A contract with its complete policy, and what of it the contract sets itself. */
export function contractJson({ contract, policyInput }: ContractDetails): Json {
  return { ...contractSummary(contract), policy: contract.policy, policy_set: policyInput };
}

/** A client's registration, in the form of RFC 7591 section 3.2.1 and with the contract; without the secret. */
export function clientJson({ clientId, contractId, name, metadata, createdAt }: Client): Json {
  return {
    client_id: clientId,
    client_name: name,
    client_id_issued_at: Math.floor(createdAt / 1000),
    contract: contractId,
    ...metadata,
  };
}

/** The same with the secret that was made now, if one was: it is shown this one time. */
export function registeredClientJson({ client, secret }: RegisteredClient): Json {
  const { client_id, ...rest } = clientJson(client);
  // RFC 7591: 0 for a secret that does not expire.
  const shown = secret === null ? {} : { client_secret: secret, client_secret_expires_at: 0 };
  return { client_id, ...shown, ...rest };
}

/** A user in a list. */
export function userSummary(user: User): Json {
  return {
    contract: user.contractId,
    user_id: user.userId,
    sub: user.sub,
    login_method: user.loginMethod,
    state: user.state,
    unlock_at: instantOrNull(user.unlockAt),
    valid_until: instantOrNull(user.validUntil),
    locale: user.locale,
    created_at: instant(user.createdAt),
    updated_at: instant(user.updatedAt),
  };
}

export function userJson({ user, devices }: UserDetails): Json {
  return { ...userSummary(user), devices: devices.map(deviceJson) };
}

function deviceJson({ number, address, type, confirmedAt }: Device): Json {
  return { number, address, type, confirmed_at: instantOrNull(confirmedAt) };
}

/** A user and the invitation that it was given now; what is handed out is in clear. */
export function invitedUserJson({ invited, ...details }: InvitedUser): Json {
  if (!invited) return userJson(details);
  const { invitation, mailedTo, handedOut } = invited;
  return {
    ...userJson(details),
    mailed_to: mailedTo,
    ...(handedOut && {
      registration_url: handedOut.registrationUrl,
      initial_otp: handedOut.initialOtp,
      expires_at: instant(invitation.expiresAt),
    }),
  };
}

/** A user with what a support desk asks for. */
export function supportViewJson({ logins, tries, triesAllowed, mails, ...rest }: SupportView) {
  const { invitation, passwordAt, answerAt, ...details } = rest;
  return {
    ...userJson(details),
    password_since: instantOrNull(passwordAt),
    secret_answer_since: instantOrNull(answerAt),
    invitation: invitation && invitationJson(invitation),
    logins: logins.map(loginJson),
    wrong_tries: tries.map((each) => wrongTriesJson(each, triesAllowed)),
    mails: mails.map(mailJson),
  };
}

function invitationJson({ createdAt, expiresAt, remindAt, spentAt }: Invitation) {
  return {
    issued_at: instant(createdAt),
    expires_at: instant(expiresAt),
    remind_at: instantOrNull(remindAt),
    spent_at: instantOrNull(spentAt),
  };
}

function loginJson({ at, result, method, clientId, site, address, browser, errorCode }: PastLogin) {
  const where = { client_id: clientId, site, address, browser };
  return { at: instant(at), result, method, ...where, error_code: errorCode };
}

/** What lies behind an error code. */
export function foundErrorJson({ login, user, before, tries, triesAllowed }: FoundError) {
  return {
    ...loginJson(login),
    sub: login.userSub,
    user: user && userJson(user),
    before: before.map(loginJson),
    wrong_tries: tries.map((each) => wrongTriesJson(each, triesAllowed)),
  };
}

function wrongTriesJson({ lastSeenAt, answers, tries, locked, unlockAt }: WrongTries, allowed: number) {
  return {
    browser: answers ? 'any' : lastSeenAt === null ? 'unknown' : 'known',
    last_seen_at: instantOrNull(lastSeenAt),
    tries,
    tries_allowed: allowed,
    locked,
    unlock_at: instantOrNull(unlockAt),
  };
}

function mailJson({ createdAt, kind, recipient, state, tries, lastReply }: SentMail) {
  return { at: instant(createdAt), kind, address: recipient, state, tries, last_reply: lastReply };
}
