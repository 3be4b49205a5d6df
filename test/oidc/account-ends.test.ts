/** All that a user was signed in by ends, as when credentials are registered anew, while a login of his is on its way. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { endAccount } from '../../src/oidc/end-account.ts';
import { completes, post } from '../login/steps.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { enterPassword, signInWithPassword } from '../support/sign-in.ts';
import { type LogoutListener, listenForLogouts } from './logout-listener.ts';

const PASSWORD = 'furui kagi wa 3 bon desu';
const MANY = { points: 100_000 };

describe.each(ENGINES)('an account that ends during a login, on %s', (engine) => {
  let at: Installation;
  let listener: LogoutListener;
  let site: RelyingParty;
  let sub: string;

  beforeAll(async () => {
    const rates = { tries_per_address: MANY };
    at = await startInstallation({ engine, policy: { login_methods: ['password'], rates } });
    listener = await listenForLogouts();
    site = await at.addClient({ metadata: { backchannel_logout_uri: listener.url } });
    sub = await at.addUser('hanako', { method: 'password', password: PASSWORD });
    await at.addUser('jiro', { method: 'password', password: PASSWORD });
  });
  afterAll(async () => {
    await at.close();
    await listener.close();
  });
  beforeEach(() => {
    listener.meanwhile = async () => {};
  });

  const end = () =>
    at.server.uow.write((stores) => endAccount(stores, at.server.secrets, sub, at.clock.now()));
  const hasCode = (page: Page) => site.callbackOf(page)?.has('code') ?? false;
  const isSignedIn = async (agent: Agent) => hasCode(await site.begin(agent, { prompt: 'none' }));

  test('while a site is being told of the end of the session before: it begins anew', async () => {
    const agent = new Agent();
    await signInWithPassword(at, site, agent, 'jiro', PASSWORD);
    const page = await site.begin(agent, { prompt: 'login' });
    listener.meanwhile = async () => void (await end());
    const answer = await post(page, { user_id: 'hanako', password: PASSWORD });
    expect(completes(answer)).toBe(false);
    const again = await agent.open(answer.location ?? '');
    expect(again.status).toBe(200);
    expect(await isSignedIn(agent)).toBe(false);
    listener.meanwhile = async () => {};
    // What is proven from here on counts.
    expect(hasCode(await enterPassword(again, 'hanako', PASSWORD))).toBe(true);
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('while the browser follows the way back to the site: nothing of the login is left', async () => {
    for (let round = 0; round < 14; round += 1) {
      const agent = new Agent();
      const { location = '' } = await post(await site.begin(agent), {
        user_id: 'hanako',
        password: PASSWORD,
      });
      const [back] = await Promise.all([
        agent.open(location),
        (async () => {
          // A little later in each round, so that both meet at every point.
          for (let wait = 0; wait < round * 2; wait += 1)
            await at.server.uow.read(({ users }) => users.find(''));
          await end();
        })(),
      ]);
      expect(back.status).toBeLessThan(500);
      expect(await isSignedIn(agent)).toBe(false);
      if (hasCode(back)) {
        const tokens = await site.finish(back).catch(() => undefined);
        if (tokens) await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
      }
    }
  });

  test('the way back to the site leads there once, however often it is followed at once', async () => {
    const agent = new Agent();
    const { location = '' } = await post(await site.begin(agent), { user_id: 'hanako', password: PASSWORD });
    const answers = await Promise.all(Array.from({ length: 4 }, () => agent.get(location)));
    const codes = answers.filter((answer) => answer.location?.includes('code='));
    expect(codes).toHaveLength(1);
    for (const { status } of answers) expect([303, 400]).toContain(status);
  });
});
