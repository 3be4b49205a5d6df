import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY, HOUR } from '../../src/clock.ts';
import { translator } from '../../src/http/locale.ts';
import { checkLogoutToken, listenForLogouts } from '../oidc/logout-listener.ts';
import { Agent } from '../support/agent.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { answerWithPassword, askForCode, signIn, signInWithPassword } from '../support/sign-in.ts';
import {
  atCredentials,
  ENTRIES,
  ENTRIES_WITHOUT_PASSWORD,
  expectPage,
  expectProblem,
  invite,
  inviteAgain,
  kept,
  METHODS,
  NOTHING,
  openInvitation,
  PASSWORD,
} from './steps.ts';

const t = translator('ja');

describe.each(ENGINES)('a registration on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: METHODS });
    site = await at.addClient({ metadata: { client_uri: 'https://shop.example/' } });
  });
  afterAll(() => at.close());

  const verify = async (sub: string, password: string, answer: string) => {
    const { hasher } = at.server;
    const found = await kept(at, sub);
    return {
      password: (await hasher.verify('password', found.password, password)).right,
      answer: (await hasher.verify('secret answer', found.answer?.hash ?? null, answer)).right,
    };
  };

  test('of password, question and answer: three pages, then a mail, and the way to the site', async () => {
    const invited = await invite(at, 'hanako');
    const first = await openInvitation(invited);
    expectPage(first, 'register.step.code', 200);
    expect(first.html).toContain('hanako');
    expect(first.html).toMatch(/<li aria-current="step">初回認証<\/li><li>認証情報登録<\/li>/);
    expect(first.html).toMatch(/autocomplete="one-time-code" inputmode="numeric"/);
    const second = await first.submit({ code: invited.code });
    expectPage(second, 'register.step.credentials', 200);
    expect(second.html).toMatch(/<li aria-current="step">認証情報登録<\/li>/);
    expect(second.html.match(/autocomplete="new-password"/g)).toHaveLength(2);
    expect(second.html).toMatch(/name="username" value="hanako" autocomplete="username" readonly/);
    expect(await kept(at, invited.sub)).toEqual({ ...NOTHING, state: 'invited' });
    const done = await second.submit(ENTRIES);
    expectPage(done, 'register.step.done', 200);
    expect(done.html).toContain(t('register.done.text'));
    expect(done.links).toContainEqual({ text: '「見本サイト」に移動', href: 'https://shop.example/' });
    expect(await kept(at, invited.sub)).toMatchObject({
      state: 'active',
      spent: true,
      answer: { question: { id: 'first_pet' } },
    });
    expect(await verify(invited.sub, PASSWORD, 'ぽち')).toEqual({ password: true, answer: true });
    expect((await at.mail.waitFor('hanako@user.example')).code).toBeUndefined();
    const audit = await at.server.uow.read((stores) => stores.audit.list(10));
    expect(audit).toContainEqual(
      expect.objectContaining({
        actor: 'user',
        action: 'credentials.register',
        subject: invited.sub,
        details: expect.objectContaining({ user_id: 'hanako', method: 'password', was: 'invited' }),
      }),
    );
  });

  test('of question and answer only, for a user who logs in by OTP, and the login works', async () => {
    const invited = await invite(at, 'taro', { method: 'otp' });
    const page = await atCredentials(invited);
    expect(page.html).not.toContain('new-password');
    expectPage(await page.submit(ENTRIES_WITHOUT_PASSWORD), 'register.step.done', 200);
    expect(await kept(at, invited.sub)).toMatchObject({ state: 'active', password: null, spent: true });
    await at.mail.waitFor('taro@user.example');
    expect((await signIn(at, site, new Agent(), 'taro')).sub).toBe(invited.sub);
  });

  test.each(['password', 'password+otp'] as const)(
    'then the login by %s works, and no other',
    async (method) => {
      const invited = await invite(at, `new-${method.length}`, { method });
      await (await atCredentials(invited)).submit(ENTRIES);
      const refused = await answerWithPassword(
        at,
        await site.begin(new Agent()),
        invited.userId,
        `${PASSWORD}!`,
      );
      expect(refused.status).toBe(400);
      // Full-width letters are the same password.
      const typed = PASSWORD.replace('nagaku', 'ｎａｇａｋｕ');
      const { sub, tokens } = await signInWithPassword(at, site, new Agent(), invited.userId, typed);
      expect(sub).toBe(invited.sub);
      expect(tokens.claims()).toMatchObject({ acr: `urn:sekisho:acr:${method}` });
    },
  );

  test('an active user registers anew: sessions, refresh tokens and locks end, and its sites are told', async () => {
    const first = await invite(at, 'renewing', { method: 'otp' });
    await (await atCredentials(first)).submit(ENTRIES_WITHOUT_PASSWORD);
    await at.mail.waitFor('renewing@user.example');
    const agent = new Agent();
    const listener = await listenForLogouts();
    const site = await at.addClient({ metadata: { backchannel_logout_uri: listener.url } });
    const { tokens } = await signIn(at, site, agent, 'renewing');
    const offline = await signIn(at, site, new Agent(), 'renewing', {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    await at.server.uow.write(({ users }) => users.lock(first.sub, null, at.clock.now()));
    const again = await inviteAgain(at, first.sub);
    const page = await atCredentials(again);
    expect((await site.userinfo(tokens)).sub).toBe(first.sub);
    expectPage(await page.submit({ ...ENTRIES_WITHOUT_PASSWORD, answer: 'タマ' }), 'register.step.done', 200);
    expect(await kept(at, first.sub)).toMatchObject({ state: 'active' });
    expect(listener.tokens).toHaveLength(2);
    for (const token of listener.tokens)
      expect(await checkLogoutToken(site, token)).toMatchObject({ sub: first.sub });
    await listener.close();
    await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
    for (const { refresh_token: token = '' } of [tokens, offline.tokens])
      await expect(site.refresh(token)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await site.begin(agent)).form({ user_id: '' })).toBeDefined();
  });

  test('a login that was complete before, and is followed back to the provider afterwards, is none any more', async () => {
    const first = await invite(at, 'lurking', { method: 'otp' });
    await (await atCredentials(first)).submit(ENTRIES_WITHOUT_PASSWORD);
    const site = await at.addClient();
    const lurker = new Agent();
    const { page, mail } = await askForCode(at, await site.begin(lurker), 'lurking');
    const form = page.form({ code: '' });
    const fields = { ...form.fields, code: mail.code ?? '' };
    const { location = '' } = await lurker.post(form.action, fields, { from: page.url });
    expect(location).toMatch(/\/auth\//);
    const again = await inviteAgain(at, first.sub);
    await (await atCredentials(again)).submit({ ...ENTRIES_WITHOUT_PASSWORD, answer: 'タマ' });
    const late = await lurker.open(location);
    expect(late.status).toBe(400);
    expect(site.callbackOf(await site.begin(lurker, { prompt: 'none' }))?.get('error')).toBe(
      'login_required',
    );
  });

  test('opening the URL any number of times spends nothing', async () => {
    const invited = await invite(at, 'scanned');
    const before = await rowsOf(at);
    const scanner = new Agent();
    for (let time = 0; time < 3; time += 1) {
      expect((await scanner.get(invited.url)).status).toBe(200);
      expect((await scanner.send('HEAD', invited.url)).status).toBe(200);
      expect((await scanner.send('HEAD', `${invited.url}/credentials`)).status).toBe(303);
      expect((await scanner.send('HEAD', `${invited.url}/done`)).status).toBe(303);
    }
    expect(scanner.jar.all()).toEqual([]);
    expect(await rowsOf(at)).toEqual(before);
    expectPage(await (await atCredentials(invited)).submit(ENTRIES), 'register.step.done', 200);
  });

  test('a right code leaves nothing but a cookie, and is not spent by it', async () => {
    const invited = await invite(at, 'halfway');
    const before = await rowsOf(at);
    const agent = new Agent();
    const page = await atCredentials(invited, agent);
    const after = await rowsOf(at);
    expect({ ...after, try_counters: [], rate_limits: [] }).toEqual({
      ...before,
      try_counters: [],
      rate_limits: [],
    });
    const [cookie, ...others] = agent.jar.all();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    // Reload, back, another tab.
    expectPage(await page.reload(), 'register.step.credentials', 200);
    expectPage(await agent.open(invited.url), 'register.step.code', 200);
    expectPage(await agent.open(`${invited.url}/credentials`), 'register.step.credentials', 200);
    // Another browser asks for the code anew, and takes it.
    const elsewhere = await new Agent().open(`${invited.url}/credentials`);
    expectPage(elsewhere, 'register.step.code', 200);
    expect(elsewhere.html).toContain(t('register.code.again'));
    expectPage(await elsewhere.submit({ code: invited.code }), 'register.step.credentials', 200);
    expectPage(await page.submit(ENTRIES), 'register.step.done', 200);
    expect(agent.jar.all()).toEqual([]);
  });

  test('half done is continued the next day, with the same code', async () => {
    const invited = await invite(at, 'tomorrow');
    const page = await atCredentials(invited);
    // From here on the installation is ahead of the provider's own time: no logins below.
    at.clock.advance(DAY);
    const asked = await page.submit(ENTRIES);
    expectPage(asked, 'register.step.code', 200);
    expect(asked.html).toContain(t('register.code.again'));
    expect(await kept(at, invited.sub)).toEqual({ ...NOTHING, state: 'invited' });
    expectPage(await (await asked.submit({ code: invited.code })).submit(ENTRIES), 'register.step.done', 200);
  });

  test('what is done stays done: the URL leads to the site, whatever is opened or sent', async () => {
    const invited = await invite(at, 'again');
    const agent = new Agent();
    const first = await openInvitation(invited, agent);
    const page = await first.submit({ code: invited.code });
    await page.submit(ENTRIES);
    const before = await kept(at, invited.sub);
    for (const path of ['', '/credentials', '/done']) {
      const again = await agent.open(`${invited.url}${path}`);
      expectPage(again, 'register.step.done', 200);
      expect(again.html).toContain(t(path === '/done' ? 'register.done.text' : 'register.done.again'));
    }
    // The back button to either form.
    expectPage(await first.submit({ code: invited.code }), 'register.step.done', 200);
    expectPage(await page.submit({ ...ENTRIES, answer: 'タマ' }), 'register.step.done', 200);
    expect(await kept(at, invited.sub)).toEqual(before);
  });

  test('a URL that is made up, replaced or too old says so, and who can help', async () => {
    const support_desk = { name: '駆け込み窓口', phone: '03-1234-5678' };
    await at.addContract('desk', { ...METHODS, support_desk });
    expectProblem(await new Agent().open(`${at.issuer}/register/nonsense`), 'unknown', 404);
    const old = await invite(at, 'replaced', { contract: 'desk' });
    const page = await atCredentials(old);
    const renewed = await inviteAgain(at, old.sub);
    expectProblem(await openInvitation(old), 'unknown', 404);
    expectProblem(await page.submit(ENTRIES), 'unknown', 404);
    expect((await (await openInvitation(renewed)).submit({ code: old.code })).status).toBe(400);
    const open = await atCredentials(renewed);
    at.clock.advance(14 * DAY);
    for (const late of [await openInvitation(renewed), await open.submit(ENTRIES)]) {
      expectProblem(late, 'expired', 410);
      expect(late.html).toContain('駆け込み窓口');
    }
    expect(await kept(at, old.sub)).toEqual({ ...NOTHING, state: 'invited' });
  });

  test.each([
    [
      'disabled',
      (sub: string) =>
        at.server.uow.write(({ users }) => users.setState(sub, 'disabled', null, at.clock.now())),
    ],
    [
      'past the date',
      (sub: string) =>
        at.server.uow.write(({ users }) => users.setValidUntil(sub, at.clock.now(), at.clock.now())),
    ],
  ])('a user who is %s meanwhile gets nothing', async (how, change) => {
    const invited = await invite(at, how.replaceAll(' ', '-'));
    const page = await atCredentials(invited);
    await change(invited.sub);
    expectProblem(await page.submit(ENTRIES), 'not_allowed', 403);
    expectProblem(await openInvitation(invited), 'not_allowed', 403);
    expect(await kept(at, invited.sub)).toMatchObject(NOTHING);
    await at.server.uow.write(({ users }) => users.delete(invited.sub));
    expectProblem(await openInvitation(invited), 'unknown', 404);
  });

  test('the method was changed meanwhile: what that method needs is asked for', async () => {
    const invited = await invite(at, 'changed', { method: 'otp' });
    const page = await atCredentials(invited);
    await at.server.database.write((writer) =>
      writer.query((knex) => knex('users').where({ sub: invited.sub }).update({ login_method: 'password' })),
    );
    const asked = await page.submit(ENTRIES_WITHOUT_PASSWORD);
    expect(asked.status).toBe(400);
    expectPage(await asked.submit(ENTRIES), 'register.step.done', 200);
  });

  test('an hour is long enough, more is not', async () => {
    const invited = await invite(at, 'slow');
    const agent = new Agent();
    const page = await atCredentials(invited, agent);
    at.clock.advance(HOUR - 5000);
    expectPage(await page.reload(), 'register.step.credentials', 200);
    at.clock.advance(5000);
    expectPage(await page.reload(), 'register.step.code', 200);
  });
});

const TABLES = [
  'users',
  'passwords',
  'secret_answers',
  'invitations',
  'one_time_codes',
  'mails',
  'audit_events',
];

/** Everything that a registration could write, and counters. */
async function rowsOf(at: Installation): Promise<Record<string, unknown[]>> {
  await at.server.mailer.idle();
  const found: Record<string, unknown[]> = {};
  for (const table of [...TABLES, 'try_counters', 'rate_limits'])
    found[table] = await at.server.database.read((reader) => reader.query((knex) => knex(table)));
  return found;
}
