import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LoginMethod } from '../../src/contracts/login-methods.ts';
import { issueInvitation, registrationUrl } from '../../src/credentials/invitation.ts';
import { foldAnswer } from '../../src/credentials/secret-answer.ts';
import { translator } from '../../src/http/locale.ts';
import { expectProblem as expectLoginProblem, later, results, rows } from '../login/steps.ts';
import { checkLogoutToken, type LogoutListener, listenForLogouts } from '../oidc/logout-listener.ts';
import { CONTRACT, ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import {
  addressOf,
  answerPages,
  answerWithPassword,
  enterPassword,
  signIn,
  signInWithPassword,
} from '../support/sign-in.ts';
import {
  addRegistered,
  askForRecoveryCode,
  atNewCredentials,
  atQuestion,
  ENTRIES,
  ENTRIES_WITHOUT_PASSWORD,
  expectPage,
  kept,
  NEW_PASSWORD,
  OLD_ANSWER,
  OLD_PASSWORD,
  opens,
  POLICY,
  QUESTION,
} from './steps.ts';

describe.each(ENGINES)('forgotten credentials on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let listener: LogoutListener;

  beforeAll(async () => {
    listener = await listenForLogouts();
    at = await startInstallation({ engine, policy: POLICY });
    site = await at.addClient();
  });
  afterAll(async () => {
    await at.close();
    await listener.close();
  });

  const mailsTo = async (userId: string) => {
    await at.server.mailer.tick();
    await at.server.mailer.idle();
    return at.mail.mails.filter(({ envelope }) => envelope.to.includes(addressOf(userId)));
  };

  test.each<LoginMethod>(['password', 'password+otp'])(
    'a user of %s registers anew and logs in with the new password, and only with that',
    async (method) => {
      const userId = `forgets-${method.replace('+', '-')}`;
      const sub = await addRegistered(at, userId, { method });
      const agent = new Agent();
      const page = await atNewCredentials(at, site, userId, agent);
      const done = await page.submit(ENTRIES);
      expectPage(done, 'forgotten.done.title', 200);
      expect(await opens(at, sub, NEW_PASSWORD)).toBe(true);
      // Not logged in by it: the login goes on where it was left, and ends at the site.
      const login = await done.click('にログイン');
      expectLoginProblem(await enterPassword(login, userId, OLD_PASSWORD), 'wrong_password', 400);
      const back = await answerWithPassword(at, await agent.open(login.url), userId, NEW_PASSWORD);
      expect((await site.finish(back)).claims()).toMatchObject({ sub });
      expect(await results(at, sub)).toEqual(['recovered', 'wrong_password', 'signed_in']);
    },
  );

  test('a user without a password gets a new question and answer, and logs in as before', async () => {
    const sub = await addRegistered(at, 'only-otp', { method: 'otp' });
    const before = await kept(at, sub);
    const page = await atNewCredentials(at, site, 'only-otp');
    expect(page.form({ answer: '' }).names.has('password')).toBe(false);
    const done = await page.submit(ENTRIES_WITHOUT_PASSWORD);
    expectPage(done, 'forgotten.done.title', 200);
    const { answer, password } = await kept(at, sub);
    expect(password).toBeUndefined();
    expect(answer).not.toBe(before.answer);
    const folded = foldAnswer(ENTRIES.answer);
    expect((await at.server.hasher.verify('secret answer', answer ?? null, folded)).right).toBe(true);
    const back = await answerPages(at, await done.click('にログイン'), 'only-otp');
    expect((await site.finish(back)).claims()?.sub).toBe(sub);
  });

  test('the page says what will be asked for, in both languages, and knows the user ID', async () => {
    await addRegistered(at, 'curious');
    const login = await site.begin(new Agent({ headers: { 'accept-language': 'en' } }), {
      login_hint: 'curious',
    });
    const start = await login.agent.open(`${login.url}/forgotten`);
    expectPage(start, 'forgotten.start.title', 200, 'en');
    expect(start.form({ user_id: '' }).fields.user_id).toBe('curious');
    for (const words of ['code', 'question', 'credentials_some'] as const)
      expect(start.html).toContain(translator('en')(`forgotten.start.${words}`, { digits: 6 }));
    const { page, code } = await askForRecoveryCode(at, start, 'curious', 'en');
    expect((await page.submit({ code })).html).toContain(QUESTION.en);
  });

  test('the question is the one that the user chose, even when the contract has others by now', async () => {
    await addRegistered(at, 'old-question');
    await at.setPolicy(CONTRACT, {
      ...POLICY,
      secret_question: { questions: [{ id: 'new', ja: '新しい質問', en: 'A new question' }] },
    });
    const page = await atQuestion(at, site, 'old-question');
    expect(page.html).toContain(QUESTION.ja);
    const next = await page.submit({ answer: ' ｐｏｃｈｉ ' });
    expect(next.status).toBe(400);
    // As people vary what they type.
    const form = await page.submit({ answer: ' ぽ・チ ' });
    expect(form.html).toContain('新しい質問');
    expectPage(await form.submit({ ...ENTRIES, question: 'new' }), 'forgotten.done.title', 200);
    await at.setPolicy(CONTRACT, POLICY);
  });

  test('everything that the old credentials opened ends, and nothing of anybody else', async () => {
    const told = await at.addClient({ metadata: { backchannel_logout_uri: listener.url } });
    const sub = await addRegistered(at, 'everywhere');
    await addRegistered(at, 'neighbour');
    const pc = new Agent();
    const one = await signInWithPassword(at, told, pc, 'everywhere', OLD_PASSWORD);
    const offline = await signInWithPassword(at, site, new Agent(), 'everywhere', OLD_PASSWORD, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const other = new Agent();
    const untouched = await signInWithPassword(at, site, other, 'neighbour', OLD_PASSWORD);
    // In a browser that is signed in.
    const page = await atNewCredentials(at, site, 'everywhere', pc);
    expect((await told.userinfo(one.tokens)).sub).toBe(sub);
    expectPage(await page.submit(ENTRIES), 'forgotten.done.title', 200);

    await expect(told.userinfo(one.tokens)).rejects.toMatchObject({ status: 401 });
    for (const [party, { refresh_token = '' }] of [
      [told, one.tokens],
      [site, offline.tokens],
    ] as const)
      await expect(party.refresh(refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' });
    const silent = await told.begin(pc, { prompt: 'none' });
    expect(told.callbackOf(silent)?.get('error')).toBe('login_required');
    expect(listener.tokens).toHaveLength(1);
    expect(await checkLogoutToken(told, listener.tokens[0])).toMatchObject({ sub });
    expect((await site.userinfo(untouched.tokens)).sub).toBe(untouched.sub);
    expect(site.callbackOf(await site.begin(other, { prompt: 'none' }))?.has('code')).toBe(true);
    // What a site has to keep apart is the same as ever.
    expect((await signInWithPassword(at, site, pc, 'everywhere', NEW_PASSWORD)).sub).toBe(sub);
  });

  test('every device is told by mail, and the trail knows', async () => {
    const addresses = ['told@user.example', 'told2@user.example'];
    const sub = await addRegistered(at, 'told', { addresses });
    const page = await atNewCredentials(at, site, 'told');
    await page.submit(ENTRIES);
    await mailsTo('told');
    const notices = at.mail.mails.filter(({ subject }) => subject.includes('認証情報再登録'));
    const to = notices.flatMap(({ envelope }) => envelope.to).filter((one) => one.startsWith('told'));
    expect(to.sort()).toEqual(['told2@user.example', 'told@user.example']);
    expect(JSON.stringify(notices)).not.toContain(NEW_PASSWORD);
    expect(await results(at, sub)).toEqual(['recovered']);
    const trail = await at.server.uow.read(({ audit }) => audit.list(50));
    expect(trail.filter(({ subject }) => subject === sub)).toEqual([
      expect.objectContaining({ actor: 'user', action: 'credentials.renew' }),
    ]);
  });

  test('an invitation that was not used ends; one that was used still says so', async () => {
    const { uow, secrets } = at.server;
    for (const [userId, used] of [
      ['invited-again', false],
      ['registered-once', true],
    ] as const) {
      const sub = await addRegistered(at, userId);
      const now = at.clock.now();
      const url = await uow.write(async (stores) => {
        const user = await stores.users.find(sub);
        const contract = await stores.contracts.find(CONTRACT);
        if (!user || !contract) throw new Error(userId);
        const { invitation } = await issueInvitation(stores, secrets, user, contract.policy, now);
        if (used) await stores.invitations.spend(invitation.id, now);
        return registrationUrl(at.issuer, secrets, invitation);
      });
      expect((await new Agent().open(url)).status).toBe(200);
      await (await atNewCredentials(at, site, userId)).submit(ENTRIES);
      expect((await new Agent().open(url)).status).toBe(used ? 200 : 404);
    }
  });

  test('wrong tries of before are forgotten, and mails can be asked for again', async () => {
    const sub = await addRegistered(at, 'starts-anew', { method: 'password+otp' });
    for (let times = 0; times < 2; times += 1) {
      await enterPassword(await site.begin(new Agent()), 'starts-anew', 'wrong');
    }
    const question = await atQuestion(at, site, 'starts-anew');
    await question.submit({ answer: 'タマ' });
    await question.submit({ answer: 'シロ' });
    await (await question.submit({ answer: OLD_ANSWER })).submit(ENTRIES);
    const attempts = await rows<{ user_sub: string; account: string }>(at, 'login_attempts');
    const account = attempts.find(({ user_sub }) => user_sub === sub)?.account ?? '';
    expect(account).not.toBe('');
    expect(JSON.stringify(await rows(at, 'try_counters'))).not.toContain(account);
    expect(JSON.stringify(await rows(at, 'rate_limits'))).not.toContain(account);
    const signedIn = await signInWithPassword(at, site, new Agent(), 'starts-anew', NEW_PASSWORD);
    expect(signedIn.sub).toBe(sub);
  });

  test('a second recovery in the same login works as the first', async () => {
    const sub = await addRegistered(at, 'twice');
    const agent = new Agent();
    const done = await (await atNewCredentials(at, site, 'twice', agent)).submit(ENTRIES);
    const start = await agent.open(done.url.replace(/\/done$/, ''));
    const { page, code } = await askForRecoveryCode(at, start, 'twice');
    const question = await page.submit({ code });
    const form = await question.submit({ answer: ENTRIES.answer });
    const again = { ...ENTRIES, password: `${NEW_PASSWORD}!`, password_again: `${NEW_PASSWORD}!` };
    expectPage(await form.submit(again), 'forgotten.done.title', 200);
    expect(await opens(at, sub, again.password)).toBe(true);
  });

  test('a login that had proven the old password goes no further', async () => {
    await addRegistered(at, 'overtaken', { method: 'password+otp' });
    const before = at.mail.mails.length;
    const thief = await enterPassword(await site.begin(new Agent()), 'overtaken', OLD_PASSWORD);
    const mail = await at.mail.waitFor(
      (one) => at.mail.mails.indexOf(one) >= before && one.code !== undefined,
    );
    await (await atNewCredentials(at, site, 'overtaken')).submit(ENTRIES);
    const answer = await thief.submit({ code: mail.code ?? '' });
    expect(site.callbackOf(answer)?.has('code') ?? false).toBe(false);
    expect(answer.status).toBe(400);
  });

  test('a lock that had run out is over', async () => {
    await at.setPolicy(CONTRACT, { ...POLICY, lock: { tries: 1, unlock_after_minutes: 10 } });
    const sub = await addRegistered(at, 'was-locked');
    await enterPassword(await site.begin(new Agent()), 'was-locked', 'wrong');
    expect((await kept(at, sub)).state).toBe('locked');
    await later(at, 11 * 60_000);
    await (await atNewCredentials(at, site, 'was-locked')).submit(ENTRIES);
    expect((await kept(at, sub)).state).toBe('active');
    await at.setPolicy(CONTRACT, POLICY);
  });

  test('neither log nor database has what was entered', async () => {
    await addRegistered(at, 'discreet');
    await (await atNewCredentials(at, site, 'discreet')).submit(ENTRIES);
    const dump: unknown[] = [];
    for (const table of [
      'mails',
      'login_attempts',
      'login_events',
      'audit_events',
      'secret_answers',
      'passwords',
    ])
      dump.push(await rows(at, table));
    const text = JSON.stringify([dump, at.logged]);
    for (const secret of [NEW_PASSWORD, OLD_ANSWER, foldAnswer(OLD_ANSWER), ENTRIES.answer])
      expect(text).not.toContain(secret);
  });

  test('a session of another user in the same browser is left alone until the login', async () => {
    await addRegistered(at, 'asks');
    await at.addUser('sits-here', { method: 'otp' });
    const agent = new Agent();
    const { tokens, sub } = await signIn(at, site, agent, 'sits-here');
    const form = await atNewCredentials(at, site, 'asks', agent);
    expectPage(await form.submit(ENTRIES), 'forgotten.done.title', 200);
    expect((await site.userinfo(tokens)).sub).toBe(sub);
    expect(site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code')).toBe(true);
  });
});
