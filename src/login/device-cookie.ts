/**
 * The device cookie (as OWASP describes it): a browser that has logged in before proves it by a random token, signed so
 * that made-up ones cost no query. The database keeps the token's hash beside each user who logged in with it.
 */
import { hashToken, newToken, type Secrets } from '../secrets.ts';

/** Browsers keep cookies for 400 days at most. */
export const DEVICE_COOKIE_DAYS = 400;

/** A browser's token and the value of the cookie that carries it. */
export interface DeviceCookie {
  /** What the database knows it by. */
  readonly hash: string;
  readonly value: string;
}

/** A new cookie for a browser that has none. */
export function newDeviceCookie(secrets: Secrets): DeviceCookie {
  const token = newToken();
  return { hash: hashToken(token), value: `${token}.${secrets.mac('device cookie', token)}` };
}

/** Reads a cookie's value. @returns undefined when it is missing, made up, or signed by a secret that is gone */
export function readDeviceCookie(secrets: Secrets, value: string | undefined): DeviceCookie | undefined {
  const [token, mac, rest] = value?.split('.') ?? [];
  if (!token || !mac || rest !== undefined || !secrets.verifyMac('device cookie', token, mac))
    return undefined;
  return { hash: hashToken(token), value: `${token}.${secrets.mac('device cookie', token)}` };
}
