import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deriveCode } from '../../src/credentials/one-time-code.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { type UnitOfWork, unitOfWork } from '../../src/database/stores.ts';
import { requestCode } from '../../src/login/request-code.ts';
import { resendCode } from '../../src/login/resend-code.ts';
import { verifyCode } from '../../src/login/verify-code.ts';
import type { Visit } from '../../src/login/visit.ts';
import { newId } from '../../src/secrets.ts';
import { CONTRACT, ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { sampleVisit, wrong } from './steps.ts';

/** The verbs of a login over two connections to one database, as two processes have them. */
describe.each(ENGINES)('two processes on one database, %s', (engine) => {
  let at: Installation;
  let other: Database;
  let processes: [UnitOfWork, UnitOfWork];

  beforeAll(async () => {
    const few = { points: 7, seconds: 600 };
    const rates = { code_requests_per_contract: { points: 10_000 }, tries_per_address: { points: 10_000 } };
    at = await startInstallation({ engine, policy: { rates } });
    await at.addContract('narrow', { rates: { code_requests_per_address: few, tries_per_address: few } });
    await at.addContract('narrower', { rates: { code_requests_per_contract: few } });
    other = await openDatabase(at.env.DATABASE_URL ?? '');
    processes = [at.server.uow, unitOfWork(other)];
  });
  afterAll(async () => {
    await other.close();
    await at.close();
  });

  const visit = (changes: Parameters<typeof sampleVisit>[1] = {}) => sampleVisit(at, changes);

  const race = <T>(times: number, work: (uow: UnitOfWork, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: times }, (_, index) => work(processes[index % 2] as UnitOfWork, index)));

  async function begun(userId: string): Promise<{ visit: Visit; code: string }> {
    const mine = await visit();
    const outcome = await processes[0].write((stores) => requestCode(stores, mine, userId));
    if (outcome.kind !== 'code_sent' || !outcome.code) throw new Error(outcome.kind);
    return { visit: mine, code: deriveCode(at.server.secrets, outcome.code) };
  }

  const count = (outcomes: { kind: string }[]) => {
    const counts: Record<string, number> = {};
    for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  };

  test('a right code is accepted once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await at.addUser(`once-${round}`);
      const { visit: mine, code } = await begun(`once-${round}`);
      const outcomes = await race(6, (uow) => uow.write((stores) => verifyCode(stores, mine, code, newId())));
      expect(count(outcomes)).toEqual({ accepted: 1, used: 5 });
    }
  });

  test('the lock is exact', async () => {
    await at.addUser('locked');
    const { visit: mine, code } = await begun('locked');
    const outcomes = await race(20, (uow, index) =>
      uow.write((stores) => verifyCode(stores, mine, wrong(code, index + 1), newId())),
    );
    expect(count(outcomes)).toEqual({ wrong: 4, locked: 16 });
    const right = await processes[1].write((stores) => verifyCode(stores, mine, code, newId()));
    expect(right.kind).toBe('locked');
  });

  test('so is the lock of a user ID that does not exist', async () => {
    await at.setPolicy(CONTRACT, { unknown_user: 'silent' });
    const { visit: mine } = await begun('nobody');
    const outcomes = await race(12, (uow, index) =>
      uow.write((stores) => verifyCode(stores, mine, String(100_000 + index), newId())),
    );
    expect(count(outcomes)).toEqual({ wrong: 4, locked: 8 });
    await at.setPolicy(CONTRACT, {});
  });

  test('a resend is mailed once', async () => {
    await at.addUser('resent');
    const { visit: mine } = await begun('resent');
    const then = { ...mine, now: mine.now + 61_000 };
    const outcomes = await race(6, (uow) => uow.write((stores) => resendCode(stores, then)));
    expect(count(outcomes)).toEqual({ resent: 1, too_early: 5 });
    expect(outcomes.flatMap((outcome) => (outcome.kind === 'resent' ? outcome.mails : []))).toHaveLength(1);
  });

  test("an account's mails of an hour are exact", async () => {
    await at.addUser('flooded');
    const outcomes = await race(16, async (uow) => {
      const own = await visit();
      return uow.write((stores) => requestCode(stores, own, 'flooded'));
    });
    expect(count(outcomes)).toEqual({ code_sent: 5, too_many_mails: 11 });
  });

  test('the same user ID twice in one interaction is mailed once', async () => {
    await at.addUser('twice');
    const mine = await visit();
    const outcomes = await race(4, (uow) => uow.write((stores) => requestCode(stores, mine, 'twice')));
    expect(outcomes.flatMap((outcome) => (outcome.kind === 'code_sent' ? outcome.mails : []))).toHaveLength(
      1,
    );
  });

  test('requests of one address, and of a whole contract, are exact', async () => {
    for (const contractId of ['narrow', 'narrower']) {
      const outcomes = await race(20, async (uow, index) => {
        const own = await visit({
          contractId,
          addressBucket: contractId === 'narrow' ? 'one' : `many-${index}`,
        });
        return uow.write((stores) => requestCode(stores, own, `nobody-${index}`));
      });
      expect(count(outcomes)).toEqual({ could_not_send: 7, too_many_requests: 13 });
    }
  });

  test('tries of one address are exact, whatever they try', async () => {
    const outcomes = await race(20, async (uow) => {
      const own = await visit({ contractId: 'narrow', addressBucket: 'guesser' });
      return uow.write((stores) => verifyCode(stores, own, '123456', newId()));
    });
    expect(count(outcomes)).toEqual({ no_attempt: 7, too_many_requests: 13 });
  });
});
