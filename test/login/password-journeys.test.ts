import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { translator } from '../../src/http/locale.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { codeMail, enterPassword, signIn, signInWithPassword } from '../support/sign-in.ts';
import { completes, enterWrong, expectProblem, later, post, rows, ways, wrong } from './steps.ts';

const t = translator('ja');
const PASSWORD = 'correct horse battery';
const ACR = 'urn:sekisho:acr:';

describe.each(ENGINES)('login with a password on %s', (engine) => {
  let at: Installation;
  /** Every method of its contract begins with a password. */
  let strict: RelyingParty;
  /** Of a contract with all methods. */
  let mixed: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: { login_methods: ['password+otp', 'password'] } });
    strict = await at.addClient();
    await at.addContract('mixed', { login_methods: ['otp', 'password', 'password+otp'] });
    mixed = await at.addClient({ contract: 'mixed', metadata: { client_uri: 'https://portal.example/' } });
    for (const contract of ['shop', 'mixed']) {
      await at.addUser('pw', { contract, method: 'password', password: PASSWORD });
      await at.addUser('both', { contract, method: 'password+otp', password: PASSWORD });
    }
    await at.addUser('otp', { contract: 'mixed' });
  });
  afterAll(() => at.close());

  test('user ID and password on one page, and nothing more', async () => {
    const agent = new Agent();
    const first = await strict.begin(agent);
    expect(first.form({ user_id: '', password: '' }).buttons).toEqual([t('login.password.submit')]);
    for (const token of ['username', 'current-password'])
      expect(first.html).toContain(`autocomplete="${token}"`);
    const back = await first.submit({ user_id: 'pw', password: PASSWORD });
    const claims = (await strict.finish(back)).claims();
    expect(claims).toMatchObject({ acr: `${ACR}password`, amr: ['pwd'], auth_time: expect.any(Number) });
  });

  test('user ID and password on one page, and then the code', async () => {
    const before = at.mail.mails.length;
    const page = await (await strict.begin(new Agent())).submit({ user_id: 'both', password: PASSWORD });
    expect([page.status, page.url.split('/').pop()]).toEqual([200, 'code']);
    const { code = '' } = await codeMail(at, 'both@user.example', before);
    expectProblem(await page.submit({ code: wrong(code) }), 'authentication_failed', 400);
    const tokens = await strict.finish(await page.submit({ code }));
    expect(tokens.claims()).toMatchObject({ acr: `${ACR}password+otp`, amr: ['pwd', 'otp', 'mfa'] });
  });

  test.each([
    ['otp', ['otp']],
    ['pw', ['pwd']],
    ['both', ['pwd', 'otp', 'mfa']],
  ])('in a contract with all methods the user ID comes first: %s', async (userId, amr) => {
    const first = await mixed.begin(new Agent());
    expect(first.form({ user_id: '' }).names).not.toContain('password');
    const signedIn =
      userId === 'otp'
        ? await signIn(at, mixed, new Agent(), userId)
        : await signInWithPassword(at, mixed, new Agent(), userId, PASSWORD);
    expect(signedIn.tokens.claims()?.amr).toEqual(amr);
  });

  test('the history names the method of the user', async () => {
    const sub = await at.addUser('historic', { method: 'password+otp', password: PASSWORD });
    await enterPassword(await strict.begin(new Agent()), 'historic', 'wrong password');
    await signInWithPassword(at, strict, new Agent(), 'historic', PASSWORD);
    const events = await at.server.uow.read(({ audit }) => audit.loginsOf(sub, 0, 10));
    expect(events.map(({ method, result }) => [method, result])).toEqual([
      ['password+otp', 'signed_in'],
      ['password+otp', 'wrong_password'],
    ]);
  });

  test('the page of a password names the user, works with password managers and leads on', async () => {
    const page = await (await mixed.begin(new Agent())).submit({ user_id: 'Ｐｗ' });
    expect(page.h1).toBe(t('login.password.title'));
    expect(page.form({ password: '' }).fields).toMatchObject({ user_id: 'Pw', password: '' });
    expect(page.html).toContain('autocomplete="current-password"');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    const paths = ways(page).map((way) => new URL(way).pathname.replace(/^\/interaction\/[\w-]+/, ''));
    expect(paths).toEqual(expect.arrayContaining(['', '/forgotten', '/cancel', '/password']));
  });

  test('passwords are the same from every keyboard, and otherwise exact', async () => {
    await at.addUser('typed', { method: 'password', password: 'パスワード Ａb が１５文字以上' });
    const enter = async (typed: string) => enterPassword(await strict.begin(new Agent()), 'typed', typed);
    for (const typed of ['ﾊﾟｽﾜｰﾄﾞ Ab か\u309915文字以上', 'パスワード　Ａb が１５文字以上']) {
      expect(strict.callbackOf(await enter(typed))?.get('code')).toBeTruthy();
    }
    for (const typed of ['パスワード ab が15文字以上', 'パスワード Ab が15文字以上 ']) {
      expectProblem(await enter(typed), 'wrong_password', 400);
    }
  });

  test.each(['', ' '.repeat(3), 'x'.repeat(10_000), '\0', '\ud800'])(
    'a password that nobody has (%#): refused as what it is, never a fault',
    async (password) => {
      await at.addUser('plain', { method: 'password', password: PASSWORD }).catch(() => {});
      const page = await (await strict.begin(new Agent())).submit({ user_id: 'plain', password });
      if (password !== '') return expectProblem(page, 'wrong_password', 400);
      expect([page.status, page.html.includes(t('login.password.empty'))]).toEqual([400, true]);
      expect(page.form({ password: '' }).fields).toMatchObject({ user_id: 'plain', password: '' });
      expect(page.html).toMatch(/id="password"[^>]*aria-invalid="true" aria-describedby="password-error"/);
    },
  );

  test('nothing typed at all: both fields are named', async () => {
    const page = await (await strict.begin(new Agent())).submit({ user_id: '', password: '' });
    expect(page.status).toBe(400);
    for (const id of ['user_id', 'password']) expect(page.html).toContain(`href="#${id}"`);
  });

  test('out of turn: the code before the password, the password before the user ID', async () => {
    const counters = await rows(at, 'try_counters');
    const first = await mixed.begin(new Agent());
    const { fields } = first.form({ user_id: '' });
    for (const send of [
      () => first.agent.get(`${first.url}/password`),
      () => first.agent.post(`${first.url}/password`, { ...fields, password: PASSWORD }),
      () => first.agent.post(`${first.url}/password`, { ...fields, password: '' }),
    ]) {
      expect(await send()).toMatchObject({ status: 303, location: first.url });
    }
    const page = await first.submit({ user_id: 'both' });
    for (const send of [
      () => first.agent.get(`${first.url}/code`),
      () => first.agent.get(`${first.url}/resend`),
      () => first.agent.post(`${first.url}/code`, { ...fields, code: '123456' }),
      () => first.agent.post(`${first.url}/resend`, fields),
    ]) {
      const answer = await send();
      expect(answer.status).toBe(303);
      expect((await first.agent.open(answer.location ?? '')).url).toMatch(/\/(password|[\w-]{20,}|code)$/);
    }
    expect((await first.agent.open(`${first.url}/code`)).url).toBe(page.url);
    expect(await rows(at, 'try_counters')).toEqual(counters);
  });

  test('reloaded, opened twice, sent twice, and back: one mail, and every page leads to the end', async () => {
    await at.addUser('restless', { method: 'password+otp', password: PASSWORD });
    const agent = new Agent();
    const first = await strict.begin(agent);
    const same = await agent.open(first.url);
    const before = at.mail.mails.length;
    await first.submit({ user_id: 'restless', password: PASSWORD });
    const { code = '' } = await codeMail(at, 'restless@user.example', before);
    const page = await same.submit({ user_id: 'restless', password: PASSWORD });
    expect((await agent.open(`${first.url}/password`)).url).toBe(page.url);
    await at.server.mailer.idle();
    expect(at.mail.mails.length).toBe(before + 1);
    expect(completes(await post(await page.reload(), { code }))).toBe(true);
  });

  test('a code that has run out: begun anew, with a code of its own', async () => {
    await at.addUser('slow', { contract: 'mixed', method: 'password+otp', password: PASSWORD });
    const agent = new Agent();
    const first = await mixed.begin(agent);
    const page = await enterPassword(first, 'slow', PASSWORD);
    await at.server.mailer.idle();
    await later(at, 11 * 60_000);
    const late = await page.submit({ code: '123456' });
    expectProblem(late, 'code_expired', 400);
    const before = at.mail.mails.length;
    const again = await enterPassword(await late.click(t('login.back_to_login')), 'slow', PASSWORD);
    const { code = '' } = await codeMail(at, 'slow@user.example', before);
    expect(completes(await post(again, { code }))).toBe(true);
  });

  test('another user ID in the same login: what the first one proved is worth nothing', async () => {
    await at.addUser('other', { contract: 'mixed', method: 'password+otp', password: 'another password' });
    const first = await mixed.begin(new Agent());
    const page = await enterPassword(first, 'both', PASSWORD);
    await at.server.mailer.idle();
    const second = await first.submit({ user_id: 'other' });
    expect(second.h1).toBe(t('login.password.title'));
    expect((await page.agent.open(`${first.url}/code`)).url).toBe(second.url);
    expectProblem(await second.submit({ password: PASSWORD }), 'wrong_password', 400);
  });

  test('a wrong password: to the login page, to the field, to help', async () => {
    const page = await enterPassword(await mixed.begin(new Agent()), 'pw', 'wrong');
    expectProblem(page, 'wrong_password', 400);
    expect((await page.click(t('login.problem.retry_password'))).h1).toBe(t('login.password.title'));
    expect((await page.click(t('login.back_to_login'))).h1).toBe(t('login.user_id.title'));
    expect(page.links.map(({ text }) => text)).toContain(t('login.forgotten'));
  });

  test('right, but there is no device to mail to, or no mail left', async () => {
    await at.addUser('deviceless', { method: 'password+otp', password: PASSWORD, addresses: [] });
    const page = await enterPassword(await strict.begin(new Agent()), 'deviceless', PASSWORD);
    expectProblem(page, 'could_not_send', 400);
    await at.addUser('mailed', { method: 'password+otp', password: PASSWORD });
    for (let times = 0; times < 5; times += 1) {
      expect((await enterPassword(await strict.begin(new Agent()), 'mailed', PASSWORD)).status).toBe(200);
    }
    const full = await enterPassword(await strict.begin(new Agent()), 'mailed', PASSWORD);
    expectProblem(full, 'too_many_mails', 429);
    expect((await full.agent.open(full.url.replace(/user-id$/, 'code'))).h1).toBe(t('login.password.title'));
  });

  test('back at the beginning after the login: it is done', async () => {
    const agent = new Agent();
    const first = await strict.begin(agent);
    const answer = await post(first, { user_id: 'pw', password: PASSWORD });
    expect(completes(answer)).toBe(true);
    // The browser has not followed the redirect: it may do so now.
    const back = await agent.open(first.url);
    expect(strict.callbackOf(back)?.get('code')).toBeTruthy();
    expectProblem(await agent.open(first.url), 'already_signed_in', 409);
    expectProblem(await first.submit({ user_id: 'pw', password: PASSWORD }), 'already_signed_in', 409);
  });

  test('a lock has an error code on every page, which stands in the history', async () => {
    const sub = await at.addUser('locked', { method: 'password', password: PASSWORD });
    const codes: string[] = [];
    for (let times = 1; times <= 7; times += 1) {
      const page = await enterPassword(
        await strict.begin(new Agent()),
        'locked',
        times === 7 ? PASSWORD : 'no',
      );
      if (times < 5) expectProblem(page, 'wrong_password', 400);
      else {
        expectProblem(page, 'locked', 403);
        codes.push(/<code>([0-9A-HJKMNP-TV-Z]{8})<\/code>/.exec(page.html)?.[1] ?? '');
      }
    }
    expect(new Set(codes).size).toBe(3);
    for (const errorCode of codes) {
      const event = await at.server.uow.read(({ audit }) => audit.loginByErrorCode('shop', errorCode));
      expect(event).toMatchObject({ userSub: sub, result: 'locked', method: 'password' });
    }
    expect((await at.server.uow.read(({ users }) => users.find(sub)))?.state).toBe('locked');
  });

  test('wrong passwords and wrong codes are one count', async () => {
    await at.addUser('spread', { method: 'password+otp', password: PASSWORD });
    const before = at.mail.mails.length;
    const page = await enterPassword(await strict.begin(new Agent()), 'spread', PASSWORD);
    const { code = '' } = await codeMail(at, 'spread@user.example', before);
    expectProblem(await enterWrong(page, code, 2), 'authentication_failed', 400);
    for (let times = 0; times < 2; times += 1) {
      // A right password in between starts nothing anew.
      await enterPassword(await strict.begin(new Agent()), 'spread', PASSWORD);
      const refused = await enterPassword(await strict.begin(new Agent()), 'spread', 'wrong');
      expectProblem(refused, 'wrong_password', 400);
    }
    expectProblem(await page.submit({ code: wrong(code, 9) }), 'locked', 403);
    expectProblem(await page.submit({ code }), 'locked', 403);
    expectProblem(await enterPassword(await strict.begin(new Agent()), 'spread', PASSWORD), 'locked', 403);
  });

  test('a browser that has logged in before keeps its own count', async () => {
    await at.addUser('owner', { method: 'password', password: PASSWORD });
    const home = new Agent();
    await signInWithPassword(at, strict, home, 'owner', PASSWORD);
    for (let times = 0; times < 5; times += 1) {
      await enterPassword(await strict.begin(new Agent()), 'owner', 'guess');
    }
    expectProblem(await enterPassword(await strict.begin(new Agent()), 'owner', PASSWORD), 'locked', 403);
    const again = () => strict.begin(home, { prompt: 'login' });
    expectProblem(await enterPassword(await again(), 'owner', 'slip'), 'wrong_password', 400);
    const back = await enterPassword(await again(), 'owner', PASSWORD);
    expect(strict.callbackOf(back)?.get('code')).toBeTruthy();
  });

  test('a login starts the count anew', async () => {
    await at.addUser('clumsy', { method: 'password', password: PASSWORD });
    for (let round = 0; round < 2; round += 1) {
      for (let times = 0; times < 4; times += 1) {
        const page = await enterPassword(await strict.begin(new Agent()), 'clumsy', 'slip');
        expectProblem(page, 'wrong_password', 400);
      }
      await signInWithPassword(at, strict, new Agent(), 'clumsy', PASSWORD);
    }
  });
});
