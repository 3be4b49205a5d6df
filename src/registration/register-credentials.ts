/** 認証情報登録: an invitation becomes credentials. Until here nothing is written; here all is, or nothing. */
import { type Clock, DAY } from '../clock.ts';
import { accountScope, invitationScope, mailBudgetPrefix } from '../credentials/account-scope.ts';
import type { Hasher } from '../credentials/hasher.ts';
import type { NewCredentials } from '../credentials/new-credentials.ts';
import type { Stores, UnitOfWork } from '../database/stores.ts';
import type { Claim, NewMail } from '../mail/mail.ts';
import { type EndedSession, endAccount } from '../oidc/end-account.ts';
import { newId } from '../secrets.ts';
import { mayRegister, type User } from '../users/user.ts';
import { userIdKey } from '../users/user-id.ts';
import type { Visit } from './verify-initial-code.ts';

/** What the mail about the registration names, besides the visit. */
export interface Registrant extends Visit {
  /** IP address. */
  readonly address: string;
  /** The browser in words. */
  readonly browser: string;
  readonly locale: 'ja' | 'en';
  /** The installation's time zone, where the contract has none. */
  readonly timeZone: string;
  readonly claim: Claim;
}

export type RegisterOutcome =
  | {
      readonly kind: 'registered';
      readonly mails: readonly NewMail[];
      readonly ended: readonly EndedSession[];
    }
  /** The invitation was used by another request, replaced, or has expired, or the user may not register any more. */
  | { readonly kind: 'ended' };

/** Takes back what a unit of work has written so far. */
class Ended extends Error {}

/** @throws SekishoError busy when too many hashes wait to be made */
export async function registerCredentials(
  { uow, hasher, clock }: { uow: UnitOfWork; hasher: Hasher; clock: Clock },
  visit: Registrant,
  { question, answer, password }: NewCredentials,
): Promise<RegisterOutcome> {
  // Outside of the unit of work: hashing is slow on purpose.
  const answerHash = await hasher.hash('secret answer', answer);
  const passwordHash = password === null ? null : await hasher.hash('password', password);
  const { user, now } = visit;
  try {
    return await uow.write(async (stores) => {
      // One of two requests at once gets through; the other has written nothing, so there is nothing to take back.
      if (!(await stores.invitations.spend(visit.invitation.id, now))) return { kind: 'ended' };
      if (!(await stores.codes.spend(visit.invitation.codeId, now))) throw new Ended();
      await activate(stores, visit);
      // Not when the request began: whoever proved to know the old ones meanwhile did so before.
      const createdAt = clock.now();
      const made = { userSub: user.sub, createdAt, updatedAt: createdAt };
      await stores.answers.set({ ...made, question, hash: answerHash });
      if (passwordHash === null) await stores.passwords.remove(user.sub);
      else await stores.passwords.set({ ...made, hash: passwordHash });
      await startAnew(stores, visit);
      const ended = await endAccount(stores, visit.secrets, user.sub, visit.now);
      await record(stores, visit);
      return { kind: 'registered', mails: await addMails(stores, visit), ended };
    });
  } catch (error) {
    if (error instanceof Ended) return { kind: 'ended' };
    throw error;
  }
}

/** A lock ends too: who invites a locked user wants him back. */
async function activate({ users }: Stores, { user, now }: Visit): Promise<void> {
  const current = await users.find(user.sub);
  if (!current || !mayRegister(current, now) || isAnother(current, user)) throw new Ended();
  if (current.state === 'active') return;
  if (!(await users.changeState(user.sub, current.state, 'active', null, now))) throw new Ended();
}

/** The method decides what had to be entered: it must be what the page was made for. */
function isAnother(current: User, read: User): boolean {
  return current.loginMethod !== read.loginMethod;
}

/** What was held against the account rests on credentials that are no more. */
async function startAnew(
  { tries, rates }: Stores,
  { secrets, contract, user, invitation }: Visit,
): Promise<void> {
  const key = userIdKey(user.userId, contract.policy.user_id.case_sensitive);
  const account = accountScope(secrets, contract.id, key);
  await tries.clearAccount(invitationScope(secrets, invitation.id));
  await tries.clearAccount(account);
  await rates.clearAll(mailBudgetPrefix(account));
}

async function record({ audit }: Stores, { contract, user, now, address }: Registrant): Promise<void> {
  await audit.add({
    id: newId(),
    actor: 'user',
    action: 'credentials.register',
    contractId: contract.id,
    subject: user.sub,
    details: { user_id: user.userId, method: user.loginMethod, was: user.state, address },
    at: now,
  });
}

/** Tells every device of the user. */
async function addMails({ users, mails }: Stores, visit: Registrant): Promise<NewMail[]> {
  const { contract, user, now } = visit;
  const name = contract.policy.appearance.name ?? contract.name;
  const devices = (await users.devices(user.sub)).filter(({ confirmedAt }) => confirmedAt !== null);
  const all = devices.map(
    (device): NewMail => ({
      id: newId(),
      contractId: contract.id,
      recipient: device.address,
      locale: user.locale ?? visit.locale,
      content: {
        kind: 'registered',
        at: now,
        siteName: name,
        contractName: name,
        browser: visit.browser,
        address: visit.address,
        timeZone: contract.policy.time_zone ?? visit.timeZone,
        senderName: contract.policy.mail.sender_name ?? contract.name,
        support: contract.policy.support_desk ?? null,
      },
      codeId: null,
      invitationId: null,
      attemptId: null,
      createdAt: now,
      dueAt: now,
      giveUpAt: now + DAY,
    }),
  );
  for (const mail of all) await mails.add(mail, visit.claim);
  return all;
}
