/**
 * Invitations to register credentials: a registration URL and an initial OTP. Both are derived from SECRETS and ids when
 * they are handed out, so that neither is at rest.
 */
import { DAY } from '../clock.ts';
import type { Policy } from '../contracts/policy.ts';
import type { Stores } from '../database/stores.ts';
import { hashToken, newId, type Secrets } from '../secrets.ts';
import type { User } from '../users/user.ts';
import type { Invitation } from './invitation-store.ts';
import { newCode } from './one-time-code.ts';
import type { OneTimeCode } from './store.ts';

export interface IssuedInvitation {
  readonly invitation: Invitation;
  readonly code: OneTimeCode;
}

/**
 * Inside a unit of work: gives a user a new invitation, by which an earlier one ends with its URL and code.
 * @param now ms
 */
export async function issueInvitation(
  { invitations, codes }: Stores,
  secrets: Secrets,
  user: User,
  policy: Policy,
  now: number,
): Promise<IssuedInvitation> {
  const earlier = await invitations.ofUser(user.sub);
  if (earlier) await codes.spend(earlier.codeId, now);
  const { days, digits, remind_days_before: remind } = policy.registration;
  const code = newCode(secrets, digits, lifetimeOf(user, days, now), now);
  const id = newId();
  const secretId = secrets.currentId;
  const invitation: Invitation = {
    id,
    userSub: user.sub,
    contractId: user.contractId,
    tokenHash: hashToken(registrationToken(secrets, { id, secretId })),
    secretId,
    codeId: code.id,
    createdAt: now,
    expiresAt: code.expiresAt,
    remindAt: remind > 0 && code.expiresAt - remind * DAY > now ? code.expiresAt - remind * DAY : null,
    spentAt: null,
  };
  await codes.add(code);
  await invitations.issue(invitation);
  return { invitation, code };
}

/** Nobody is to register what could not be used any more (ms). */
function lifetimeOf({ validUntil }: User, days: number, now: number): number {
  return Math.min(days * DAY, validUntil === null ? Number.POSITIVE_INFINITY : validUntil - now);
}

/** What stands in the registration URL. @throws CannotOpen when its secret is no longer in SECRETS */
export function registrationToken(
  secrets: Secrets,
  { id, secretId }: Pick<Invitation, 'id' | 'secretId'>,
): string {
  return secrets.mac('registration URL', id, secretId);
}

/** 認証情報取得先URL. @param issuer an origin, without a slash at its end */
export function registrationUrl(
  issuer: string,
  secrets: Secrets,
  invitation: Pick<Invitation, 'id' | 'secretId'>,
): string {
  return `${issuer}/register/${registrationToken(secrets, invitation)}`;
}
