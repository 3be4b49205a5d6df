/** What a reviewer did to the login, and what it gets now. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { UserState } from '../../src/users/user.ts';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { begin, completes, enterWrong, expectProblem, post, rows } from './steps.ts';

const behindProxy = (address: string) => new Agent({ headers: { 'x-forwarded-for': address } });

describe.each(ENGINES)('attacks on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine, env: { TRUST_PROXY: '1' } }));
  });
  afterAll(() => at.close());

  const stateOf = async (sub: string) => (await at.server.uow.read(({ users }) => users.find(sub)))?.state;
  const setState = (sub: string, state: UserState) =>
    at.server.uow.write(({ users }) => users.setState(sub, state, null, at.clock.now()));

  test.each(['disabled', 'invited'] as const)(
    'wrong codes do not make a user of one who is %s',
    async (state) => {
      const userId = `left-${state}`;
      await at.addUser(userId);
      const known = new Agent();
      const { sub, tokens } = await signIn(at, site, known, userId);
      const { page, code } = await begin(at, site, new Agent(), userId);
      await setState(sub, state);
      await enterWrong(page, code, 6);
      expect(await stateOf(sub)).toBe(state);
      await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
      await expect(site.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      const back = await site.begin(known, { prompt: 'none' });
      expect(site.callbackOf(back)?.get('error')).toBe('login_required');
    },
  );

  test('nobody is mailed a code again after having been disabled', async () => {
    const sub = await at.addUser('no-more-codes');
    const { page } = await begin(at, site, new Agent(), 'no-more-codes');
    await setState(sub, 'disabled');
    at.clock.advance(61_000);
    const before = (await rows(at, 'mails')).length;
    await (await page.reload()).submit({}, 'resend');
    expect(await rows(at, 'mails')).toHaveLength(before);
  });

  test('neighbours behind one address, or many addresses of one network, do not keep a known browser out', async () => {
    await at.addContract('crowded', {
      rates: {
        code_requests_per_address: { points: 3, seconds: 600 },
        tries_per_address: { points: 3, seconds: 600 },
        code_requests_per_contract: { points: 40, seconds: 600 },
      },
    });
    const crowded = await at.addClient({ contract: 'crowded' });
    await at.addUser('owner', { contract: 'crowded' });
    const owner = behindProxy('2001:db8:1:1::1');
    await signIn(at, crowded, owner, 'owner');
    const stranger = async (address: string) =>
      (await (await crowded.begin(behindProxy(address))).submit({ user_id: 'nobody' })).status;
    const statuses: number[] = [];
    for (let net = 0; net < 20; net += 1) {
      for (let times = 0; times < 2; times += 1) statuses.push(await stranger(`2001:db8:1:${net}::9`));
    }
    // The /48 is full long before each of its /64s is.
    expect(statuses.filter((status) => status !== 429)).toHaveLength(29);
    const page = await crowded.begin(owner, { prompt: 'login' });
    expect((await page.submit({ user_id: 'owner' })).status).toBe(200);
  });

  test('a contract that allows fewer tries from now on locks who has had them, and the desk can see it', async () => {
    await at.addContract('stricter');
    const stricter = await at.addClient({ contract: 'stricter' });
    const sub = await at.addUser('tried', { contract: 'stricter' });
    const { page, code } = await begin(at, stricter, new Agent(), 'tried');
    await enterWrong(page, code, 4);
    await at.setPolicy('stricter', { lock: { tries: 3, unlock_after_minutes: 1 } });
    expectProblem(await page.submit({ code }), 'locked', 403);
    expect(await stateOf(sub)).toBe('locked');
    at.clock.advance(61_000);
    expect(completes(await post(page, { code }, 'code'))).toBe(true);
  });

  test('the page counts addresses, not mails', async () => {
    await at.addUser('counted', { addresses: ['counted@user.example', 'counted@two.example'] });
    const { page } = await begin(at, site, new Agent(), 'counted');
    at.clock.advance(61_000);
    const resent = await (await page.reload()).submit({}, 'resend');
    expect(resent.html).toContain('宛先：2件');
  });
});
