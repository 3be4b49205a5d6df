/** Codes, passwords and answers are guessed at one count, and it is exact. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AdminContext } from '../../src/admin/context.ts';
import { supportView } from '../../src/admin/support-view.ts';
import { unlockUser } from '../../src/admin/unlock-user.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { type UnitOfWork, unitOfWork } from '../../src/database/stores.ts';
import { checkAnswer } from '../../src/login/forgotten/check-answer.ts';
import { unlessEnded } from '../../src/login/forgotten/stage.ts';
import { verifyRecoveryCode } from '../../src/login/forgotten/verify-recovery-code.ts';
import { installation } from '../admin/desk.ts';
import { expectProblem as expectLoginProblem, later, post, results, rows, wrong } from '../login/steps.ts';
import { CONTRACT, ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { codeMail, enterPassword, signInWithPassword } from '../support/sign-in.ts';
import {
  addRegistered,
  askForRecoveryCode,
  atNewCredentials,
  atQuestion,
  ENTRIES,
  expectPage,
  expectProblem,
  kept,
  OLD_ANSWER,
  OLD_PASSWORD,
  openForgotten,
  POLICY,
  visitOf,
} from './steps.ts';

const TRIES = 5;
const WRONG = ['wrong_code', 'wrong_password', 'wrong_answer'];

describe.each(ENGINES)('guessing on %s', (engine) => {
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

  const desk = (): AdminContext => {
    const { uow, secrets } = at.server;
    return { uow, secrets, clock: at.clock, actor: 'desk', installation };
  };
  const countsOf = async (userId: string) => (await supportView(desk(), CONTRACT, userId)).tries;
  const compared = async (sub: string) => (await results(at, sub)).filter((result) => WRONG.includes(result));

  test('the fifth wrong answer locks, for the login as well, and the page names what to tell the desk', async () => {
    const sub = await addRegistered(at, 'answers');
    const page = await atQuestion(at, site, 'answers');
    for (let times = 1; times < TRIES; times += 1) {
      const again = await page.submit({ answer: `タマ${times}` });
      expectPage(again, 'credentials.question.label', 400);
      expect(again.html).toContain('正しくありません');
      expect(again.html).not.toContain('タマ');
    }
    const locked = await page.submit({ answer: 'シロ' });
    expectLoginProblem(locked, 'locked', 403);
    const { error_code } = (await rows<{ error_code: string | null }>(at, 'login_events')).find(
      ({ error_code }) => error_code !== null,
    ) ?? { error_code: null };
    expect(locked.html).toContain(error_code ?? 'no code');
    expect((await kept(at, sub)).state).toBe('locked');
    expectLoginProblem(await page.submit({ answer: OLD_ANSWER }), 'locked', 403);
    expectLoginProblem(await (await site.begin(new Agent())).submit({ user_id: 'answers' }), 'locked', 403);
    expectLoginProblem(await (await openForgotten(site)).submit({ user_id: 'answers' }), 'locked', 403);
  });

  test('spread over the code and the password of a login, the code and the answer of a recovery: one count', async () => {
    const sub = await addRegistered(at, 'spread', { method: 'password+otp' });
    const before = at.mail.mails.length;
    const login = await enterPassword(await site.begin(new Agent()), 'spread', OLD_PASSWORD);
    const { code = '' } = await codeMail(at, 'spread@user.example', before);
    const recovery = await askForRecoveryCode(at, await openForgotten(site), 'spread');
    const question = await atQuestion(at, site, 'spread');
    expect((await login.submit({ code: wrong(code) })).status).toBe(400);
    expect((await recovery.page.submit({ code: wrong(recovery.code) })).status).toBe(400);
    expect((await question.submit({ answer: 'タマ' })).status).toBe(400);
    expect((await enterPassword(await site.begin(new Agent()), 'spread', 'wrong')).status).toBe(400);
    expect(await compared(sub)).toHaveLength(TRIES - 1);
    expectLoginProblem(await recovery.page.submit({ code: wrong(recovery.code) }), 'locked', 403);
    for (const page of [
      login.submit({ code }),
      recovery.page.submit({ code: recovery.code }),
      question.submit({ answer: OLD_ANSWER }),
      (await site.begin(new Agent())).submit({ user_id: 'spread' }),
    ])
      expectLoginProblem(await page, 'locked', 403);
    expect(await compared(sub)).toHaveLength(TRIES - 1);
  });

  test('all of them at once: as many are compared as the contract allows', async () => {
    const sub = await addRegistered(at, 'at-once', { method: 'password+otp' });
    const before = at.mail.mails.length;
    const login = await enterPassword(await site.begin(new Agent()), 'at-once', OLD_PASSWORD);
    const { code = '' } = await codeMail(at, 'at-once@user.example', before);
    const recovery = await askForRecoveryCode(at, await openForgotten(site), 'at-once');
    const question = await atQuestion(at, site, 'at-once');
    const first = await site.begin(new Agent());
    const computed = at.server.hasher.computed;
    const guess = (index: number) => {
      if (index % 4 === 0) return post(login, { code: wrong(code, index + 1) });
      if (index % 4 === 1) return post(recovery.page, { code: wrong(recovery.code, index) });
      if (index % 4 === 2) return post(question, { answer: `タマ${index}` });
      return post(first, { user_id: 'at-once' }).then(() =>
        first.agent.post(`${first.url}/password`, { ...first.forms[0]?.fields, password: `wrong ${index}` }),
      );
    };
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => guess(index)));
    for (const { status } of answers) expect([400, 403, 429]).toContain(status);
    expect(await compared(sub)).toHaveLength(TRIES - 1);
    expect(at.server.hasher.computed - computed).toBeLessThanOrEqual(TRIES);
    expectLoginProblem(await question.submit({ answer: OLD_ANSWER }), 'locked', 403);
  });

  test('wrong answers add up over the logins in between; the desk, or new credentials, start the count anew', async () => {
    const sub = await addRegistered(at, 'between');
    const page = await atQuestion(at, site, 'between');
    const login = async () => {
      const signedIn = await signInWithPassword(at, site, new Agent(), 'between', OLD_PASSWORD);
      expect(signedIn.sub).toBe(sub);
    };
    const counts = () => countsOf('between');
    for (let times = 1; times < TRIES; times += 1) {
      expectPage(await page.submit({ answer: `タマ${times}` }), 'credentials.question.label', 400);
      await login();
    }
    expect(await counts()).toMatchObject([{ tries: 0 }, { answers: true, tries: TRIES - 1, locked: false }]);
    expectLoginProblem(await page.submit({ answer: 'シロ' }), 'locked', 403);
    const locked = await page.submit({ answer: OLD_ANSWER });
    expectLoginProblem(locked, 'locked', 403);
    expect(await counts()).toMatchObject([{ tries: 1 }, { answers: true, tries: TRIES, locked: true }]);
    const events = await rows<{ error_code: string | null }>(at, 'login_events');
    expect(events.some(({ error_code }) => error_code !== null && locked.html.includes(error_code))).toBe(
      true,
    );
    // Only answers are locked.
    expect((await kept(at, sub)).state).toBe('active');
    await login();

    await unlockUser(desk(), CONTRACT, 'between');
    expect(await counts()).toMatchObject([{ tries: 0 }]);
    expectPage(await page.submit({ answer: 'タマ' }), 'credentials.question.label', 400);
    const form = await page.submit({ answer: OLD_ANSWER });
    expect(await counts()).toMatchObject([{ tries: 1 }, { answers: true, tries: 1 }]);
    expectPage(await form.submit(ENTRIES), 'forgotten.done.title', 200);
    expect(await counts()).toMatchObject([{ tries: 0 }]);
  });

  test('answers at once in two processes, beside logins: as many are compared as the contract allows', async () => {
    const sub = await addRegistered(at, 'answers-at-once');
    const question = await visitOf(at, await atQuestion(at, site, 'answers-at-once'));
    const { hasher } = at.server;
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(
        Array.from({ length: TRIES - 2 }, (_, index) => {
          const uow = processes[index % 2] as UnitOfWork;
          return checkAnswer({ uow, hasher }, question, `タマ${round}${index}`);
        }),
      );
      // As the completion of a login does it.
      const { account } =
        (await at.server.uow.read(({ attempts }) => attempts.find(question.attemptId))) ?? {};
      await at.server.uow.write(({ tries }) => tries.clear({ account: account ?? '', browser: '' }));
    }
    expect(await compared(sub)).toHaveLength(TRIES - 1);
  });

  test('a right code and a right answer are no wrong tries, however often', async () => {
    const sub = await addRegistered(at, 'often-right');
    for (let times = 0; times < 3; times += 1) {
      const { page, code } = await askForRecoveryCode(at, await openForgotten(site), 'often-right');
      await page.submit({ code });
      const question = await page.submit({ code });
      expectPage(question, 'credentials.question.label', 200);
      expectPage(await question.submit({ answer: OLD_ANSWER }), 'forgotten.credentials.title', 200);
      expectPage(await question.submit({ answer: OLD_ANSWER }), 'forgotten.credentials.title', 200);
    }
    expect((await countsOf('often-right')).map(({ tries }) => tries)).toEqual([0, 0]);
    expect(await results(at, sub)).toEqual([]);
  });

  test('what strangers guess does not keep the owner out of a browser that is known', async () => {
    const sub = await addRegistered(at, 'besieged');
    const home = new Agent();
    await signInWithPassword(at, site, home, 'besieged', OLD_PASSWORD);
    const stranger = await askForRecoveryCode(at, await openForgotten(site), 'besieged');
    for (let step = 1; step <= TRIES; step += 1) {
      await stranger.page.submit({ code: wrong(stranger.code, step) });
    }
    expect((await kept(at, sub)).state).toBe('locked');
    expectLoginProblem(await (await openForgotten(site)).submit({ user_id: 'besieged' }), 'locked', 403);
    const form = await atNewCredentials(at, site, 'besieged', home);
    expectPage(await form.submit(ENTRIES), 'forgotten.done.title', 200);
    // The lock is the support desk's to open.
    expect((await kept(at, sub)).state).toBe('locked');
    expectLoginProblem(await (await openForgotten(site)).submit({ user_id: 'besieged' }), 'locked', 403);
    expect((await signInWithPassword(at, site, home, 'besieged', ENTRIES.password)).sub).toBe(sub);
  });

  test('a lock that comes after the answer stops the end, until the desk has opened it', async () => {
    const sub = await addRegistered(at, 'late-lock');
    const form = await atNewCredentials(at, site, 'late-lock');
    const before = await kept(at, sub);
    for (let times = 0; times < TRIES; times += 1) {
      await enterPassword(await site.begin(new Agent()), 'late-lock', 'wrong');
    }
    expectLoginProblem(await form.submit(ENTRIES), 'locked', 403);
    expect(await kept(at, sub)).toEqual({ ...before, state: 'locked' });
    await at.server.uow.write(async ({ users, tries, attempts }) => {
      const [attempt] = await rows<{ id: string; user_sub: string }>(at, 'login_attempts').then((all) =>
        all.filter(({ user_sub }) => user_sub === sub),
      );
      await users.setState(sub, 'active', null, at.clock.now());
      await tries.clearAccount((await attempts.find(attempt?.id ?? ''))?.account ?? '');
    });
    expectPage(await form.submit(ENTRIES), 'forgotten.done.title', 200);
  });

  test('mails are bounded, apart from those of the login: strangers cannot use up what the owner needs', async () => {
    await addRegistered(at, 'mailed', { method: 'password+otp' });
    for (let times = 0; times < 5; times += 1) {
      expect((await (await openForgotten(site)).submit({ user_id: 'mailed' })).status).toBe(200);
    }
    const refused = await (await openForgotten(site)).submit({ user_id: 'mailed' });
    expectProblem(refused, 'too_many_mails', 429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const login = await enterPassword(await site.begin(new Agent()), 'mailed', OLD_PASSWORD);
    expectPage(login, 'login.code.title', 200);
  });

  test('the mail is sent again after the wait, with the same code, a set number of times', async () => {
    await at.setPolicy(CONTRACT, { ...POLICY, code: { resends: 1 } });
    await addRegistered(at, 'resent');
    const { page, code } = await askForRecoveryCode(at, await openForgotten(site), 'resent');
    expect(page.forms.some(({ action }) => action.endsWith('/resend'))).toBe(false);
    const early = await page.agent.post(page.url.replace(/code$/, 'resend'), page.form({ code: '' }).fields);
    expect(early.status).toBe(429);
    await later(at, 61_000);
    const before = at.mail.mails.length;
    const resent = await (await page.reload()).submit({}, 'resend');
    expect(resent.html).toContain('もう一度お送りしました');
    await at.server.mailer.tick();
    expect((await codeMail(at, 'resent@user.example', before)).code).toBe(code);
    await later(at, 61_000);
    const fields = page.form({ code: '' }).fields;
    const limit = await page.agent.post(page.url.replace(/code$/, 'resend'), fields);
    expect(limit.status).toBe(429);
    expectPage(await page.submit({ code }), 'credentials.question.label', 200);
    await at.setPolicy(CONTRACT, POLICY);
  });

  test('two processes: the lock is exact', async () => {
    const sub = await addRegistered(at, 'from-both');
    const recovery = await askForRecoveryCode(at, await openForgotten(site), 'from-both');
    const question = await atQuestion(at, site, 'from-both');
    const [byCode, byAnswer] = [await visitOf(at, recovery.page), await visitOf(at, question)];
    const { hasher } = at.server;
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, index) => {
        const uow = processes[index % 2] as UnitOfWork;
        return index % 4 < 2
          ? unlessEnded(uow, (stores) => verifyRecoveryCode(stores, byCode, wrong(recovery.code, index + 1)))
          : checkAnswer({ uow, hasher }, byAnswer, `タマ${index}`);
      }),
    );
    expect(outcomes.filter(({ kind }) => kind === 'wrong')).toHaveLength(TRIES - 1);
    expect(await compared(sub)).toHaveLength(TRIES - 1);
    expect((await checkAnswer({ uow: processes[1], hasher }, byAnswer, OLD_ANSWER)).kind).toBe('locked');
  });
});
