import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newDeviceCookie } from '../../src/login/device-cookie.ts';
import { Secrets } from '../../src/secrets.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { addressOf, signIn } from '../support/sign-in.ts';
import { begin, completes, enterWrong, expectProblem, post, results, wrong } from './steps.ts';

const COOKIE = 'sekisho_device';

describe.each(ENGINES)('browsers that have logged in before on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    site = await at.addClient({ name: '電子調達ポータル' });
  });
  afterAll(() => at.close());

  /** A fresh login in the same browser: single sign-on would need no code. */
  const login = (agent: Agent, userId: string) => signIn(at, site, agent, userId, { prompt: 'login' });
  const again = async (agent: Agent, userId: string) => {
    const before = at.mail.mails.length;
    const page = await (await site.begin(agent, { prompt: 'login' })).submit({ user_id: userId });
    if (page.status !== 200) return { page, code: '' };
    const fits = (mail: { code?: string | undefined; envelope: { to: string[] } }) =>
      mail.code !== undefined && mail.envelope.to.includes(addressOf(userId));
    const mail = await at.mail.waitFor((one) => fits(one) && at.mail.mails.indexOf(one) >= before);
    return { page, code: mail.code ?? '' };
  };
  const notices = (userId: string) =>
    at.mail.mails.filter(
      ({ code, envelope }) => code === undefined && envelope.to.includes(addressOf(userId)),
    );
  const lockStrangersOut = async (userId: string) => {
    const { page, code } = await begin(at, site, new Agent(), userId);
    expectProblem(await enterWrong(page, code, 5), 'locked', 403);
  };

  test('the first login from a browser is told by mail, the second is not', async () => {
    await at.addUser('told');
    const agent = new Agent();
    await login(agent, 'told');
    await at.server.mailer.idle();
    expect(notices('told')).toHaveLength(1);
    const [mail] = notices('told');
    for (const word of ['電子調達ポータル', 'Firefox 140 (Linux)', '127.0.0.1']) {
      expect(mail?.text).toContain(word);
      expect(mail?.html).toContain(word);
    }
    await login(agent, 'told');
    await at.server.mailer.idle();
    expect(notices('told')).toHaveLength(1);
    await login(new Agent(), 'told');
    await at.server.mailer.idle();
    expect(notices('told')).toHaveLength(2);
  });

  test('a contract can do without these mails', async () => {
    await at.addContract('quiet', { notices: { new_browser: false } });
    await at.addUser('untold', { contract: 'quiet' });
    await signIn(at, await at.addClient({ contract: 'quiet' }), new Agent(), 'untold');
    await at.server.mailer.idle();
    expect(notices('untold')).toEqual([]);
  });

  test('another user in a known browser is new to it, and the cookie stays one', async () => {
    await at.addUser('sister');
    await at.addUser('brother');
    const agent = new Agent();
    await login(agent, 'sister');
    const { value } = agent.jar.get(COOKIE) ?? {};
    await login(agent, 'brother');
    await at.server.mailer.idle();
    expect(notices('brother')).toHaveLength(1);
    expect(agent.jar.get(COOKIE)?.value).toBe(value);
    await login(agent, 'sister');
    await at.server.mailer.idle();
    expect(notices('sister')).toHaveLength(1);
  });

  test("strangers' wrong codes lock strangers out, and the known browser goes on", async () => {
    const sub = await at.addUser('owner');
    const home = new Agent();
    await login(home, 'owner');
    await lockStrangersOut('owner');
    expect((await at.server.uow.read(({ users }) => users.find(sub)))?.state).toBe('locked');
    expectProblem((await again(new Agent(), 'owner')).page, 'locked', 403);

    const { page, code } = await again(home, 'owner');
    expect(completes(await post(page, { code }))).toBe(true);
    await login(home, 'owner');
    expect((await at.server.uow.read(({ users }) => users.find(sub)))?.state).toBe('locked');
    expectProblem((await again(new Agent(), 'owner')).page, 'locked', 403);
  });

  test("strangers who use up the account's mails do not use up those of the known browser", async () => {
    await at.addUser('mailed');
    const home = new Agent();
    await login(home, 'mailed');
    for (let times = 0; times < 5; times += 1) await begin(at, site, new Agent(), 'mailed');
    expectProblem((await again(new Agent(), 'mailed')).page, 'too_many_mails', 429);
    await login(home, 'mailed');
  });

  test('a known browser has a count and a lock of its own, which does not lock strangers', async () => {
    await at.addUser('clumsy');
    const home = new Agent();
    await login(home, 'clumsy');
    const { page, code } = await again(home, 'clumsy');
    expectProblem(await enterWrong(page, code, 4), 'authentication_failed', 400);
    expectProblem(await page.submit({ code: wrong(code, 5) }), 'locked', 403);
    expectProblem(await page.submit({ code }), 'locked', 403);
    expectProblem((await again(home, 'clumsy')).page, 'locked', 403);
    await login(new Agent(), 'clumsy');
  });

  test('cookies that are forged, foreign, damaged or of another user are worth nothing', async () => {
    await at.addUser('target');
    await at.addUser('attacker');
    const home = new Agent();
    const own = new Agent();
    await login(home, 'target');
    await login(own, 'attacker');
    await lockStrangersOut('target');
    const real = home.jar.get(COOKIE)?.value ?? '';
    const [token = '', mac = ''] = real.split('.');
    const values = [
      own.jar.get(COOKIE)?.value ?? '',
      newDeviceCookie(new Secrets(['another installation with a secret of its own'])).value,
      newDeviceCookie(at.server.secrets).value,
      token,
      `${token}.`,
      `${token}.${mac.slice(0, -1)}`,
      `${token}.${mac}.${mac}`,
      `${token.toLowerCase()}.${mac}`,
      '.',
      '...',
      '%00',
      '"',
      'a'.repeat(3000),
    ];
    for (const value of values) {
      const stranger = new Agent();
      stranger.jar.set({ name: COOKIE, value, host: '127.0.0.1' });
      expectProblem((await again(stranger, 'target')).page, 'locked', 403);
    }
    expect(completes(await post((await again(home, 'target')).page, { code: '' }))).toBe(false);
  });

  test('a new user of the same ID in another contract is not known by the cookie', async () => {
    await at.addContract('second');
    await at.addUser('namesake');
    await at.addUser('namesake', { contract: 'second', addresses: ['other-namesake@user.example'] });
    const home = new Agent();
    await login(home, 'namesake');
    const second = await at.addClient({ contract: 'second' });
    const sub = (await signIn(at, second, home, 'namesake', {}, 'other-namesake@user.example')).sub;
    await at.server.mailer.idle();
    expect(
      at.mail.mails.filter(
        ({ code, envelope }) => !code && envelope.to.includes('other-namesake@user.example'),
      ),
    ).toHaveLength(1);
    expect(await results(at, sub)).toEqual(['signed_in']);
  });
});
