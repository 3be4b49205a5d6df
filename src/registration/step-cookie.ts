/**
 * The proof that a browser has given the initial OTP of an invitation: a signed value that opens the next page for an
 * hour. The database knows nothing of it, so a registration that was left there leaves nothing behind.
 */
import { HOUR } from '../clock.ts';
import type { Invitation } from '../credentials/invitation-store.ts';
import type { Secrets } from '../secrets.ts';

/** How long the credentials can be entered after the code (ms). */
export const STEP_LASTS = HOUR;

/** One cookie for each invitation, so that two can be used at once in one browser. @param secure over https */
export function stepCookieName({ id }: Invitation, secure: boolean): string {
  return `${secure ? '__Host-' : ''}sekisho_registration_${id.slice(0, 8)}`;
}

export function newStepCookie(secrets: Secrets, invitation: Invitation, now: number): string {
  const end = now + STEP_LASTS;
  return `${end}.${secrets.mac('registration step', signed(invitation, end))}`;
}

/** Whether a cookie's value was given for this invitation and its code, less than an hour ago. */
export function provesCode(
  secrets: Secrets,
  invitation: Invitation,
  value: string | undefined,
  now: number,
): boolean {
  const [end = '', mac = '', rest] = value?.split('.') ?? [];
  if (!/^\d{1,15}$/.test(end) || rest !== undefined || Number(end) <= now) return false;
  return secrets.verifyMac('registration step', signed(invitation, Number(end)), mac);
}

function signed({ id, codeId }: Invitation, end: number): string {
  return `${id}\n${codeId}\n${end}`;
}
