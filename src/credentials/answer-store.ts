/** Secret questions and answers of users in the database; the answers as slow keyed hashes. */
import type { SecretQuestion } from '../contracts/secret-questions.ts';
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { type Stored, table } from '../database/table.ts';

export interface SecretAnswer {
  readonly userSub: string;
  /** As the user chose it: the contract's list may have changed since. */
  readonly question: SecretQuestion;
  /** See hasher.ts; of the answer as secret-answer.ts folds it. */
  readonly hash: string;
  readonly createdAt: number;
  /** When the hash was made (ms). */
  readonly updatedAt: number;
}

export interface AnswerStore {
  find(userSub: string): Promise<SecretAnswer | undefined>;
  /** Sets a user's question and answer, in place of earlier ones. */
  set(answer: SecretAnswer): Promise<void>;
  /** The same, unless the answer is another than that of the hash `from` by now. @returns whether it did */
  replace(answer: SecretAnswer, from: string): Promise<boolean>;
}

type StoredAnswer = Stored<SecretAnswer, 'question'>;
const answers = table<StoredAnswer>('secret_answers', {
  userSub: 'user_sub',
  question: 'question',
  hash: 'hash',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

const findAnswer = statement<{ sub: string }, StoredAnswer>((knex, p) =>
  answers.select(knex).where({ user_sub: p.sub }),
);
const setAnswer = statement<StoredAnswer>((knex, p) =>
  answers.insert(knex, p).onConflict('user_sub').merge(['question', 'hash', 'created_at', 'updated_at']),
);
const replaceAnswer = statement<StoredAnswer & { from: string }>((knex, p) =>
  knex('secret_answers')
    .where({ user_sub: p.userSub, hash: p.from })
    .update({ question: p.question, hash: p.hash, created_at: p.createdAt, updated_at: p.updatedAt }),
);

export function answerStore(db: Writer): AnswerStore {
  return {
    find: async (sub) => {
      const row = await db.first(findAnswer, { sub });
      return row && { ...row, question: JSON.parse(row.question) };
    },
    set: async (answer) => {
      await db.run(setAnswer, { ...answer, question: JSON.stringify(answer.question) });
    },
    replace: async (answer, from) =>
      (await db.run(replaceAnswer, { ...answer, question: JSON.stringify(answer.question), from })) === 1,
  };
}
