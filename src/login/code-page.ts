/** Page 2 as it stands now: how long the code lives, what became of the mail, and when it may be sent again. */
import { SECOND } from '../clock.ts';
import type { Contract } from '../contracts/contract.ts';
import { formatTime } from '../http/locale.ts';
import type { SentCode } from '../mail/store.ts';
import type { CodeLocals, MailState } from './pages.ts';
import type { LoginAttempt } from './store.ts';

export interface CodePageParts {
  readonly base: string;
  readonly csrf: string;
  readonly siteName: string;
  readonly contract: Contract;
  readonly attempt: LoginAttempt;
  readonly mails: readonly SentCode[];
  readonly mailFrom: string;
  readonly timeZone: string;
  readonly now: number;
  readonly error: CodeLocals['error'];
  readonly resent: boolean;
}

export function codeLocals(parts: CodePageParts): CodeLocals {
  const { base, contract, attempt, now } = parts;
  const { code: rules } = contract.policy;
  const silent = contract.policy.unknown_user === 'silent';
  const wait = Math.max(
    0,
    Math.ceil((attempt.lastMailAt + rules.resend_wait_seconds * SECOND - now) / SECOND),
  );
  const left = Math.max(0, rules.resends + 1 - attempt.mails);
  return {
    action: `${base}/code`,
    resendAction: `${base}/resend`,
    cancelAction: `${base}/cancel`,
    restartUrl: base,
    refreshUrl: `${base}/code`,
    csrf: parts.csrf,
    siteName: parts.siteName,
    userId: attempt.userId,
    digits: rules.digits,
    error: parts.error,
    expiresAt: formatTime(attempt.expiresAt, contract.policy.time_zone ?? parts.timeZone),
    mailFrom: parts.mailFrom,
    // Where nothing may tell which IDs exist, the state of a mail would.
    mail: silent
      ? { state: 'unknown', count: 1 }
      : { state: stateOf(parts.mails), count: new Set(parts.mails.map((mail) => mail.recipient)).size },
    resend: { allowed: wait === 0 && left > 0, waitSeconds: wait, left },
    resent: parts.resent,
    support: contract.policy.support_desk ?? null,
  };
}

/** The best that can be said of the mails of an attempt together: one that arrived is enough. */
function stateOf(mails: CodePageParts['mails']): MailState {
  const newest = mails.filter((mail) => mail.state === 'waiting');
  if (newest.some((mail) => mail.tries === 0)) return 'waiting';
  if (mails.some((mail) => mail.state === 'handed_over')) return 'handed_over';
  if (newest.length > 0) return 'deferred';
  if (mails.some((mail) => mail.state === 'refused')) return 'refused';
  return mails.length > 0 ? 'given_up' : 'unknown';
}
