/** Nobody fills a user's mailboxes, or keeps a user from mails that are needed, by knowing a password. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { enterPassword, signIn } from '../support/sign-in.ts';
import { completes, expectProblem, later, post } from './steps.ts';

const PASSWORD = 'correct horse battery';
const BOTH = { acr_values: 'urn:sekisho:acr:password+otp' };
const NOTICES = 10;

describe.each(ENGINES)('mails that logins cause on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({
      engine,
      policy: { login_methods: ['password', 'otp'], code: { mails_per_hour: 3 } },
    });
    site = await at.addClient();
  });
  afterAll(() => at.close());

  const login = async (userId: string) => {
    const first = await (await site.begin(new Agent())).submit({ user_id: userId });
    expect(completes(await post(first, { password: PASSWORD }))).toBe(true);
  };
  const noticesTo = async (address: string) => {
    await at.server.mailer.idle();
    const mails = at.mail.mails.filter(({ envelope }) => envelope.to.includes(address));
    return mails.filter(({ code }) => code === undefined).length;
  };

  test('logins by a password from ever new browsers: some are told of, then none for the rest of the hour', async () => {
    const addresses = ['pc@noted.example', 'phone@noted.example'];
    await at.addUser('noted', { method: 'password', password: PASSWORD, addresses });
    for (let times = 0; times < NOTICES + 2; times += 1) await login('noted');
    for (const address of addresses) expect(await noticesTo(address)).toBe(NOTICES);
    await later(at, 61 * MINUTE);
    await login('noted');
    for (const address of addresses) expect(await noticesTo(address)).toBe(NOTICES + 1);
  });

  test('a login by a code is always told of: each has cost a mail that was read', async () => {
    await at.addUser('reads');
    for (let times = 0; times < NOTICES + 2; times += 1) await signIn(at, site, new Agent(), 'reads');
    expect(await noticesTo('reads@user.example')).toBe(NOTICES + 2);
  });

  test('a login by a password gives no more codes', async () => {
    await at.addUser('coded', { method: 'password', password: PASSWORD });
    const askForCode = async () => enterPassword(await site.begin(new Agent(), BOTH), 'coded', PASSWORD);
    for (let times = 0; times < 3; times += 1) {
      expect((await askForCode()).url).toMatch(/\/code$/);
      await login('coded');
    }
    expectProblem(await askForCode(), 'too_many_mails', 429);
  });
});
