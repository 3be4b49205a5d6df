/** Login attempts in the database: what one interaction has come to. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';

export interface LoginAttempt {
  /** Hash of the interaction's uid. */
  readonly id: string;
  readonly contractId: string;
  readonly clientId: string;
  /** null: nobody can log in by this attempt; it only looks like one (silent mode). */
  readonly userSub: string | null;
  /** As it was typed, folded. */
  readonly userId: string;
  /** credentials/account-scope.ts */
  readonly account: string;
  readonly codeId: string;
  /** How often the code was mailed. */
  readonly mails: number;
  readonly lastMailAt: number;
  readonly createdAt: number;
  /** When its code ends (ms). */
  readonly expiresAt: number;
}

export interface AttemptStore {
  find(id: string): Promise<LoginAttempt | undefined>;
  /** Begins an attempt in this interaction, in place of an earlier one. */
  begin(attempt: LoginAttempt): Promise<void>;
  /** Counts one more mail, unless another request did so meanwhile (`mails` is what the caller saw). */
  countMail(id: string, mails: number, now: number): Promise<boolean>;
  /** Deletes attempts that ended before. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

interface AttemptRow {
  id: string;
  contract_id: string;
  client_id: string;
  user_sub: string | null;
  user_id: string;
  account: string;
  code_id: string;
  mails: number;
  last_mail_at: number;
  created_at: number;
  expires_at: number;
}

const findAttempt = statement<{ id: string }, AttemptRow>((knex, { id }) =>
  knex('login_attempts').where({ id }),
);
const beginAttempt = statement<{
  id: string;
  contractId: string;
  clientId: string;
  userSub: string | null;
  userId: string;
  account: string;
  codeId: string;
  mails: number;
  lastMailAt: number;
  createdAt: number;
  expiresAt: number;
}>((knex, p) => {
  const started = {
    user_sub: p.userSub,
    user_id: p.userId,
    account: p.account,
    code_id: p.codeId,
    mails: p.mails,
    last_mail_at: p.lastMailAt,
    created_at: p.createdAt,
    expires_at: p.expiresAt,
  };
  return knex('login_attempts')
    .insert({ id: p.id, contract_id: p.contractId, client_id: p.clientId, ...started })
    .onConflict('id')
    .merge(started);
});
const countMail = statement<{ id: string; mails: number; now: number }>((knex, p) =>
  knex('login_attempts')
    .where({ id: p.id, mails: p.mails })
    .update({ mails: knex.raw('mails + 1'), last_mail_at: p.now }),
);
const sweepAttempts = statement<{ before: number; limit: number }>((knex, p) =>
  knex('login_attempts')
    .whereIn('id', knex('login_attempts').select('id').where('expires_at', '<', p.before).limit(p.limit))
    .delete(),
);

export function attemptStore(db: Writer): AttemptStore {
  return {
    find: async (id) => {
      const row = await db.first(findAttempt, { id });
      return (
        row && {
          id: row.id,
          contractId: row.contract_id,
          clientId: row.client_id,
          userSub: row.user_sub,
          userId: row.user_id,
          account: row.account,
          codeId: row.code_id,
          mails: row.mails,
          lastMailAt: row.last_mail_at,
          createdAt: row.created_at,
          expiresAt: row.expires_at,
        }
      );
    },
    begin: async (attempt) => {
      await db.run(beginAttempt, { ...attempt });
    },
    countMail: async (id, mails, now) => (await db.run(countMail, { id, mails, now })) === 1,
    sweep: (before, limit) => db.run(sweepAttempts, { before, limit }),
  };
}
