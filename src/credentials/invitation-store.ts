/** Invitations in the database: who may register credentials, by which URL and code. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { type Stored, sweepOf, table } from '../database/table.ts';

/** An invitation without what it hands out: URL and code are derived when needed (invitation.ts). */
export interface Invitation {
  readonly id: string;
  readonly userSub: string;
  readonly contractId: string;
  /** Hash of the token in the registration URL. */
  readonly tokenHash: string;
  /** Which of SECRETS the token is derived from. */
  readonly secretId: string;
  /** The initial OTP. */
  readonly codeId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When the user is reminded (ms); null: not, or not any more. */
  readonly remindAt: number | null;
  readonly spentAt: number | null;
}

export interface InvitationStore {
  find(id: string): Promise<Invitation | undefined>;
  findByToken(tokenHash: string): Promise<Invitation | undefined>;
  ofUser(userSub: string): Promise<Invitation | undefined>;
  /** Adds a user's invitation, in place of an earlier one, whose URL ends by that. */
  issue(invitation: Invitation): Promise<void>;
  /** Spends the invitation, unless it is spent or has expired: true for one caller only. */
  spend(id: string, now: number): Promise<boolean>;
  /** Ends a user's invitation without its being used. */
  withdraw(userSub: string): Promise<void>;
  /** Unspent ones whose reminder is due, `limit` at most. */
  dueReminders(now: number, limit: number): Promise<Invitation[]>;
  /** Notes that the reminder goes out: true for one caller only. */
  takeReminder(id: string, now: number): Promise<boolean>;
  /** Deletes those that expired before. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

const invitations = table<Invitation>('invitations', {
  id: 'id',
  userSub: 'user_sub',
  contractId: 'contract_id',
  tokenHash: 'token_hash',
  secretId: 'secret_id',
  codeId: 'code_id',
  createdAt: 'created_at',
  expiresAt: 'expires_at',
  remindAt: 'remind_at',
  spentAt: 'spent_at',
});

const findById = statement<{ id: string }, Invitation>((knex, { id }) =>
  invitations.select(knex).where({ id }),
);
const findByToken = statement<{ tokenHash: string }, Invitation>((knex, p) =>
  invitations.select(knex).where({ token_hash: p.tokenHash }),
);
const findByUser = statement<{ sub: string }, Invitation>((knex, p) =>
  invitations.select(knex).where({ user_sub: p.sub }),
);
const issueInvitation = statement<Stored<Invitation>>((knex, p) =>
  invitations
    .insert(knex, p)
    .onConflict('user_sub')
    .merge(['id', 'token_hash', 'secret_id', 'code_id', 'created_at', 'expires_at', 'remind_at', 'spent_at']),
);
const spendInvitation = statement<{ id: string; now: number }>((knex, p) =>
  knex('invitations')
    .where({ id: p.id })
    .whereNull('spent_at')
    .where('expires_at', '>', p.now)
    .update({ spent_at: p.now }),
);
const withdrawInvitation = statement<{ sub: string }>((knex, p) =>
  knex('invitations').where({ user_sub: p.sub }).delete(),
);
const dueReminders = statement<{ now: number; limit: number }, Invitation>((knex, p) =>
  invitations
    .select(knex)
    .whereNotNull('remind_at')
    .where('remind_at', '<=', p.now)
    .whereNull('spent_at')
    .orderBy('remind_at')
    .limit(p.limit),
);
const takeReminder = statement<{ id: string; now: number }>((knex, p) =>
  knex('invitations')
    .where({ id: p.id })
    .whereNotNull('remind_at')
    .where('remind_at', '<=', p.now)
    .whereNull('spent_at')
    .update({ remind_at: null }),
);
const sweepInvitations = sweepOf('invitations', ['id'], 'expires_at');

export function invitationStore(db: Writer): InvitationStore {
  return {
    find: (id) => db.first(findById, { id }),
    findByToken: (tokenHash) => db.first(findByToken, { tokenHash }),
    ofUser: (sub) => db.first(findByUser, { sub }),
    issue: async (invitation) => {
      await db.run(issueInvitation, invitation);
    },
    spend: async (id, now) => (await db.run(spendInvitation, { id, now })) === 1,
    withdraw: async (sub) => {
      await db.run(withdrawInvitation, { sub });
    },
    dueReminders: (now, limit) => db.all(dueReminders, { now, limit }),
    takeReminder: async (id, now) => (await db.run(takeReminder, { id, now })) === 1,
    sweep: (before, limit) => db.run(sweepInvitations, { before, limit }),
  };
}
