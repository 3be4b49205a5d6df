import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Hasher } from '../../src/credentials/hasher.ts';
import { issueInvitation } from '../../src/credentials/invitation.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { type Stores, type UnitOfWork, unitOfWork } from '../../src/database/stores.ts';
import { findRecovering, renewCredentials } from '../../src/login/forgotten/renew-credentials.ts';
import { completes, expectProblem as expectLoginProblem, post, results, rows } from '../login/steps.ts';
import { CONTRACT, ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Answer, type Page, type RelyingParty } from '../support/relying-party.ts';
import { enterPassword, signInWithPassword } from '../support/sign-in.ts';
import {
  addRegistered,
  askForRecoveryCode,
  atNewCredentials,
  atQuestion,
  beside,
  ENTRIES,
  expectPage,
  expectProblem,
  kept,
  OLD_ANSWER,
  OLD_PASSWORD,
  openForgotten,
  opens,
  POLICY,
  QUESTION,
  setAnswer,
  visitOf,
} from './steps.ts';

const entries = (index: number) => {
  const password = `${ENTRIES.password} ${index}`;
  return { ...ENTRIES, answer: `答え${index}`, password, password_again: password };
};

/** Lets callers go on when all have come. */
function barrier(callers: number): () => Promise<void> {
  let open = () => {};
  let missing = callers;
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return async () => {
    missing -= 1;
    if (missing === 0) open();
    await opened;
  };
}

