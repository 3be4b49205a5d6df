/** Login attempts in the database: what one interaction has come to. */
import type { Factor, LoginMethod } from '../contracts/login-methods.ts';
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
  /** The user's login method, or the one that is pretended for nobody. */
  readonly method: LoginMethod;
  /** Factors to prove in this attempt. */
  readonly needs: readonly Factor[];
  /** Factors that the session had proven before: the attempt only steps up. */
  readonly held: readonly Factor[];
  /** When the password was right; of a recovery: when the new credentials were registered (ms). */
  readonly passwordAt: number | null;
  /** Of a recovery: when the mailed code was right (ms). */
  readonly codeAt: number | null;
  /** Of a recovery: when the secret answer was right (ms). */
  readonly answerAt: number | null;
  /** null: no code was made yet. */
  readonly codeId: string | null;
  /** How often the code was mailed. */
  readonly mails: number;
  readonly lastMailAt: number;
  readonly createdAt: number;
  /** When its code, or its next step, ends (ms). */
  readonly expiresAt: number;
}

/** Whose attempt it is: what is written for it must not land in one that was begun meanwhile for another user ID. */
export type Whose = Pick<LoginAttempt, 'id' | 'account' | 'userSub'>;

/** An attempt's code, mailed for the first time. */
export type CodeGiven = Whose & Pick<LoginAttempt, 'codeId' | 'mails' | 'lastMailAt' | 'expiresAt'>;

/** A step of an attempt that comes before others. */
export type PassedStep = 'password' | 'code' | 'answer';

export interface AttemptStore {
  find(id: string): Promise<LoginAttempt | undefined>;
  /** Begins an attempt in this interaction, in place of an earlier one. */
  begin(attempt: LoginAttempt): Promise<void>;
  /**
   * Gives an attempt its first code, or another when it had one, unless another request did so meanwhile, or began it
   * anew for somebody else. @param from the code that the caller saw
   */
  giveCode(attempt: CodeGiven, from: string | null): Promise<boolean>;
  /** Counts one more mail, unless another request did so meanwhile (`mails` is what the caller saw). */
  countMail(id: string, mails: number, now: number): Promise<boolean>;
  /**
   * Notes that a step was passed, unless it was before, or the attempt was begun anew for somebody else. The caller reads
   * the attempt after it: only then it cannot change any more. @returns whether it was noted now
   */
  pass(attempt: Whose, step: PassedStep, now: number): Promise<boolean>;
  /** Ends an attempt that can never be completed: the next one begins anew. */
  remove(id: string): Promise<void>;
  /** Deletes attempts that ended before. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

/** Lists of factors are words separated by spaces there. */
type StoredAttempt = Stored<LoginAttempt, 'needs' | 'held'>;
const attempts = table<StoredAttempt>('login_attempts', {
  id: 'id',
  contractId: 'contract_id',
  clientId: 'client_id',
  userSub: 'user_sub',
  userId: 'user_id',
  account: 'account',
  method: 'method',
  needs: 'needs',
  held: 'held',
  passwordAt: 'password_at',
  codeAt: 'code_at',
  answerAt: 'answer_at',
  codeId: 'code_id',
  mails: 'mails',
  lastMailAt: 'last_mail_at',
  createdAt: 'created_at',
  expiresAt: 'expires_at',
});

const findAttempt = statement<{ id: string }, StoredAttempt>((knex, { id }) =>
  attempts.select(knex).where({ id }),
);
/** All but what the interaction itself decides. */
const BEGUN_ANEW = [
  'user_sub',
  'user_id',
  'account',
  'method',
  'needs',
  'held',
  'password_at',
  'code_at',
  'answer_at',
  'code_id',
  'mails',
  'last_mail_at',
  'created_at',
  'expires_at',
];
const beginAttempt = statement<StoredAttempt>((knex, p) =>
  attempts.insert(knex, p).onConflict('id').merge(BEGUN_ANEW),
);
const countMail = statement<{ id: string; mails: number; now: number }>((knex, p) =>
  knex('login_attempts')
    .where({ id: p.id, mails: p.mails })
    .update({ mails: knex.raw('mails + 1'), last_mail_at: p.now }),
);
const giveCode = statement<Stored<CodeGiven> & { from: string }>((knex, p) =>
  knex('login_attempts')
    .where({ id: p.id, account: p.account, user_sub: p.userSub })
    .whereRaw("coalesce(code_id, '') = ?", [p.from])
    .update({ code_id: p.codeId, mails: p.mails, last_mail_at: p.lastMailAt, expires_at: p.expiresAt }),
);
const passStep = (column: 'password_at' | 'code_at' | 'answer_at') =>
  statement<Stored<Whose> & { now: number }>((knex, p) =>
    knex('login_attempts')
      .where({ id: p.id, account: p.account, user_sub: p.userSub })
      .whereNull(column)
      .update({ [column]: p.now }),
  );
const passSteps = {
  password: passStep('password_at'),
  code: passStep('code_at'),
  answer: passStep('answer_at'),
} as const;
const removeAttempt = statement<{ id: string }>((knex, p) =>
  knex('login_attempts').where({ id: p.id }).delete(),
);
const sweepAttempts = sweepOf('login_attempts', ['id'], 'expires_at');

export function attemptStore(db: Writer): AttemptStore {
  return {
    find: async (id) => {
      const row = await db.first(findAttempt, { id });
      return row && { ...row, needs: factorsOf(row.needs), held: factorsOf(row.held) };
    },
    begin: async (attempt) => {
      const { needs, held } = attempt;
      await db.run(beginAttempt, { ...attempt, needs: needs.join(' '), held: held.join(' ') });
    },
    giveCode: async ({ id, account, userSub, codeId, mails, lastMailAt, expiresAt }, from) => {
      const given = { id, account, userSub, codeId, mails, lastMailAt, expiresAt };
      return (await db.run(giveCode, { ...given, from: from ?? '' })) === 1;
    },
    pass: async ({ id, account, userSub }, step, now) =>
      (await db.run(passSteps[step], { id, account, userSub, now })) === 1,
    countMail: async (id, mails, now) => (await db.run(countMail, { id, mails, now })) === 1,
    remove: async (id) => {
      await db.run(removeAttempt, { id });
    },
    sweep: (before, limit) => db.run(sweepAttempts, { before, limit }),
  };
}

function factorsOf(stored: string): Factor[] {
  return stored.split(' ').filter((word): word is Factor => word === 'password' || word === 'otp');
}
