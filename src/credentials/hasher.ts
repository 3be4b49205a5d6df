/** Slow keyed hashes of what people know: passwords and secret answers. */
import { SECOND } from '../clock.ts';

/** How long a hash or a comparison waits for its turn at most (ms). */
export const PATIENCE = 10 * SECOND;

/** What a hash is of: one of a password never passes for one of an answer. */
export type HashPurpose = 'password' | 'secret answer';

export interface Verification {
  readonly right: boolean;
  /** Right, and made in another form or with other parameters than new hashes are: to be made anew. */
  readonly outdated: boolean;
}

/**
 * Hashes off the event loop, a few at a time; those beyond wait in a queue of bounded length, imported hashes in one of
 * their own. Every method throws SekishoError busy, with nothing computed, when the queue is full or the turn does not
 * come within PATIENCE.
 */
export interface Hasher {
  /** @param value a password as it was typed, or an answer as secret-answer.ts folds it @returns algorithm, parameters, salt and hash in the form of PHC strings */
  hash(purpose: HashPurpose, value: string): Promise<string>;
  /**
   * Compares in constant time for a given form of hash.
   * @param hash null: there is none, which takes the time of a comparison with a hash of ours and is never right
   */
  verify(purpose: HashPurpose, hash: string | null, value: string): Promise<Verification>;
}