describe.each(ENGINES)('recoveries and what happens beside them on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let other: Database;
  let processes: [UnitOfWork, UnitOfWork];

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: POLICY });
    site = await at.addClient();
    other = await openDatabase(at.env.DATABASE_URL ?? '');
    processes = [at.server.uow, unitOfWork(other)];
  });
  afterAll(async () => {
    await other.close();
    await at.close();
  });

  const write = (work: (stores: Stores) => Promise<unknown>) =>
    at.server.uow.write(async (stores) => void (await work(stores)));

  test.each([2, 6])('the last form %i times at once: one registers, all come to the end', async (times) => {
    const sub = await addRegistered(at, `pressed-${times}`);
    const page = await atNewCredentials(at, site, `pressed-${times}`);
    const answers = await Promise.all(
      Array.from({ length: times }, (_, index) => post(page, entries(index))),
    );
    expect(answers.map(({ location }) => location)).toEqual(Array(times).fill(beside(page, '/done')));
    expect(await results(at, sub)).toEqual(['recovered']);
    const right: boolean[] = [];
    for (let index = 0; index < times; index += 1) right.push(await opens(at, sub, entries(index).password));
    expect(right.filter(Boolean)).toHaveLength(1);
    const notices = (await rows<{ recipient: string; code_id: string | null }>(at, 'mails')).filter(
      ({ recipient, code_id }) => recipient === `pressed-${times}@user.example` && code_id === null,
    );
    expect(notices).toHaveLength(1);
  });

  test('from four browsers at once: one registers, the others are told', async () => {
    const sub = await addRegistered(at, 'four');
    const pages: Page[] = [];
    for (let index = 0; index < 4; index += 1) pages.push(await atNewCredentials(at, site, 'four'));
    const answers = await Promise.all(pages.map((page, index) => post(page, entries(index))));
    const won = answers.findIndex(({ status }) => status === 303);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409, 409, 409]);
    expect(await results(at, sub)).toEqual(['recovered']);
    expect(await opens(at, sub, entries(won).password)).toBe(true);
    // Their code and answer are of no more use.
    for (const [index, page] of pages.entries()) {
      if (index !== won) expectProblem(await page.submit(entries(9)), 'ended', 409);
    }
    expect(await opens(at, sub, entries(won).password)).toBe(true);
  });

  test('in a known browser and in an unknown one at once, which share no count: one registers', async () => {
    for (let round = 0; round < 6; round += 1) {
      const sub = await addRegistered(at, `two-counts-${round}`);
      const pages = [
        await atNewCredentials(at, site, `two-counts-${round}`),
        await atNewCredentials(at, site, `two-counts-${round}`),
      ];
      const home = { deviceCookie: `home-${round}` };
      await write(({ browsers }) => browsers.remember(sub, home.deviceCookie, at.clock.now()));
      const hashed = barrier(pages.length);
      const outcomes = await Promise.all(
        pages.map(async (page, index) => {
          const visit = await visitOf(at, page, index ? home : {});
          const who = await at.server.uow.read((stores) => findRecovering(stores, visit));
          if (!who) throw new Error('nobody recovers');
          const hasher: Hasher = {
            ...at.server.hasher,
            hash: async (purpose) => {
              if (purpose === 'password') await hashed();
              return `${purpose} ${index}`;
            },
          };
          const credentials = { question: QUESTION, answer: 'x', password: 'x' };
          return renewCredentials(
            { uow: processes[index] as UnitOfWork, hasher, clock: at.clock },
            visit,
            who,
            credentials,
          );
        }),
      );
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['ended', 'renewed']);
      const won = outcomes.findIndex(({ kind }) => kind === 'renewed');
      const { answer, password } = await kept(at, sub);
      expect({ answer, password }).toEqual({ answer: `secret answer ${won}`, password: `password ${won}` });
      expect(await results(at, sub)).toEqual(['recovered']);
    }
  });

  test('the right code, and the right answer, many times at once', async () => {
    const sub = await addRegistered(at, 'clicks');
    const { page, code } = await askForRecoveryCode(at, await openForgotten(site), 'clicks');
    const codes = await Promise.all(Array.from({ length: 6 }, () => post(page, { code })));
    expect(codes.map(({ location }) => location)).toEqual(Array(6).fill(beside(page, '/question')));
    const question = await page.agent.open(beside(page, '/question'));
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => post(question, { answer: OLD_ANSWER })),
    );
    for (const { location } of answers) expect(location).toBe(beside(page, '/credentials'));
    expect(await results(at, sub)).toEqual([]);
    const attempts = await rows<{ user_sub: string; account: string }>(at, 'login_attempts');
    const account = attempts.find(({ user_sub }) => user_sub === sub)?.account;
    const counter = (await rows<{ account: string; tries: number }>(at, 'try_counters')).find(
      (row) => row.account === account,
    );
    expect(counter?.tries).toBe(0);
  });

  test('another user ID is given in the same browser at each step: nothing proven for one counts for the other', async () => {
    for (let round = 0; round < 6; round += 1) {
      const [mine, hers] = [`mine-${round}`, `hers-${round}`];
      await addRegistered(at, mine);
      const victim = await addRegistered(at, hers);
      const before = await kept(at, victim);
      const agent = new Agent();
      const start = await openForgotten(site, agent);
      const { page, code } = await askForRecoveryCode(at, start, mine);
      const steps: ((from: Page) => Promise<Answer>)[] = [
        () => post(page, { code }),
        (from) => agent.post(beside(from, '/question'), { ...fieldsOf(page), answer: OLD_ANSWER }),
        (from) => agent.post(beside(from, '/credentials'), { ...fieldsOf(page), ...ENTRIES }),
      ];
      for (const step of steps.slice(0, round % 3)) await step(page);
      const last = steps[round % 3] as (from: Page) => Promise<Answer>;
      await Promise.all([post(start, { user_id: hers }), last(page), post(start, { user_id: hers })]);
      for (const step of steps) await step(page);
      expect(await kept(at, victim)).toEqual(before);
    }
  });

  const fieldsOf = (page: Page) => ({ csrf: page.forms[0]?.fields.csrf ?? '' });

  const CHANGES: [string, (sub: string) => Promise<unknown>][] = [
    ['disabled', (sub) => write(({ users }) => users.setState(sub, 'disabled', null, at.clock.now()))],
    ['deleted', (sub) => write(({ users }) => users.delete(sub))],
    [
      'past the date',
      (sub) => write(({ users }) => users.setValidUntil(sub, at.clock.now(), at.clock.now())),
    ],
  ];

  test.each(CHANGES)('who is %s goes no further from any step', async (how, change) => {
    const users: [string, Page, Record<string, string>][] = [];
    const name = (step: string) => `${step}-${how.replaceAll(' ', '-')}`;
    const subs: string[] = [];
    for (const step of ['code', 'question', 'credentials']) subs.push(await addRegistered(at, name(step)));
    const { page, code } = await askForRecoveryCode(at, await openForgotten(site), name('code'));
    users.push(['code', page, { code }]);
    users.push(['question', await atQuestion(at, site, name('question')), { answer: OLD_ANSWER }]);
    users.push(['credentials', await atNewCredentials(at, site, name('credentials')), ENTRIES]);
    for (const sub of subs) await change(sub);
    for (const [step, at_, fields] of users) {
      const answer = await at_.submit(fields);
      // Who has proven nothing yet is told nothing.
      if (step === 'code') expectPage(answer, 'login.code.title', 400);
      else expectProblem(answer, 'ended', 409);
      if (step !== 'code') expectProblem(await at_.reload(), 'ended', 409);
    }
  });

  test.each(['password', 'answer', 'method', 'address'])(
    'the %s was changed since the answer: what was proven counts no more',
    async (what) => {
      const sub = await addRegistered(at, `changed-${what}`);
      const page = await atNewCredentials(at, site, `changed-${what}`);
      const hash = await at.server.hasher.hash('password', 'registered meanwhile');
      const now = at.clock.now();
      if (what === 'answer') await setAnswer(at, sub, 'タマ');
      else if (what === 'password') {
        await write(({ passwords }) => passwords.set({ userSub: sub, hash, createdAt: now, updatedAt: now }));
      } else if (what === 'method') {
        await at.server.database.write((writer) =>
          writer.query((knex) => knex('users').where({ sub }).update({ login_method: 'otp' })),
        );
      } else {
        await write(async ({ users }) => {
          await users.removeDevices(sub);
          const device = { number: 1, address: 'right@user.example', type: 'pc' } as const;
          await users.addDevice(sub, { ...device, confirmedAt: now, createdAt: now });
        });
      }
      const before = await kept(at, sub);
      const answer = await page.submit(ENTRIES);
      if (what === 'method') expect(await opens(at, sub, ENTRIES.password)).toBe(false);
      else {
        expectProblem(answer, 'ended', 409);
        expect(await kept(at, sub)).toEqual(before);
      }
    },
  );

  test('a registration by invitation at the same moment: one of the two holds, whole', async () => {
    for (let round = 0; round < 4; round += 1) {
      const userId = `both-${round}`;
      const sub = await addRegistered(at, userId);
      const page = await atNewCredentials(at, site, userId);
      const { uow, secrets } = at.server;
      const now = at.clock.now();
      const { invitation, code } = await uow.write(async (stores) => {
        const user = await stores.users.find(sub);
        const contract = await stores.contracts.find(CONTRACT);
        if (!user || !contract) throw new Error(userId);
        return issueInvitation(stores, secrets, user, contract.policy, now);
      });
      const register = () =>
        uow.write(async ({ invitations, codes, answers }) => {
          if (!(await invitations.spend(invitation.id, now)) || !(await codes.spend(code.id, now)))
            return false;
          const before = await answers.find(sub);
          if (before) await answers.set({ ...before, hash: 'by invitation', createdAt: at.clock.now() });
          return true;
        });
      const [registered, renewed] = await Promise.all([register(), post(page, ENTRIES)]);
      const done = renewed.status === 303;
      expect(registered || done).toBe(true);
      if (registered && done) {
        // One after the other: the invitation was used first, or its end came second.
        expect(await results(at, sub)).toEqual(['recovered']);
      }
      const { answer } = await kept(at, sub);
      expect(answer === 'by invitation').toBe(!done);
    }
  });

  test('a login with the old password, complete but held back on the way to the site: it ends', async () => {
    const sub = await addRegistered(at, 'held-back');
    const thief = await site.begin(new Agent());
    const id = await thief.submit({ user_id: 'held-back' });
    const held = await post(id, { password: OLD_PASSWORD });
    expect(completes(held)).toBe(true);
    const page = await atNewCredentials(at, site, 'held-back');
    expectPage(await page.submit(ENTRIES), 'forgotten.done.title', 200);
    const back = await thief.agent.open(held.location ?? '');
    expect(back.status).toBe(400);
    expect(site.callbackOf(back)?.has('code') ?? false).toBe(false);
    expect((await signInWithPassword(at, site, new Agent(), 'held-back', ENTRIES.password)).sub).toBe(sub);
  });

  test('when too many hashes wait, the page says to come later, and nothing has happened', async () => {
    const sub = await addRegistered(at, 'crowded-out');
    const question = await atQuestion(at, site, 'crowded-out');
    const form = await atNewCredentials(at, site, 'crowded-out');
    const before = await kept(at, sub);
    const { hasher } = at.server;
    let done = false;
    /** Takes every place in the queue that gets free. */
    const crowd = async () => {
      while (!done) {
        await hasher.verify('password', null, 'x').catch(() => new Promise((later) => setImmediate(later)));
      }
    };
    const flood = Array.from({ length: 260 }, crowd);
    const answers = [await post(question, { answer: OLD_ANSWER }), await post(form, ENTRIES)];
    done = true;
    for (const { status, headers } of answers) {
      expect(status).toBe(429);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(await kept(at, sub)).toEqual(before);
    await Promise.all(flood);
    expectPage(await question.submit({ answer: OLD_ANSWER }), 'forgotten.credentials.title', 200);
    expectPage(await form.submit(ENTRIES), 'forgotten.done.title', 200);
  });

  test('guesses of the new password while it is being registered never lock what is open', async () => {
    const sub = await addRegistered(at, 'busy-moment');
    const page = await atNewCredentials(at, site, 'busy-moment');
    const first = await site.begin(new Agent());
    const wrong = await first.submit({ user_id: 'busy-moment' });
    const [renewed, ...guesses] = await Promise.all([
      post(page, ENTRIES),
      ...Array.from({ length: 3 }, () => post(wrong, { password: 'wrong' })),
    ]);
    for (const { status } of guesses) expect([400, 429]).toContain(status);
    expect(renewed?.status).toBe(303);
    expect((await kept(at, sub)).state).toBe('active');
    expectLoginProblem(
      await enterPassword(await site.begin(new Agent()), 'busy-moment', 'x'),
      'wrong_password',
      400,
    );
  });
});
