/** Imported hashes, which may cost what they like within bounds, and everybody else's. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { derive } from '../../src/credentials/derivation.ts';
import { readForeignHash } from '../../src/credentials/foreign-hash.ts';
import { hashers } from './hashers.ts';

const SALT = 'c2FsdHNhbHRzYWx0';
const TAG = 'A'.repeat(43);
/** A hundredth of a second or two. */
const SLOW = `$pbkdf2-sha256$i=50000$${SALT}$${TAG}`;
const NOT_NORMAL = 'ｐａｓｓｗｏｒｄ';

describe('imported hashes', () => {
  const hasherOf = hashers();

  test('nobody else waits behind them, and few of them wait', async () => {
    const hasher = hasherOf({ parallel: 1 });
    let compared = 0;
    const crowd = Array.from({ length: 33 }, () =>
      hasher.verify('password', SLOW, 'wrong').then(() => (compared += 1)),
    );
    expect(hasher.waiting).toBe(32);
    await expect(hasher.verify('password', SLOW, 'wrong')).rejects.toMatchObject({ code: 'busy' });
    const ours = await hasher.hash('password', 'correct horse');
    expect((await hasher.verify('password', ours, 'correct horse')).right).toBe(true);
    await hasher.verify('password', null, 'of nobody');
    expect(compared).toBeLessThan(33);
    await Promise.all(crowd);
  });

  test('are compared with what was typed and its normal form in one turn: no guess is half made', async () => {
    const hasher = hasherOf({ parallel: 1 });
    const settled: string[] = [];
    const crowd = [NOT_NORMAL, 'second', 'third'].map((typed) =>
      hasher.verify('password', SLOW, typed).then(() => settled.push(typed)),
    );
    await Promise.all(crowd);
    expect(settled).toEqual([NOT_NORMAL, 'second', 'third']);
    expect(hasher.computed).toBe(4);
  });

  test('one that cannot be computed is told, wrong, and costs what nobody costs', async () => {
    const faults: Error[] = [];
    const hasher = hasherOf({ fault: (error) => faults.push(error) });
    // No function that hashes takes this one, on the thread.
    const value = Object('correct horse');
    const compared = await hasher.verify('password', `$pbkdf2-sha256$i=1$${SALT}$${TAG}`, value);
    expect(compared).toEqual({ right: false, outdated: false });
    expect([hasher.computed, faults.length]).toEqual([1, 1]);
    expect(faults[0]?.message).not.toContain('correct horse');
  });

  test('whatever passes the check can be computed', () => {
    const between = (min: number, max: number) => fc.integer({ min, max });
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');
    const bytes = fc.uint8Array({ minLength: 8, maxLength: 128 }).map(base64);
    const lanes = between(1, 16);
    const start = fc.oneof(
      fc.tuple(between(0, 12), between(0, 9), lanes).map(([ln, r, p]) => `$scrypt$ln=${ln},r=${r},p=${p}`),
      fc.constant('$scrypt$ln=16,r=1,p=1'),
      fc
        .tuple(fc.constantFrom('d', 'i', 'id'), between(0, 200), between(0, 3), lanes)
        .map(([kind, m, t, p]) => `$argon2${kind}$v=19$m=${m},t=${t},p=${p}`),
      fc
        .tuple(fc.constantFrom('sha1', 'sha256', 'sha512'), between(0, 9))
        .map(([digest, i]) => `$pbkdf2-${digest}$i=${i}`),
    );
    const password = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\0'));
    let computed = 0;
    fc.assert(
      fc.property(start, bytes, bytes, password, (cost, salt, tag, typed) => {
        const read = readForeignHash(`${cost}$${salt}$${tag}`);
        if (read.kind === 'fault') return;
        expect(derive(read.derivation, typed)).toHaveLength(read.tag.length);
        computed += 1;
      }),
      { numRuns: 300 },
    );
    expect(computed).toBeGreaterThan(50);
  });
});

describe('patience', () => {
  const hasherOf = hashers();

  test.each(['ours', 'imported'])('who waits too long for %s is told to come back', async (lane) => {
    const hasher = hasherOf({ cost: { memory: 1024, passes: 400, lanes: 1 }, parallel: 1, patience: 20 });
    const hash = lane === 'ours' ? null : `$pbkdf2-sha256$i=600000$${SALT}$${TAG}`;
    const first = hasher.verify('password', hash, 'wrong');
    await expect(hasher.verify('password', hash, 'wrong')).rejects.toMatchObject({ code: 'busy' });
    expect(await first).toEqual({ right: false, outdated: false });
    expect(hasher.computed).toBe(1);
  });
});
