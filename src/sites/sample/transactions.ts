import { createHash } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';

/** What the site remembers of a sign-in between sending the browser away and its return. */
export interface Transaction {
  state: string;
  nonce: string;
  codeVerifier: string;
  /** Path of this site to go on to. */
  returnTo: string;
  maxAge?: number | undefined;
  /** The `acr` that the ID token must have. */
  acr?: string | undefined;
  uiLocales?: string | undefined;
}

/** Time for a sign-in, in seconds: a mail may be slow. */
export const TRANSACTION_LIFETIME = 30 * 60;

/** Turns transactions into values for cookies, sealed so that nobody but this site can make or read one. */
export function transactionSealer(secret: string) {
  const key = createHash('sha256').update(`sample site transaction\n${secret}`).digest();
  return {
    seal(transaction: Transaction): Promise<string> {
      return new EncryptJWT({ ...transaction })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setExpirationTime(`${TRANSACTION_LIFETIME}s`)
        .encrypt(key);
    },
    /** The transaction of a cookie, or undefined when it is missing, forged, too old or of another state. */
    async open(value: string | undefined, state: string): Promise<Transaction | undefined> {
      if (value === undefined) return undefined;
      const opened = await jwtDecrypt<Transaction>(value, key).catch(() => undefined);
      return opened?.payload.state === state ? opened.payload : undefined;
    },
  };
}

export type TransactionSealer = ReturnType<typeof transactionSealer>;

/** Each sign-in has a cookie of its own, so that two tabs do not disturb each other. */
export function transactionCookie(state: string): string {
  return `${PREFIX}${state}`;
}

/** Transaction cookies of a Cookie header by name, in the order in which they were set. */
export function transactionCookies(header: string): Map<string, string> {
  const pairs = header.split(';').map((pair) => {
    const [name = '', value = ''] = pair.trim().split('=', 2);
    return [name, value] as const;
  });
  return new Map(pairs.filter(([name]) => name.startsWith(PREFIX)));
}

const PREFIX = 'sample_login_';
