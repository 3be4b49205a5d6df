import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY, MINUTE } from '../../src/clock.ts';
import type { PolicyInput } from '../../src/contracts/policy.ts';
import { accountScope } from '../../src/credentials/account-scope.ts';
import { hashToken } from '../../src/secrets.ts';
import { CONTRACT, ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { begin, completes, enterWrong, expectProblem, later, post, results, wrong } from './steps.ts';

const DESK = { name: '関所サポート窓口', phone: '03-1234-5678', email: 'desk@example.com' };
const WITH_DESK: PolicyInput = { support_desk: DESK };

describe.each(ENGINES)('codes that are not right on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine, policy: WITH_DESK }));
  });
  afterAll(() => at.close());

  test('a wrong code: authentication failed, with the ways to try again, and the right one still works', async () => {
    await at.addUser('mistypes');
    const { page, code } = await begin(at, site, new Agent(), 'mistypes');
    const failed = await page.submit({ code: wrong(code) });
    expectProblem(failed, 'authentication_failed', 400);
    expect((await failed.click('ログインページに戻る')).status).toBe(200);
    const again = await failed.click('入力し直す');
    expect(site.callbackOf(await again.submit({ code }))?.get('code')).toBeTruthy();
  });

  test('a code that was mailed for somebody else completes no login, even where it got into the attempt', async () => {
    const [mine, theirs] = [await at.addUser('mine'), await at.addUser('theirs')];
    const { page, code } = await begin(at, site, new Agent(), 'mine');
    await at.server.uow.write(async ({ attempts, users }) => {
      const attempt = await attempts.find(hashToken(/interaction\/([\w-]+)/.exec(page.url)?.[1] ?? ''));
      const user = await users.find(theirs);
      if (!attempt || !user) throw new Error('no such attempt');
      expect(attempt.userSub).toBe(mine);
      await attempts.begin({
        ...attempt,
        userSub: theirs,
        account: accountScope(at.server.secrets, CONTRACT, 'theirs'),
      });
    });
    expectProblem(await page.submit({ code }), 'code_expired', 400);
    await later(at, MINUTE);
    const before = at.mail.mails.length;
    const fields = page.form({ code: '' }).fields;
    expect((await page.agent.post(page.url.replace(/code$/, 'resend'), fields)).status).toBe(400);
    expect(at.mail.mails).toHaveLength(before);
  });

  test.each(['', ' ', '\u3000-\u200b'])(
    'no code (%j): the form again, and no try is counted',
    async (typed) => {
      const userId = `empty-${typed.length}`;
      const sub = await at.addUser(userId);
      const { page, code } = await begin(at, site, new Agent(), userId);
      for (let times = 0; times < 6; times += 1) {
        const again = await page.submit({ code: typed });
        expect(again.status).toBe(400);
        expect(again.html).toContain('aria-invalid="true"');
      }
      expect(await results(at, sub)).toEqual([]);
      expect(completes(await post(page, { code }))).toBe(true);
    },
  );

  test('the fifth wrong code locks until the support desk unlocks, which the page names', async () => {
    const sub = await at.addUser('guesses');
    const { page, code } = await begin(at, site, new Agent(), 'guesses');
    expectProblem(await enterWrong(page, code, 4), 'authentication_failed', 400);
    const locked = await page.submit({ code: wrong(code, 5) });
    expectProblem(locked, 'locked', 403);
    expect(locked.html).toContain(DESK.name);
    expect(locked.html).toContain(DESK.phone);
    expectProblem(await page.submit({ code }), 'locked', 403);
    expect(await results(at, sub)).toEqual([...Array(4).fill('wrong_code'), 'locked', 'locked']);
    expect((await at.server.uow.read(({ users }) => users.find(sub)))?.state).toBe('locked');

    await later(at, 400 * DAY);
    expectProblem(await (await site.begin(new Agent())).submit({ user_id: 'guesses' }), 'locked', 403);
  });

  test('tries count across attempts and browsers, and a login starts the count anew', async () => {
    await at.addUser('counts');
    for (const times of [2, 2]) {
      const { page, code } = await begin(at, site, new Agent(), 'counts');
      expectProblem(await enterWrong(page, code, times), 'authentication_failed', 400);
    }
    const third = await begin(at, site, new Agent(), 'counts');
    expect(completes(await post(third.page, { code: third.code }))).toBe(true);
    const fourth = await begin(at, site, new Agent(), 'counts');
    expectProblem(await enterWrong(fourth.page, fourth.code, 4), 'authentication_failed', 400);
    expectProblem(await fourth.page.submit({ code: wrong(fourth.code, 9) }), 'locked', 403);
  });

  test('a lock with an end says when, holds until then, and gives all tries back', async () => {
    await at.setPolicy(CONTRACT, {
      ...WITH_DESK,
      lock: { unlock_after_minutes: 30, tries: 2 },
      code: { minutes: 60 },
    });
    const sub = await at.addUser('waits');
    const { page, code } = await begin(at, site, new Agent(), 'waits');
    const locked = await enterWrong(page, code, 2);
    expectProblem(locked, 'locked', 403);
    expect(locked.html).toMatch(/\d\d:\d\d/);
    await later(at, 29 * MINUTE);
    expectProblem(await page.submit({ code }), 'locked', 403);
    await later(at, MINUTE);
    expectProblem(await page.submit({ code: wrong(code) }), 'authentication_failed', 400);
    expect(completes(await post(page, { code }))).toBe(true);
    const user = await at.server.uow.read(({ users }) => users.find(sub));
    expect(user).toMatchObject({ state: 'active', unlockAt: null });
    await at.setPolicy(CONTRACT, WITH_DESK);
  });

  test('an expired code fails and says what to do; a new attempt has a new code', async () => {
    await at.addUser('slow');
    const agent = new Agent();
    const { page, code } = await begin(at, site, agent, 'slow');
    await later(at, 10 * MINUTE);
    const expired = await page.submit({ code });
    expectProblem(expired, 'code_expired', 400);
    const first = await expired.click('ログインページに戻る');
    const second = await first.submit({ user_id: 'slow' });
    const mail = await at.mail.waitFor('slow@user.example');
    expect(mail.code).not.toBe(code);
    expectProblem(await second.submit({ code }), 'authentication_failed', 400);
    expect(completes(await post(second, { code: mail.code ?? '' }))).toBe(true);
  });

  test('a millisecond before its end a code works', async () => {
    await at.addUser('in-time');
    const { page, code } = await begin(at, site, new Agent(), 'in-time');
    await later(at, 10 * MINUTE - 2000);
    expect(completes(await post(page, { code }))).toBe(true);
  });

  test('a used code, before the browser has gone on: it fails and leads on', async () => {
    const sub = await at.addUser('twice');
    const { page, code } = await begin(at, site, new Agent(), 'twice');
    expect(completes(await post(page, { code }))).toBe(true);
    const second = await page.submit({ code });
    expectProblem(second, 'already_signed_in', 409);
    const back = await page.agent.open(
      second.links.find(({ href }) => href.includes('/interaction/'))?.href ?? '',
    );
    expect(site.callbackOf(back)?.get('code')).toBeTruthy();
    expect(await results(at, sub)).toEqual(['signed_in']);
  });
});
