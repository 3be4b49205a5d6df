/** Passwords in the database, as slow keyed hashes. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { type Stored, table } from '../database/table.ts';

export interface StoredPassword {
  readonly userSub: string;
  /** See hasher.ts. */
  readonly hash: string;
  /** When the password was chosen (ms). */
  readonly createdAt: number;
  /** When its hash was made (ms). */
  readonly updatedAt: number;
}

export interface PasswordStore {
  find(userSub: string): Promise<StoredPassword | undefined>;
  /** Sets a user's password, in place of an earlier one. */
  set(password: StoredPassword): Promise<void>;
  /** Replaces the hash of the same password, unless the password is another by now. @returns whether it did */
  rehash(userSub: string, from: string, to: string, now: number): Promise<boolean>;
  /** Forgets a user's password. */
  remove(userSub: string): Promise<void>;
}

const passwords = table<StoredPassword>('passwords', {
  userSub: 'user_sub',
  hash: 'hash',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

const findPassword = statement<{ sub: string }, StoredPassword>((knex, p) =>
  passwords.select(knex).where({ user_sub: p.sub }),
);
const setPassword = statement<Stored<StoredPassword>>((knex, p) =>
  passwords.insert(knex, p).onConflict('user_sub').merge(['hash', 'created_at', 'updated_at']),
);
const rehashPassword = statement<{ sub: string; from: string; to: string; now: number }>((knex, p) =>
  knex('passwords').where({ user_sub: p.sub, hash: p.from }).update({ hash: p.to, updated_at: p.now }),
);
const removePassword = statement<{ sub: string }>((knex, p) =>
  knex('passwords').where({ user_sub: p.sub }).delete(),
);

export function passwordStore(db: Writer): PasswordStore {
  return {
    find: (sub) => db.first(findPassword, { sub }),
    set: async (password) => {
      await db.run(setPassword, password);
    },
    rehash: async (sub, from, to, now) => (await db.run(rehashPassword, { sub, from, to, now })) === 1,
    remove: async (sub) => {
      await db.run(removePassword, { sub });
    },
  };
}
