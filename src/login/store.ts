/** Login attempts in the database: what one interaction has come to. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { type Stored, sweepOf, table } from '../database/table.ts';

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

const attempts = table<LoginAttempt>('login_attempts', {
  id: 'id',
  contractId: 'contract_id',
  clientId: 'client_id',
  userSub: 'user_sub',
  userId: 'user_id',
  account: 'account',
  codeId: 'code_id',
  mails: 'mails',
  lastMailAt: 'last_mail_at',
  createdAt: 'created_at',
  expiresAt: 'expires_at',
});

const findAttempt = statement<{ id: string }, LoginAttempt>((knex, { id }) =>
  attempts.select(knex).where({ id }),
);
/** All but what the interaction itself decides. */
const BEGUN_ANEW = [
  'user_sub',
  'user_id',
  'account',
  'code_id',
  'mails',
  'last_mail_at',
  'created_at',
  'expires_at',
];
const beginAttempt = statement<Stored<LoginAttempt>>((knex, p) =>
  attempts.insert(knex, p).onConflict('id').merge(BEGUN_ANEW),
);
const countMail = statement<{ id: string; mails: number; now: number }>((knex, p) =>
  knex('login_attempts')
    .where({ id: p.id, mails: p.mails })
    .update({ mails: knex.raw('mails + 1'), last_mail_at: p.now }),
);
const sweepAttempts = sweepOf('login_attempts', ['id'], 'expires_at');

export function attemptStore(db: Writer): AttemptStore {
  return {
    find: (id) => db.first(findAttempt, { id }),
    begin: async (attempt) => {
      await db.run(beginAttempt, attempt);
    },
    countMail: async (id, mails, now) => (await db.run(countMail, { id, mails, now })) === 1,
    sweep: (before, limit) => db.run(sweepAttempts, { before, limit }),
  };
}
