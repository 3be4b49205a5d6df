/** The pages where a site asks for more than a user's login method, or the user's session, has. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { translator } from '../../src/http/locale.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { askForCode, codeMail, enterPassword, signIn, signInWithPassword } from '../support/sign-in.ts';
import { enterWrong, expectProblem, later, results, ways } from './steps.ts';

const t = translator('ja');
const PASSWORD = 'correct horse battery';
const essential = (method: string) => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, value: `urn:sekisho:acr:${method}` } } }),
});

describe.each(ENGINES)('a site that asks for more on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  /** Every method of its contract begins with a password. */
  let strict: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    await at.addContract('mixed', {
      login_methods: ['otp', 'password', 'password+otp'],
      support_desk: { name: 'ヘルプデスク' },
    });
    await at.addContract('strict', { login_methods: ['password', 'password+otp'] });
    site = await at.addClient({ contract: 'mixed' });
    strict = await at.addClient({ contract: 'strict' });
  });
  afterAll(() => at.close());

  const addUser = async (userId: string, input: Parameters<typeof at.addUser>[1] = {}) => {
    await at.addUser(userId, { contract: 'mixed', ...input });
  };
  const withPassword = { method: 'password', password: PASSWORD } as const;
  const pathsOf = (page: Page) =>
    ways(page).map((way) => way.replace(/^.*\/interaction\/[\w-]+/, '').replace(/^https:.*/, 'site'));

  test('a user without a password is told why it cannot be, and the site as well', async () => {
    await addUser('only-codes');
    const first = await site.begin(new Agent(), essential('password+otp'));
    const { page, mail } = await askForCode(at, first, 'only-codes');
    const told = await page.submit({ code: mail.code ?? '' });
    expect([told.status, told.h1]).toEqual([403, expect.stringContaining(t('login.unmet.title'))]);
    expect(told.html).toContain('ヘルプデスク');
    expect(pathsOf(told)).toEqual(expect.arrayContaining(['?other=1', '/unmet']));
    const sub = (await at.server.uow.read(({ users }) => users.findByUserId('mixed', 'only-codes')))?.sub;
    expect(await results(at, sub)).toEqual(['unmet_demand']);
    // Sent again: another login can begin here.
    expect((await page.submit({ code: mail.code ?? '' })).h1).toBe(t('login.user_id.title'));
    const back = await told.submit({}, '/unmet');
    expect(site.callbackOf(back)?.get('error')).toBe('unmet_authentication_requirements');
    expectProblem(await told.submit({}, '/unmet'), 'expired_page', 410);
  });

  test('the code page of such a user is left for another user', async () => {
    await addUser('cannot');
    await addUser('can', { method: 'password+otp', password: PASSWORD });
    const first = await site.begin(new Agent(), essential('password+otp'));
    const { page, mail } = await askForCode(at, first, 'cannot');
    const told = await page.submit({ code: mail.code ?? '' });
    const before = at.mail.mails.length;
    const next = await enterPassword(await told.click(t('login.code.restart')), 'can', PASSWORD);
    const { code = '' } = await codeMail(at, 'can@user.example', before);
    expect((await site.finish(await next.submit({ code }))).claims()?.amr).toEqual(['pwd', 'otp', 'mfa']);
  });

  test('a user with a password, who has to prove a code as well, has no device', async () => {
    await addUser('no-device', { ...withPassword, addresses: [] });
    const page = await enterPassword(await site.begin(new Agent(), essential('otp')), 'no-device', PASSWORD);
    expect([page.status, page.h1]).toEqual([403, expect.stringContaining(t('login.unmet.title'))]);
  });

  test('who is signed in is named and asked for a code by one button', async () => {
    await addUser('stepping', withPassword);
    const agent = new Agent();
    await signInWithPassword(at, site, agent, 'stepping', PASSWORD);
    const first = await site.begin(agent, essential('otp'));
    expect([first.status, first.h1]).toEqual([200, t('login.step_up.title')]);
    expect(first.html).toContain('stepping');
    expect(pathsOf(first)).toEqual(['?other=1', '/user-id', '/cancel']);
    const before = at.mail.mails.length;
    const page = await first.submit({}, '/user-id');
    const { code = '' } = await codeMail(at, 'stepping@user.example', before);
    expectProblem(await enterWrong(page, code, 1), 'authentication_failed', 400);
    const claims = (await site.finish(await page.submit({ code }))).claims();
    expect(claims).toMatchObject({ acr: 'urn:sekisho:acr:otp', amr: ['pwd', 'otp', 'mfa'] });
  });

  test('where ID and password are asked for together, the button needs neither', async () => {
    await at.addUser('together', { ...withPassword, contract: 'strict' });
    const agent = new Agent();
    await signInWithPassword(at, strict, agent, 'together', PASSWORD);
    const before = at.mail.mails.length;
    const page = await (await strict.begin(agent, essential('otp'))).submit({}, '/user-id');
    const { code = '' } = await codeMail(at, 'together@user.example', before);
    expect((await strict.finish(await page.submit({ code }))).claims()?.amr).toEqual(['pwd', 'otp', 'mfa']);
  });

  test('the same user may begin anew with ID and password', async () => {
    await at.addUser('again', { ...withPassword, contract: 'strict' });
    const agent = new Agent();
    await signInWithPassword(at, strict, agent, 'again', PASSWORD);
    const first = await strict.begin(agent, essential('otp'));
    const fresh = await first.click(t('login.code.restart'));
    const before = at.mail.mails.length;
    const page = await fresh.submit({ user_id: 'again', password: PASSWORD });
    const { code = '' } = await codeMail(at, 'again@user.example', before);
    expect((await strict.finish(await page.submit({ code }))).claims()?.amr).toEqual(['pwd', 'otp', 'mfa']);
  });

  test('who is signed in by a code is asked for the password, and wrong ones count', async () => {
    await addUser('by-code', { password: PASSWORD });
    const agent = new Agent();
    const { sub } = await signIn(at, site, agent, 'by-code');
    const begin = () => site.begin(agent, essential('password'));
    const first = await begin();
    expect([first.status, first.h1]).toEqual([200, t('login.password.title')]);
    expect(first.html).toContain(t('login.step_up.password', { site: '見本サイト' }));
    const empty = await first.submit({ password: '' });
    expect([empty.status, empty.html.includes('id="password-error"')]).toEqual([400, true]);
    for (let times = 0; times < 4; times += 1) {
      expectProblem(await (await begin()).submit({ password: 'wrong' }), 'wrong_password', 400);
    }
    const back = await (await begin()).submit({ password: PASSWORD });
    expect((await site.finish(back)).claims()?.amr).toEqual(['pwd', 'otp', 'mfa']);
    expect((await results(at, sub)).filter((result) => result === 'wrong_password')).toHaveLength(4);
  });

  test('disabled while stepping up: no further', async () => {
    await addUser('stopped', withPassword);
    const agent = new Agent();
    const { sub } = await signInWithPassword(at, site, agent, 'stopped', PASSWORD);
    const page = await (await site.begin(agent, essential('otp'))).submit({}, '/user-id');
    const { code = '' } = await at.mail.waitFor(
      (mail) => mail.code !== undefined && mail.envelope.to.includes('stopped@user.example'),
    );
    await at.server.uow.write(({ users }) => users.setState(sub, 'disabled', null, at.clock.now()));
    const refused = await page.submit({ code });
    expectProblem(refused, 'authentication_failed', 400);
    expect((await refused.click(t('login.back_to_login'))).h1).toBe(t('login.user_id.title'));
  });

  test('a code that has run out while stepping up: the button again', async () => {
    await addUser('dawdles', withPassword);
    const agent = new Agent();
    await signInWithPassword(at, site, agent, 'dawdles', PASSWORD);
    const page = await (await site.begin(agent, essential('otp'))).submit({}, '/user-id');
    await at.server.mailer.idle();
    await later(at, 11 * 60_000);
    const late = await page.submit({ code: '123456' });
    expectProblem(late, 'code_expired', 400);
    const again = await late.click(t('login.back_to_login'));
    const before = at.mail.mails.length;
    const next = await again.submit({}, '/user-id');
    const { code = '' } = await codeMail(at, 'dawdles@user.example', before);
    expect((await site.finish(await next.submit({ code }))).claims()?.amr).toEqual(['pwd', 'otp', 'mfa']);
  });
});
