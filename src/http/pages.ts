/** Pages for requests that no part of the house can answer. */
import { definePage } from './page.ts';

/** A page that names the request id under which the log tells more. */
export interface ReferenceLocals {
  reference: string;
}

/** Why a request was refused before it was looked at. */
export interface RefusedLocals extends ReferenceLocals {
  reason: 'method' | 'too_large' | 'malformed' | 'forged_request' | 'misdirected' | 'too_many_requests';
  /** After which the same request may be sent again; absent where that does not help. */
  waitSeconds?: number;
}

const reference = '01JD8Q4V7M';

/** 404 */
export const notFoundPage = definePage<object>('http/not-found', [{}]);
/** 500 */
export const faultPage = definePage<ReferenceLocals>('http/fault', [{ reference }]);
/** 503 */
export const unavailablePage = definePage<ReferenceLocals>('http/unavailable', [{ reference }]);
/** 405, 413, 400, 403, 421, 429 */
export const refusedPage = definePage<RefusedLocals>('http/refused', [
  { reason: 'method', reference },
  { reason: 'too_large', reference },
  { reason: 'malformed', reference },
  { reason: 'forged_request', reference },
  { reason: 'misdirected', reference },
  { reason: 'too_many_requests', waitSeconds: 10, reference },
  { reason: 'too_many_requests', waitSeconds: 421, reference },
]);
