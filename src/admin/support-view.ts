/** What a support desk needs to know of a user on the phone. */
import type { LoginEvent } from '../audit/store.ts';
import { answerScope } from '../credentials/account-scope.ts';
import type { Invitation } from '../credentials/invitation-store.ts';
import type { TryCounter } from '../credentials/store.ts';
import type { Stores } from '../database/stores.ts';
import type { SentMail } from '../mail/store.ts';
import { administratorAddresses } from '../notices/invitation-mails.ts';
import type { AdminContext } from './context.ts';
import { type FoundUser, findUser, type UserDetails, userDetails } from './find-user.ts';

const MOST_LOGINS = 10;
const MOST_MAILS = 5;
/** Browsers whose wrong tries are looked at, those seen last first. */
const MOST_BROWSERS = 20;

/** A login attempt that came to something. */
export interface PastLogin extends LoginEvent {
  /** The site's name; null: the client is gone. */
  readonly site: string | null;
}

/** Wrong tries (codes, passwords, secret answers) that count together since the last login there, as of now. */
export interface WrongTries {
  /** When the known browser was seen last (ms); null: all browsers that are not known, or all that there are. */
  readonly lastSeenAt: number | null;
  /** Secret answers alone, from all browsers, since they were registered: logins do not start this count anew. */
  readonly answers?: true;
  readonly tries: number;
  readonly locked: boolean;
  /** When the lock opens by itself (ms); null: the support desk opens it, or there is none. */
  readonly unlockAt: number | null;
}

export interface SupportView extends UserDetails {
  /** Newest first. */
  readonly logins: readonly PastLogin[];
  /** First those of unknown browsers, then of each known one that has any, then of secret answers if there are any. */
  readonly tries: readonly WrongTries[];
  /** How many wrong tries lock. */
  readonly triesAllowed: number;
  /** To the addresses that the user has now, and to administrators about the invitation, newest first. */
  readonly mails: readonly SentMail[];
  /** The last one; null: there is none, or it ended long ago. */
  readonly invitation: Invitation | null;
  /** When the password was registered (ms); null: there is none. */
  readonly passwordAt: number | null;
  /** When the secret question was answered (ms); null: it was not. */
  readonly answerAt: number | null;
}

/** @throws SekishoError not_found */
export function supportView(context: AdminContext, contractId: string, userId: string): Promise<SupportView> {
  return context.uow.read(async (stores) => {
    const found = await findUser(stores, context, contractId, userId);
    const details = await userDetails(stores, context, found.user);
    const { sub } = found.user;
    const invitation = (await stores.invitations.ofUser(sub)) ?? null;
    return {
      ...details,
      invitation,
      passwordAt: (await stores.passwords.find(sub))?.createdAt ?? null,
      answerAt: (await stores.answers.find(sub))?.createdAt ?? null,
      logins: await pastLogins(stores, sub, MOST_LOGINS),
      tries: await wrongTries(stores, found, context.clock.now()),
      triesAllowed: found.contract.policy.lock.tries,
      mails: await pastMails(stores, found, details, invitation),
    };
  });
}

/** Inside a unit of work: a user's newest logins, `limit` at most. */
export async function pastLogins(stores: Stores, sub: string, limit: number): Promise<PastLogin[]> {
  const logins: PastLogin[] = [];
  for (const login of await stores.audit.loginsOf(sub, 0, limit)) logins.push(await pastLogin(stores, login));
  return logins;
}

/** Inside a unit of work. */
export async function pastLogin({ clients }: Stores, login: LoginEvent): Promise<PastLogin> {
  return { ...login, site: (await clients.find(login.clientId))?.name ?? null };
}

async function pastMails(
  { mails }: Stores,
  { contract }: FoundUser,
  { devices }: UserDetails,
  invitation: Invitation | null,
): Promise<SentMail[]> {
  const addresses = devices.map(({ address }) => address);
  const about = invitation && { id: invitation.id, recipients: administratorAddresses(contract) };
  return mails.newestTo(contract.id, addresses, MOST_MAILS, about);
}

/** Inside a unit of work: wrong tries and locks as they stand now. */
export async function wrongTries(
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
  const answers = await tries.find(answerScope({ account }));
  if (answers) counts.push({ ...asOf(answers, null, now), answers: true });
  return counts;
}

const NONE: TryCounter = { tries: 0, lockedAt: null, unlockAt: null, updatedAt: 0 };

/** A lock whose time has passed is over, and the next try is the first again. */
function asOf({ tries, lockedAt, unlockAt }: TryCounter, lastSeenAt: number | null, now: number): WrongTries {
  if (unlockAt !== null && unlockAt <= now) return { lastSeenAt, tries: 0, locked: false, unlockAt: null };
  return { lastSeenAt, tries, locked: lockedAt !== null, unlockAt };
}
