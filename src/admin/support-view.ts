/** What a support desk needs to know of a user on the phone. */
import type { LoginEvent } from '../audit/store.ts';
import type { TryCounter } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { SentMail } from '../mail/store.ts';
import type { AdminContext } from './context.ts';
import { type FoundUser, findUser, type UserDetails, userDetails } from './find-user.ts';

const MOST_LOGINS = 10;
const MOST_MAILS = 5;
/** Browsers whose wrong codes are looked at, those seen last first. */
const MOST_BROWSERS = 20;

/** A login attempt that came to something. */
export interface PastLogin extends LoginEvent {
  /** The site's name; null: the client is gone. */
  readonly site: string | null;
}

/** Wrong codes that count together since the last login there, as of now. */
export interface WrongTries {
  /** When the known browser was seen last (ms); null: all browsers that are not known. */
  readonly lastSeenAt: number | null;
  readonly tries: number;
  readonly locked: boolean;
  /** When the lock opens by itself (ms); null: the support desk opens it, or there is none. */
  readonly unlockAt: number | null;
}

export interface SupportView extends UserDetails {
  /** Newest first. */
  readonly logins: readonly PastLogin[];
  /** First those of unknown browsers, then of each known one that has any. */
  readonly tries: readonly WrongTries[];
  /** How many wrong codes lock. */
  readonly triesAllowed: number;
  /** To the addresses that the user has now, newest first. */
  readonly mails: readonly SentMail[];
}

/** @throws SekishoError not_found */
export function supportView(context: AdminContext, contractId: string, userId: string): Promise<SupportView> {
  return context.uow.read(async (stores) => {
    const found = await findUser(stores, context, contractId, userId);
    const details = await userDetails(stores, context, found.user);
    const addresses = details.devices.map(({ address }) => address);
    return {
      ...details,
      logins: await pastLogins(stores, found.user.sub),
      tries: await wrongTries(stores, found, context.clock.now()),
      triesAllowed: found.contract.policy.lock.tries,
      mails: await stores.mails.newestTo(contractId, addresses, MOST_MAILS),
    };
  });
}

async function pastLogins({ audit, clients }: Stores, sub: string): Promise<PastLogin[]> {
  const logins: PastLogin[] = [];
  for (const login of await audit.loginsOf(sub, 0, MOST_LOGINS)) {
    logins.push({ ...login, site: (await clients.find(login.clientId))?.name ?? null });
  }
  return logins;
}

async function wrongTries(
  { tries, browsers }: Stores,
  { user, account }: FoundUser,
  now: number,
): Promise<WrongTries[]> {
  const unknown = await tries.find({ account, browser: '' });
  const counts = [asOf(unknown ?? NONE, null, now)];
  for (const { browser, lastSeenAt } of await browsers.list(user.sub, MOST_BROWSERS)) {
    const counter = await tries.find({ account, browser });
    if (counter) counts.push(asOf(counter, lastSeenAt, now));
  }
  return counts;
}

const NONE: TryCounter = { tries: 0, lockedAt: null, unlockAt: null };

/** A lock whose time has passed is over, and the next try is the first again. */
function asOf({ tries, lockedAt, unlockAt }: TryCounter, lastSeenAt: number | null, now: number): WrongTries {
  if (unlockAt !== null && unlockAt <= now) return { lastSeenAt, tries: 0, locked: false, unlockAt: null };
  return { lastSeenAt, tries, locked: lockedAt !== null, unlockAt };
}
