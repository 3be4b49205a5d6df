import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Hasher, PATIENCE } from '../../src/credentials/hasher.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { type Stores, type UnitOfWork, unitOfWork } from '../../src/database/stores.ts';
import { checkPassword, type PasswordOutcome } from '../../src/login/check-password.ts';
import { requestCode } from '../../src/login/request-code.ts';
import type { Visit } from '../../src/login/visit.ts';
import { newId } from '../../src/secrets.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Answer, type Page, type RelyingParty } from '../support/relying-party.ts';
import { codeMail, enterPassword } from '../support/sign-in.ts';
import { completes, expectProblem, post, results, rows, sampleVisit, wrong } from './steps.ts';

const PASSWORD = 'correct horse battery';
const TRIES = 5;

describe.each(ENGINES)('passwords at the same moment on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let other: Database;
  let processes: [UnitOfWork, UnitOfWork];

  beforeAll(async () => {
    const rates = { tries_per_address: { points: 10_000 } };
    at = await startInstallation({ engine, policy: { login_methods: ['password', 'password+otp'], rates } });
    site = await at.addClient();
    other = await openDatabase(at.env.DATABASE_URL ?? '');
    processes = [at.server.uow, unitOfWork(other)];
  });
  afterAll(async () => {
    await other.close();
    await at.close();
  });

  const addUser = (userId: string, method: 'password' | 'password+otp' = 'password') =>
    at.addUser(userId, { method, password: PASSWORD });

  /** Every answer is a redirect or a page that leads on; never a fault. */
  const atOnce = async (times: number, work: (index: number) => Promise<Answer>): Promise<Answer[]> => {
    const answers = await Promise.all(Array.from({ length: times }, (_, index) => work(index)));
    for (const { status, location, body } of answers) {
      expect([303, 400, 403, 429]).toContain(status);
      if (status === 303) expect(location).toContain(at.issuer);
      else expect(body).toMatch(/<a class="button" href="/);
    }
    return answers;
  };

  const firstPages = (userIds: number) =>
    Promise.all(Array.from({ length: userIds }, () => site.begin(new Agent())));

  test('fifteen wrong ones from many browsers: as many are compared as the contract allows', async () => {
    const sub = await addUser('guessed');
    const pages = await firstPages(15);
    const before = at.server.hasher.computed;
    const answers = await atOnce(15, (index) =>
      post(pages[index] as Page, { user_id: 'guessed', password: `guess ${index}` }),
    );
    expect(at.server.hasher.computed - before).toBe(TRIES);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(TRIES - 1);
    // Those that come while the last one is compared may still find it to be right.
    expect(answers.filter(({ status }) => status === 403 || status === 429)).toHaveLength(15 - TRIES + 1);
    const told = await results(at, sub);
    expect(told.filter((result) => result === 'wrong_password')).toHaveLength(TRIES - 1);
    expect((await at.server.uow.read(({ users }) => users.find(sub)))?.state).toBe('locked');
    expectProblem(await enterPassword(await site.begin(new Agent()), 'guessed', PASSWORD), 'locked', 403);
  });

  test('spread over passwords and codes: one count', async () => {
    const sub = await addUser('spread', 'password+otp');
    const before = at.mail.mails.length;
    const page = await enterPassword(await site.begin(new Agent()), 'spread', PASSWORD);
    const { code = '' } = await codeMail(at, 'spread@user.example', before);
    const pages = await firstPages(8);
    await atOnce(16, (index) =>
      index % 2
        ? post(page, { code: wrong(code, index) })
        : post(pages[index / 2] as Page, { user_id: 'spread', password: 'wrong' }),
    );
    const told = await results(at, sub);
    const compared = told.filter((result) => result === 'wrong_password' || result === 'wrong_code');
    expect(compared).toHaveLength(TRIES - 1);
    expectProblem(await page.submit({ code }), 'locked', 403);
  });

  test('the right one among wrong ones at the limit: it wins or comes too late, and nothing in between', async () => {
    for (let round = 0; round < 4; round += 1) {
      const userId = `edge-${round}`;
      const sub = await addUser(userId);
      for (let times = 0; times < TRIES - 2; times += 1) {
        await enterPassword(await site.begin(new Agent()), userId, 'wrong');
      }
      const pages = await firstPages(6);
      const answers = await atOnce(6, (index) =>
        post(pages[index] as Page, { user_id: userId, password: index === round ? PASSWORD : 'wrong' }),
      );
      const won = answers.filter(completes).length;
      const told = await results(at, sub);
      expect(told.filter((result) => result === 'signed_in')).toHaveLength(won);
      expect(won).toBeLessThanOrEqual(1);
      const { state } = (await at.server.uow.read(({ users }) => users.find(sub))) ?? {};
      // A login starts the count anew: of the six at most five come after it.
      if (won === 0) expect(state).toBe('locked');
      expect(told.filter((result) => result === 'wrong_password').length).toBeLessThanOrEqual(
        2 * (TRIES - 1),
      );
    }
  });

  test.each([2, 8])(
    'the right one %i times: one login, to which all lead that are compared',
    async (times) => {
      const sub = await addUser(`right-${times}`);
      const page = await site.begin(new Agent());
      const fields = { user_id: `right-${times}`, password: PASSWORD };
      const answers = await atOnce(times, () => post(page, fields));
      const winners = answers.filter(completes);
      expect(winners.length).toBeGreaterThanOrEqual(Math.min(times, TRIES));
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(times - winners.length);
      expect(await results(at, sub)).toEqual(['signed_in']);
      expect(new Set(winners.map(({ location }) => location)).size).toBe(1);
      const back = await page.agent.open(winners[0]?.location ?? '');
      expect((await site.finish(back)).claims()?.sub).toBe(sub);
    },
  );

  test.each([2, 8])('the right one %i times before a code: one mail', async (times) => {
    const userId = `before-code-${times}`;
    await addUser(userId, 'password+otp');
    const page = await site.begin(new Agent());
    const answers = await atOnce(times, () => post(page, { user_id: userId, password: PASSWORD }));
    const on = answers.filter(({ location }) => location === `${page.url}/code`);
    expect(on.length).toBeGreaterThanOrEqual(Math.min(times, TRIES));
    await at.server.mailer.idle();
    const mails = at.mail.mails.filter(({ envelope }) => envelope.to.includes(`${userId}@user.example`));
    expect(mails).toHaveLength(1);
    const next = await page.agent.open(`${page.url}/code`);
    expect(completes(await post(next, { code: mails[0]?.code ?? '' }))).toBe(true);
  });

  test('logins in many browsers at once: each its own, and no try is left over', async () => {
    const sub = await addUser('everywhere');
    const pages = await firstPages(4);
    const answers = await atOnce(4, (index) =>
      post(pages[index] as Page, { user_id: 'everywhere', password: PASSWORD }),
    );
    expect(answers.filter(completes)).toHaveLength(4);
    expect(await results(at, sub)).toEqual(Array(4).fill('signed_in'));
  });

  const visit = (changes: Parameters<typeof sampleVisit>[1] = {}) => sampleVisit(at, changes);

  /** A login while which something happens: after the first unit of work, once the password was compared. */
  async function during(
    userId: string,
    happens: () => Promise<unknown>,
    mine?: Visit,
  ): Promise<PasswordOutcome> {
    const { hasher, uow } = at.server;
    let happened = false;
    const watched: Hasher = {
      hash: (...given) => hasher.hash(...given),
      verify: async (...given) => {
        const verification = await hasher.verify(...given);
        if (!happened) await happens();
        happened = true;
        return verification;
      },
    };
    const who = { userId, typed: PASSWORD };
    return checkPassword({ uow, hasher: watched }, mine ?? (await visit()), who, newId());
  }
  const write = (work: (stores: Stores) => Promise<unknown>) =>
    at.server.uow.write(async (stores) => void (await work(stores)));
  const triesOf = async (account: string) =>
    (await rows<{ account: string; tries: number }>(at, 'try_counters')).find(
      (row) => row.account === account,
    )?.tries;
  const accountIn = async ({ attemptId }: Visit) =>
    (await at.server.uow.read(({ attempts }) => attempts.find(attemptId)))?.account ?? '';

  test('the comparison is in no transaction: others write meanwhile', async () => {
    await addUser('unhurried');
    // On SQLite a unit of work would wait for ever for the one that it is in.
    const outcome = await during('unhurried', () => write(({ users }) => users.find('nobody')));
    expect(outcome.kind).toBe('accepted');
  });

  test.each(['changed', 'removed', 'disabled', 'deleted', 'date'])(
    'the user or the password is %s while it is compared: no login',
    async (what) => {
      const sub = await addUser(`while-${what}`);
      const hash = await at.server.hasher.hash('password', 'another password');
      const now = at.clock.now();
      const outcome = await during(`while-${what}`, () =>
        write(({ users, passwords }) => {
          if (what === 'changed')
            return passwords.set({ userSub: sub, hash, createdAt: now, updatedAt: now });
          if (what === 'removed') return passwords.remove(sub);
          if (what === 'deleted') return users.delete(sub);
          if (what === 'date') return users.setValidUntil(sub, now - 1000, now);
          return users.setState(sub, 'disabled', null, now);
        }),
      );
      expect(outcome).toEqual({ kind: 'wrong_password' });
      expect((await results(at, sub)).filter((result) => result === 'signed_in')).toEqual([]);
    },
  );

  test('the hash of the same password is made anew meanwhile: the login goes on', async () => {
    const sub = await addUser('while-renewed');
    const hash = await at.server.hasher.hash('password', PASSWORD);
    const outcome = await during('while-renewed', () =>
      write(async ({ passwords }) => {
        const before = await passwords.find(sub);
        expect(await passwords.rehash(sub, before?.hash ?? '', hash, at.clock.now())).toBe(true);
      }),
    );
    expect(outcome.kind).toBe('accepted');
  });

  test('a lock comes meanwhile: it holds', async () => {
    const sub = await addUser('while-locked');
    const mine = await visit();
    const outcome = await during(
      'while-locked',
      async () => {
        const account = await accountIn(mine);
        await write(({ tries }) => tries.lock({ account, browser: '' }, null, at.clock.now()));
      },
      mine,
    );
    expect(outcome).toMatchObject({ kind: 'locked', errorCode: expect.stringMatching(/^[0-9A-Z]{8}$/) });
    expect(await results(at, sub)).toEqual(['locked']);
  });

  test('another user ID is given meanwhile in the same browser: neither gets the login of the other', async () => {
    await addUser('one');
    await addUser('two');
    const mine = await visit();
    const outcome = await during(
      'one',
      () => at.server.uow.write((stores) => requestCode(stores, mine, 'two')),
      mine,
    );
    expect(outcome).toEqual({ kind: 'no_attempt' });
    expect(await triesOf(await accountIn(mine))).toBeUndefined();
  });

  // On SQLite nobody writes between the steps of a unit of work.
  if (engine === 'postgres')
    test('another user ID is given while the result is written: what was proven is not for that one', async () => {
      await addUser('robbed', 'password+otp');
      await addUser('robber', 'password+otp');
      const mine = await visit();
      const { uow, hasher } = at.server;
      const interrupt = () => processes[1].write((stores) => requestCode(stores, mine, 'robbed'));
      const interrupted = ({ attempts }: Stores): Stores['attempts'] => ({
        ...attempts,
        pass: async (...given) => {
          expect(await interrupt()).toEqual({ kind: 'password_asked' });
          return attempts.pass(...given);
        },
      });
      const slow: UnitOfWork = {
        ...uow,
        write: (work) => uow.write((stores) => work({ ...stores, attempts: interrupted(stores) })),
      };
      const who = { userId: 'robber', typed: PASSWORD };
      expect(await checkPassword({ uow: slow, hasher }, mine, who, newId())).toEqual({ kind: 'no_attempt' });
      const attempt = await uow.read(({ attempts }) => attempts.find(mine.attemptId));
      expect(attempt).toMatchObject({ userId: 'robbed', passwordAt: null, codeId: null });
    });

  test('a comparison that fails costs no try', async () => {
    await addUser('unlucky');
    const mine = await visit();
    const broken = during('unlucky', () => Promise.reject(new Error('out of memory')), mine);
    await expect(broken).rejects.toThrow('out of memory');
    expect(await triesOf(await accountIn(mine))).toBe(0);
  });

  test('a process that dies with the last try: nothing is compared beyond it, and then it is locked', async () => {
    const sub = await addUser('died-on');
    const guess = { userId: 'died-on', typed: 'guess' };
    for (let times = 0; times < TRIES; times += 1) {
      const mine = await visit();
      await new Promise<void>((counted) => {
        const dying = {
          hash: at.server.hasher.hash,
          verify: () => {
            counted();
            return new Promise<never>(() => {});
          },
        };
        void checkPassword({ uow: processes[1], hasher: dying }, mine, guess, newId());
      });
    }
    const parts = { uow: at.server.uow, hasher: at.server.hasher };
    const before = at.server.hasher.computed;
    const next = async () => (await checkPassword(parts, await visit(), guess, newId())).kind;
    expect(await next()).toBe('too_many_requests');
    const stateOf = async () => (await at.server.uow.read(({ users }) => users.find(sub)))?.state;
    expect(await stateOf()).toBe('active');
    at.clock.advance(61_000);
    expect(await next()).toBe('locked');
    expect(await stateOf()).toBe('locked');
    expect(at.server.hasher.computed).toBe(before);
  });

  test('a comparison as slow as one can be: pressing again meanwhile locks nobody who is right', async () => {
    const sub = await addUser('slow');
    for (let times = 0; times < TRIES - 1; times += 1) {
      await enterPassword(await site.begin(new Agent()), 'slow', 'wrong');
    }
    const parts = { uow: at.server.uow, hasher: at.server.hasher };
    const outcome = await during('slow', async () => {
      at.clock.advance(4 * PATIENCE + 15_000);
      const again = await checkPassword(parts, await visit(), { userId: 'slow', typed: PASSWORD }, newId());
      expect(again.kind).toBe('too_many_requests');
    });
    expect(outcome.kind).toBe('accepted');
    expect((await at.server.uow.read(({ users }) => users.find(sub)))?.state).toBe('active');
  });

  test('two processes: the lock is exact', async () => {
    await addUser('from-both');
    const before = at.server.hasher.computed;
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, async (_, index) =>
        checkPassword(
          { uow: processes[index % 2] as UnitOfWork, hasher: at.server.hasher },
          await visit(),
          { userId: 'from-both', typed: `guess ${index}` },
          newId(),
        ),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'wrong_password')).toHaveLength(TRIES - 1);
    expect(outcomes.filter(({ kind }) => kind === 'locked').length).toBeGreaterThan(0);
    expect(at.server.hasher.computed - before).toBe(TRIES);
  });
});
