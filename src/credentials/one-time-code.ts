/**
 * One-time codes. A code is HOTP (RFC 4226) over a key derived from SECRETS and the code's id, so that it can be mailed
 * again, by another process or after a restart, and is at rest nowhere.
 */
import { generateSync } from 'otplib';
import { newId, type Secrets, sameString } from '../secrets.ts';
import type { OneTimeCode } from './store.ts';

/** A new code, nobody's and not yet stored. @param lifetime in milliseconds */
export function newCode(secrets: Secrets, digits: number, lifetime: number, now: number): OneTimeCode {
  return {
    id: newId(),
    secretId: secrets.currentId,
    digits,
    account: null,
    createdAt: now,
    expiresAt: now + lifetime,
    spentAt: null,
  };
}

/** The digits to mail. @throws CannotOpen when the secret that it was made with is no longer in SECRETS */
export function deriveCode(secrets: Secrets, code: Pick<OneTimeCode, 'id' | 'secretId' | 'digits'>): string {
  const secret = secrets.macBytes('one-time code', code.id, code.secretId);
  return generateSync({ strategy: 'hotp', secret, counter: 0, digits: code.digits as 6 | 7 | 8 });
}

/** What a person typed or pasted, as it is meant: full-width digits folded, white space and all kinds of dashes dropped. */
export function readCode(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s\p{Cc}\p{Cf}\p{Pd}−ー]/gu, '');
}

/** Whether the typed value is this code, in constant time for values of its length. */
export function isCode(secrets: Secrets, code: OneTimeCode, typed: string): boolean {
  return sameString(deriveCode(secrets, code), readCode(typed));
}
