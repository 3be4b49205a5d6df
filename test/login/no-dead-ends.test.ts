import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import { sweep } from '../../src/database/sweeper.ts';
import { translator } from '../../src/http/locale.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { begin, completes, expectProblem, later, post, rows, ways } from './steps.ts';

const t = translator('ja');
const HOME = 'https://portal.example/start';

describe.each(ENGINES)('pages used out of turn on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    site = await at.addClient({ metadata: { client_uri: HOME } });
  });
  afterAll(() => at.close());

  test('opened twice: both windows work, and the same user ID again mails nothing more', async () => {
    await at.addUser('two-windows');
    const agent = new Agent();
    const first = await site.begin(agent);
    const same = await agent.open(first.url);
    const { page, code } = await begin(at, { begin: async () => first } as never, agent, 'two-windows');
    const second = await same.submit({ user_id: 'two-windows' });
    expect(second.status).toBe(200);
    expect(second.url).toBe(page.url);
    await at.server.mailer.idle();
    expect(at.mail.mails).toHaveLength(1);
    expect(completes(await post(second, { code }))).toBe(true);
  });

  test('reloaded: the code page stays as it is', async () => {
    await at.addUser('reloads');
    const { page, code } = await begin(at, site, new Agent(), 'reloads');
    const again = await (await page.reload()).reload();
    expect(again.status).toBe(200);
    expect(completes(await post(again, { code }))).toBe(true);
  });

  test('back to the user ID, and another one: a new code, and the old one is of no use', async () => {
    await at.addUser('first');
    await at.addUser('second');
    const agent = new Agent();
    const first = await site.begin(agent);
    const one = await begin(at, { begin: async () => first } as never, agent, 'first');
    const two = await begin(at, { begin: async () => first } as never, agent, 'second');
    expect(two.page.html).toContain('second');
    if (one.code !== two.code) {
      expectProblem(await one.page.submit({ code: one.code }), 'authentication_failed', 400);
    }
    const back = await two.page.submit({ code: two.code });
    expect((await site.userinfo(await site.finish(back))).user_id).toBe('second');
  });

  test('the button pressed twice: the second answer leads on and the login completes', async () => {
    await at.addUser('double-click');
    const { page, code } = await begin(at, site, new Agent(), 'double-click');
    expect(completes(await post(page, { code }))).toBe(true);
    const ended = await page.submit({ code });
    expectProblem(ended, 'already_signed_in', 409);
    const back = await page.agent.open(page.url);
    expect(await site.finish(back)).toMatchObject({ id_token: expect.any(String) });
  });

  test.each(['', '/code', '/user-id', '/resend', '/cancel'])(
    'back to %j after the login: it is done, and the site is there',
    async (path) => {
      const userId = `done${path.replace('/', '-')}`;
      await at.addUser(userId);
      const { page, code } = await begin(at, site, new Agent(), userId);
      const back = await page.submit({ code });
      expect(site.callbackOf(back)?.get('code')).toBeTruthy();
      const stray = await page.agent.open(page.url.replace(/\/code$/, path));
      expectProblem(stray, 'already_signed_in', 409);
      expect(ways(stray)).toContain(HOME);
      const sent = await page.agent.submit(page.form({ code: '' }), { code }, page.url);
      expectProblem(sent, 'already_signed_in', 409);
    },
  );

  test('given up: the site is told, and the page left behind says that it cannot be used', async () => {
    await at.addUser('gives-up');
    const { page, code } = await begin(at, site, new Agent(), 'gives-up');
    const back = await page.submit({}, 'cancel');
    expect(site.callbackOf(back)?.get('error')).toBe('access_denied');
    const late = await page.submit({ code });
    expectProblem(late, 'expired_page', 410);
    expect(ways(late)).toContain(HOME);
    expect((await rows(at, 'login_events')).filter((event) => event.user_sub === null)).toEqual([]);
  });

  test('left open for hours: says so and leads back to the site', async () => {
    await at.addUser('lunch');
    const { page, code } = await begin(at, site, new Agent(), 'lunch');
    await later(at, HOUR + MINUTE);
    for (const stray of [await page.submit({ code }), await page.reload()]) {
      expectProblem(stray, 'expired_page', 410);
      expect(ways(stray)).toContain(HOME);
    }
  });

  test('the code step and its other forms before a user ID was given: the user ID comes first', async () => {
    const agent = new Agent();
    const first = await site.begin(agent);
    const { fields } = first.form({ user_id: '' });
    for (const path of ['code', 'resend']) {
      expect((await agent.get(`${first.url}/${path}`)).status).toBe(303);
      const answer = await agent.post(`${first.url}/${path}`, { ...fields, code: '123456' });
      expect([answer.status, answer.location]).toEqual([303, first.url]);
    }
    for (const path of ['code', 'user-id', 'resend', 'cancel']) {
      const page = await agent.open(`${first.url}/${path}`);
      expect([page.status, page.url]).toEqual([200, first.url]);
    }
  });

  test('an address that never was one: says so, without a site to lead to', async () => {
    for (const uid of ['nonsense', 'V1StGXR8_Z5jdHi6B-myT', '%00', '..%2f..', 'a'.repeat(500)]) {
      const page = await new Agent().open(`${at.issuer}/interaction/${uid}/code`);
      expect(page.status).toBe(410);
      expect(page.h1).toContain(t('login.problem.expired_page.title'));
      expect(page.html).toContain(t('login.problem.open_site'));
    }
  });

  test('a method that no page takes: 405 with a page, in every language', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
      const answer = await new Agent().send(method, `${at.issuer}/interaction/x/code`);
      expect(answer.status).toBe(405);
      expect(answer.body).toContain(t('http.refused.method.title'));
    }
  });

  test('long after, when all is forgotten', async () => {
    const first = await site.begin(new Agent());
    await later(at, 3 * DAY);
    await sweep(at.server.uow, at.clock);
    const page = await first.reload();
    expect(page.status).toBe(410);
    expect(page.html).toContain(t('login.problem.open_site'));
  });
});
