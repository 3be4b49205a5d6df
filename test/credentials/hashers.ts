/** Hashers for tests: cheap ones, with the threads that are stopped after the tests. */
import { afterAll } from '@jest/globals';
import { createHasher, type HasherOptions, type RunningHasher } from '../../src/credentials/argon2-hasher.ts';
import { newId, randomSalt } from '../../src/secrets.ts';

/** So cheap that a test can hash often. */
export const CHEAP = { memory: 64, passes: 1, lanes: 1 };

export function newPepper() {
  return { id: newId(), key: randomSalt(32) };
}

/** For the top of a test file: makes hashers and stops them in the end. */
export function hashers(): (options?: Partial<HasherOptions>) => RunningHasher {
  const made: RunningHasher[] = [];
  afterAll(() => Promise.all(made.map((hasher) => hasher.stop())));
  return (options = {}) => {
    const hasher = createHasher({ pepper: newPepper(), cost: CHEAP, ...options });
    made.push(hasher);
    return hasher;
  };
}
