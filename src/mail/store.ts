/** The outbox in the database. */
import type { Writer } from '../database/database.ts';
import { type Params, statement } from '../database/statement.ts';
import { type Stored, table } from '../database/table.ts';
import type { Claim, Mail, MailContent, MailState, NewMail, Settlement } from './mail.ts';

/** What became of one mail with the code of a login attempt. */
export interface SentCode {
  readonly recipient: string;
  readonly state: MailState;
  readonly tries: number;
}

/** What became of a mail to an address. */
export interface SentMail extends SentCode {
  readonly kind: MailContent['kind'];
  /** The mail server's last answer. */
  readonly lastReply: string | null;
  readonly createdAt: number;
}

export interface MailStore {
  /** Adds a mail. With a claim it is that process's to send at once, without reading it again; null: for anybody. */
  add(mail: NewMail, claim: Claim | null): Promise<void>;
  /** The same for several, in one statement. */
  addAll(mails: readonly NewMail[], claim: Claim | null): Promise<void>;
  /** The mails of a login attempt that carry this code, oldest first. */
  statesOf(attemptId: string, codeId: string): Promise<SentCode[]>;
  /**
   * A contract's mails to these addresses, newest first, `limit` at most.
   * @param about an invitation, whose mails to further recipients are wanted as well
   */
  newestTo(
    contractId: string,
    recipients: readonly string[],
    limit: number,
    about?: { readonly id: string; readonly recipients: readonly string[] } | null,
  ): Promise<SentMail[]>;
  /** The login attempts whose codes a contract has mailed to these addresses since then. */
  attemptsMailedTo(contractId: string, recipients: readonly string[], since: number): Promise<string[]>;
  /** Whether `claimDue` would find a mail: a read, so that an idle server commits nothing. */
  hasDue(now: number): Promise<boolean>;
  /** Claims waiting mails that are due and nobody's, the longest due first. Two callers never get the same mail. */
  claimDue(claim: Claim, now: number, limit: number): Promise<Mail[]>;
  /** Prolongs the claims that the process still holds on these mails. @returns how many */
  extend(ids: readonly string[], claim: Claim): Promise<number>;
  /** Notes what a mail has come to and ends the claim. @returns false when the claim was another's by then */
  settle(id: string, by: string, settlement: Settlement): Promise<boolean>;
  /** How many mails wait, and since when the oldest of them does (ms); without those that are planned for later. */
  backlog(now: number): Promise<{ waiting: number; oldestAt: number | null }>;
  /** Deletes mails made before that no longer wait. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

type StoredMail = Stored<Mail, 'content'>;
const columns = {
  id: 'id',
  contractId: 'contract_id',
  recipient: 'recipient',
  locale: 'locale',
  content: 'params',
  codeId: 'code_id',
  invitationId: 'invitation_id',
  attemptId: 'attempt_id',
  state: 'state',
  tries: 'tries',
  dueAt: 'due_at',
  giveUpAt: 'give_up_at',
  lastReply: 'last_reply',
  createdAt: 'created_at',
} as const;
const mails = table<StoredMail>('mails', columns);
/** A mail as it is added, with what is never read with it. */
type AddedMail = StoredMail & { kind: string; claimedBy: string | null; claimedUntil: number | null };
const added = table<AddedMail>('mails', {
  ...columns,
  kind: 'kind',
  claimedBy: 'claimed_by',
  claimedUntil: 'claimed_until_at',
});

/** In this very form, without a parameter, so that both engines use the partial index `mails_due`. */
const WAITING = "state = 'waiting'";

/** A statement for one mail, one for two, and so on. */
const addMails = Array.from({ length: 10 }, (_, index) =>
  statement<Params>((knex, p) => added.insertMany(knex, p, index + 1)),
);
const statesOf = statement<{ attemptId: string; codeId: string }, SentCode>((knex, p) =>
  knex('mails')
    .select('state', 'tries', 'recipient')
    .where({ attempt_id: p.attemptId, code_id: p.codeId })
    .orderBy('created_at')
    .orderBy('id'),
);
/** Nobody's, or of a process that died. One parameter: now. */
const UNCLAIMED = '(claimed_until_at is null or claimed_until_at <= ?)';

const hasDue = statement<{ now: number }, { number: number }>((knex, p) =>
  knex('mails')
    .select(knex.raw('1 as number'))
    .whereRaw(WAITING)
    .where('due_at', '<=', p.now)
    .whereRaw(UNCLAIMED, [p.now])
    .limit(1),
);
/** The conditions stand outside as well: PostgreSQL checks them again after waiting for another's update. */
const claimDue = statement<{ by: string; until: number; now: number; limit: number }, StoredMail>((knex, p) =>
  knex('mails')
    .whereRaw(WAITING)
    .whereRaw(UNCLAIMED, [p.now])
    .whereRaw(
      `id in (select id from mails where ${WAITING} and due_at <= ? and ${UNCLAIMED} order by due_at limit ?)`,
      [p.now, p.now, p.limit],
    )
    .update({ claimed_by: p.by, claimed_until_at: p.until })
    .returning(mails.returned),
);
interface SettleParams extends Record<string, string | number | null> {
  id: string;
  by: string;
  state: string;
  tries: number;
  reply: string | null;
  at: number;
}
/** Only the process that holds the claim settles, and only what still waits. */
function settle(column: 'settled_at' | 'due_at') {
  return statement<SettleParams>((knex, p) =>
    knex('mails')
      .where({ id: p.id, claimed_by: p.by })
      .whereRaw(WAITING)
      .update({
        state: p.state,
        tries: knex.raw('tries + ?', [p.tries]),
        last_reply: knex.raw('coalesce(?, last_reply)', [p.reply]),
        [column]: p.at,
        claimed_by: null,
        claimed_until_at: null,
      }),
  );
}
const endMail = settle('settled_at');
const postponeMail = settle('due_at');
const backlog = statement<{ now: number }, { waiting: number; oldestAt: number | null }>((knex, p) =>
  knex('mails')
    .whereRaw(WAITING)
    .where('created_at', '<=', p.now)
    .count({ waiting: '*' })
    .min({ oldestAt: 'created_at' }),
);
const sweepMails = statement<{ before: number; limit: number }>((knex, p) =>
  knex('mails')
    .whereRaw("id in (select id from mails where created_at < ? and state <> 'waiting' limit ?)", [
      p.before,
      p.limit,
    ])
    .delete(),
);

/** How every mail begins. */
const UNTRIED = { state: 'waiting', tries: 0, lastReply: null } as const;

export function mailStore(db: Writer): MailStore {
  return {
    add: (mail, claim) => addAll(db, [mail], claim),
    addAll: (all, claim) => addAll(db, all, claim),
    statesOf: (attemptId, codeId) => db.all(statesOf, { attemptId, codeId }),
    newestTo: (contractId, recipients, limit, about = null) =>
      db.query((knex) =>
        knex('mails')
          .select('kind', 'recipient', 'state', 'tries')
          .select({ lastReply: 'last_reply', createdAt: 'created_at' })
          .where({ contract_id: contractId })
          .where((to) => {
            to.whereIn('recipient', recipients);
            if (!about) return;
            to.orWhere((also) =>
              also.whereIn('recipient', about.recipients).where({ invitation_id: about.id }),
            );
          })
          .orderBy('created_at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit),
      ),
    attemptsMailedTo: async (contractId, recipients, since) => {
      const rows = await db.query<{ id: string }>((knex) =>
        knex('mails')
          .distinct({ id: 'attempt_id' })
          .where({ contract_id: contractId })
          .where('created_at', '>=', since)
          .whereIn('recipient', recipients)
          .whereNotNull('attempt_id'),
      );
      return rows.map(({ id }) => id);
    },
    hasDue: async (now) => (await db.first(hasDue, { now })) !== undefined,
    claimDue: async ({ by, until }, now, limit) =>
      (await db.all(claimDue, { by, until, now, limit }))
        .map((row) => ({ ...row, content: JSON.parse(row.content) }))
        .sort((a, b) => a.dueAt - b.dueAt),
    extend: (ids, claim) => extend(db, ids, claim),
    settle: async (id, by, { state, tried, reply, at }) => {
      const change = state === 'waiting' ? postponeMail : endMail;
      return (await db.run(change, { id, by, state, tries: tried ? 1 : 0, reply, at })) === 1;
    },
    backlog: async (now) => {
      const row = await db.first(backlog, { now });
      return { waiting: row?.waiting ?? 0, oldestAt: row?.oldestAt ?? null };
    },
    sweep: (before, limit) => db.run(sweepMails, { before, limit }),
  };
}

async function addAll(db: Writer, all: readonly NewMail[], claim: Claim | null): Promise<void> {
  const claimed = { claimedBy: claim?.by ?? null, claimedUntil: claim?.until ?? null };
  for (let from = 0; from < all.length; from += addMails.length) {
    const some = all.slice(from, from + addMails.length).map(
      (mail): AddedMail => ({
        ...mail,
        ...UNTRIED,
        ...claimed,
        kind: mail.content.kind,
        content: JSON.stringify(mail.content),
      }),
    );
    const addSome = addMails[some.length - 1];
    if (addSome) await db.run(addSome, added.numbered(some));
  }
}

/** Far below the number of parameters that either engine takes. */
const MOST_IDS = 500;

async function extend(db: Writer, ids: readonly string[], { by, until }: Claim): Promise<number> {
  let extended = 0;
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    const rows = await db.query<{ id: string }>((knex) =>
      knex('mails')
        .whereIn('id', ids.slice(from, from + MOST_IDS))
        .where({ claimed_by: by })
        .whereRaw(WAITING)
        .update({ claimed_until_at: until })
        .returning('id'),
    );
    extended += rows.length;
  }
  return extended;
}
