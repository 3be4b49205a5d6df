import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { addressOf, askForCode, codeMail } from '../support/sign-in.ts';
import { backToNow, passTime, SECOND } from './machine-time.ts';
import { type Person, type Proven, prove, proveAt } from './prove.ts';

const OTP = 'urn:sekisho:acr:otp';
const PASSWORD = 'urn:sekisho:acr:password';
const BOTH = 'urn:sekisho:acr:password+otp';

const secret = 'correct horse battery staple';
/** Login method otp, and no password. */
const taro: Person = { userId: 'taro' };
/** Login method otp, and a password from former times. */
const saburo: Person = { userId: 'saburo', password: secret };
/** Login method password, with an address. */
const hanako: Person = { userId: 'hanako', password: secret };
/** Login method password, without an address. */
const shiro: Person = { userId: 'shiro', password: secret };
/** Login method password+otp. */
const jiro: Person = { userId: 'jiro', password: secret };

const essential = (...values: string[]) => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }),
});

describe.each(ENGINES)('stepping up on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let strict: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: { login_methods: ['otp', 'password', 'password+otp'] } });
    site = await at.addClient({ metadata: { post_logout_redirect_uris: ['https://site.example/bye'] } });
    strict = await at.addClient({ metadata: { default_acr_values: [BOTH] } });
    await at.addUser('taro');
    await at.addUser('saburo', { password: secret });
    await at.addUser('hanako', { password: secret, method: 'password' });
    await at.addUser('shiro', { password: secret, method: 'password', addresses: [] });
    await at.addUser('jiro', { password: secret, method: 'password+otp' });
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  const errorOf = (page: Page) => site.callbackOf(page)?.get('error');

  async function signedIn(person: Person, extra: Record<string, string> = {}) {
    const agent = new Agent();
    return { agent, ...(await proveAt(at, site, await site.begin(agent, extra), person)) };
  }

  /** Another request of a browser: what it was asked and what it got. */
  async function again(
    agent: Agent,
    person: Person,
    extra: Record<string, string> = {},
    where: RelyingParty = site,
  ) {
    const { tokens, asked } = await proveAt(at, where, await where.begin(agent, extra), person);
    const claims = tokens.claims();
    return { tokens, asked, acr: claims?.acr, amr: claims?.amr };
  }

  describe('asks for what is missing, and for nothing else', () => {
    test.each([{ acr_values: BOTH }, essential(BOTH)])(
      'a session by code, %j: the password',
      async (extra) => {
        const { agent, tokens: before } = await signedIn(saburo);
        expect(before.claims()).toMatchObject({ acr: OTP, amr: ['otp'] });
        const after = await again(agent, saburo, extra);
        expect(after).toMatchObject({ asked: ['password'], acr: BOTH, amr: ['pwd', 'otp', 'mfa'] });
        expect(after.tokens.claims()?.sub).toBe(before.claims()?.sub);
      },
    );

    test.each([
      [{ acr_values: OTP }, OTP],
      [essential(OTP), OTP],
      [essential(BOTH), BOTH],
    ])('a session by password, %j: a code', async (extra, acr) => {
      const { agent, tokens } = await signedIn(hanako);
      expect(tokens.claims()).toMatchObject({ acr: PASSWORD, amr: ['pwd'] });
      const after = await again(agent, hanako, extra as Record<string, string>);
      expect(after).toMatchObject({ asked: ['code'], acr, amr: ['pwd', 'otp', 'mfa'] });
    });

    test('nobody signed in: the user proves more than the login method asks for', async () => {
      const { asked, tokens } = await signedIn(hanako, essential(OTP));
      expect(asked).toEqual(['user_id', 'password', 'code']);
      expect(tokens.claims()).toMatchObject({ acr: OTP, amr: ['pwd', 'otp', 'mfa'] });
    });

    test('of several values the first that the user can prove', async () => {
      const { agent } = await signedIn(shiro);
      expect(await again(agent, shiro, essential(BOTH, PASSWORD))).toMatchObject({
        asked: [],
        acr: PASSWORD,
      });
      const { asked, tokens } = await signedIn(taro, essential(PASSWORD, OTP));
      expect(asked).toEqual(['user_id', 'code']);
      expect(tokens.claims()?.acr).toBe(OTP);
    });

    test('auth_time is that of the step up, and the session stays', async () => {
      const { agent, tokens: before } = await signedIn(hanako);
      passTime(90 * SECOND);
      const after = await again(agent, hanako, essential(OTP));
      const waited = Number(after.tokens.claims()?.auth_time) - Number(before.claims()?.auth_time);
      expect(waited).toBeGreaterThanOrEqual(89);
      expect((await site.userinfo(before)).sub).toBe(before.claims()?.sub);
    });
  });

  describe('a stronger session', () => {
    test.each([
      [{ acr_values: OTP }, OTP],
      [{ acr_values: `${PASSWORD} ${OTP}` }, PASSWORD],
      [{ acr_values: `urn:example:other ${BOTH}` }, BOTH],
      [{ acr_values: 'urn:example:other' }, BOTH],
      [{}, BOTH],
      [essential(PASSWORD), PASSWORD],
      [essential('urn:example:other', OTP), OTP],
      [{ claims: JSON.stringify({ id_token: { acr: { value: OTP } } }) }, OTP],
      [{ claims: JSON.stringify({ id_token: { acr: { essential: true } } }), acr_values: OTP }, OTP],
    ])('meets %j without a page, and says so by %s', async (extra, acr) => {
      const { agent } = await signedIn(jiro);
      const request = extra as Record<string, string>;
      expect(await again(agent, jiro, request)).toMatchObject({ asked: [], acr, amr: ['pwd', 'otp', 'mfa'] });
      const silent = await again(agent, jiro, { ...request, prompt: 'none' });
      expect(silent).toMatchObject({ acr, amr: ['pwd', 'otp', 'mfa'] });
    });
  });

  describe('what the user cannot prove', () => {
    test.each([essential(BOTH), essential(PASSWORD), { ...essential(BOTH), prompt: 'none' }])(
      'an essential acr is refused: %j',
      async (extra) => {
        const { agent } = await signedIn(taro);
        expect(errorOf(await site.begin(agent, extra))).toBe('unmet_authentication_requirements');
        expect(await again(agent, taro)).toMatchObject({ asked: [], acr: OTP });
      },
    );

    test('nobody signed in: the site hears of it when the user has seen why', async () => {
      const first = await site.begin(new Agent(), essential(BOTH));
      const { page, mail } = await askForCode(at, first, 'taro');
      const told = await page.submit({ code: mail.code ?? '' });
      expect(told.status).toBe(403);
      expect(errorOf(await told.submit({}, '/unmet'))).toBe('unmet_authentication_requirements');
    });

    test('with prompt=login another user may come', async () => {
      const { agent } = await signedIn(taro);
      const after = await again(agent, hanako, { ...essential(PASSWORD), prompt: 'login' });
      expect(after).toMatchObject({ asked: ['user_id', 'password'], acr: PASSWORD });
    });

    test('a login_hint of another user as well', async () => {
      const { agent } = await signedIn(taro);
      const after = await again(agent, hanako, { ...essential(PASSWORD), login_hint: 'hanako' });
      expect(after).toMatchObject({ asked: ['password'], acr: PASSWORD, amr: ['pwd'] });
    });

    test.each<Record<string, string>>([
      { acr_values: BOTH },
      { acr_values: `${BOTH} ${PASSWORD}`, prompt: 'none' },
    ])('a wish goes unfulfilled: %j', async (extra) => {
      const { agent } = await signedIn(taro);
      expect(await again(agent, taro, extra)).toMatchObject({ asked: [], acr: OTP, amr: ['otp'] });
    });

    test('a wish of a login from its beginning, too', async () => {
      const { asked, tokens } = await signedIn(taro, { acr_values: BOTH });
      expect(asked).toEqual(['user_id', 'code']);
      expect(tokens.claims()).toMatchObject({ acr: OTP, amr: ['otp'] });
    });
  });

  describe('prompt=none', () => {
    test('an essential acr that a page could reach: login_required', async () => {
      const { agent } = await signedIn(hanako);
      expect(errorOf(await site.begin(agent, { ...essential(OTP), prompt: 'none' }))).toBe('login_required');
    });

    test('a wish: the session as it is', async () => {
      const { agent } = await signedIn(hanako);
      const silent = await again(agent, hanako, { acr_values: BOTH, prompt: 'none' });
      expect(silent).toMatchObject({ acr: PASSWORD, amr: ['pwd'] });
    });

    test('nobody signed in: login_required', async () => {
      const page = await site.begin(new Agent(), { ...essential(BOTH), prompt: 'none' });
      expect(errorOf(page)).toBe('login_required');
    });
  });

  describe("a site's setting", () => {
    test('default_acr_values step up at this site and not at the other', async () => {
      const { agent } = await signedIn(hanako);
      expect(await again(agent, hanako)).toMatchObject({ asked: [], acr: PASSWORD });
      expect(await again(agent, hanako, {}, strict)).toMatchObject({ asked: ['code'], acr: BOTH });
      // The session is one: the first site now learns of both factors.
      expect(await again(agent, hanako)).toMatchObject({ asked: [], acr: BOTH });
    });

    test('a request of its own counts before them', async () => {
      const { agent } = await signedIn(hanako);
      expect(await again(agent, hanako, { acr_values: PASSWORD }, strict)).toMatchObject({
        asked: [],
        acr: PASSWORD,
      });
      expect(await again(agent, hanako, essential(PASSWORD), strict)).toMatchObject({
        asked: [],
        acr: PASSWORD,
      });
    });

    test('they do not undo an essential claim', async () => {
      const { agent } = await signedIn(taro);
      const page = await strict.begin(agent, essential(PASSWORD));
      expect(strict.callbackOf(page)?.get('error')).toBe('unmet_authentication_requirements');
    });
  });

  describe('tokens', () => {
    test('what was issued before keeps its acr and amr through refreshes', async () => {
      const { agent, tokens: before } = await signedIn(hanako);
      const after = await again(agent, hanako, essential(OTP));
      const old = await site.refresh(before.refresh_token ?? '');
      expect(old.claims()).toMatchObject({ acr: PASSWORD, amr: ['pwd'] });
      const fresh = await site.refresh(after.tokens.refresh_token ?? '');
      expect(fresh.claims()).toMatchObject({ acr: OTP, amr: ['pwd', 'otp', 'mfa'] });
      expect(fresh.claims()?.auth_time).toBe(after.tokens.claims()?.auth_time);
    });
  });

  describe('not a step up', () => {
    test.each<Record<string, string>>([{ prompt: 'login' }, { max_age: '60' }])(
      'a fresh login is asked for: %j',
      async (extra) => {
        const { agent } = await signedIn(hanako);
        passTime(61 * SECOND);
        const after = await again(agent, hanako, { ...essential(OTP), ...extra });
        expect(after).toMatchObject({ asked: ['user_id', 'password', 'code'], amr: ['pwd', 'otp', 'mfa'] });
      },
    );

    test('another user is wanted by id_token_hint', async () => {
      const { tokens: others } = await signedIn(jiro);
      const { agent } = await signedIn(hanako);
      const hint = { ...essential(BOTH), id_token_hint: others.id_token ?? '' };
      expect((await again(agent, jiro, hint)).asked).toEqual(['user_id', 'password', 'code']);
    });

    test("a session of another contract's user", async () => {
      await at.addContract(`other-${engine}`, { login_methods: ['otp', 'password'] });
      const elsewhere = await at.addClient({ contract: `other-${engine}` });
      await at.addUser('hanako', {
        contract: `other-${engine}`,
        password: secret,
        addresses: ['hanako@user.example'],
      });
      const { agent } = await signedIn(hanako);
      const after = await again(agent, hanako, essential(BOTH), elsewhere);
      expect(after).toMatchObject({ asked: ['user_id', 'password', 'code'], acr: BOTH });
    });
  });

  describe('what changes meanwhile', () => {
    test('who can prove more by now than when the login began is not asked again', async () => {
      const userId = `rokuro-${engine}`;
      const sub = await at.addUser(userId);
      const first = await site.begin(new Agent(), { acr_values: BOTH });
      const { page, mail } = await askForCode(at, first, userId);
      const now = at.clock.now();
      const hash = await at.server.hasher.hash('password', secret);
      await at.server.uow.write(({ passwords }) =>
        passwords.set({ userSub: sub, hash, createdAt: now, updatedAt: now }),
      );
      const tokens = await site.finish(await page.submit({ code: mail.code ?? '' }));
      expect(tokens.claims()).toMatchObject({ acr: OTP, amr: ['otp'] });
    });

    test('what a session has proven it keeps, even if the contract has no such method any more', async () => {
      const contract = `changing-${engine}`;
      await at.addContract(contract, { login_methods: ['password'] });
      const there = await at.addClient({ contract });
      await at.addUser('hanako', { contract, method: 'password', password: secret });
      const agent = new Agent();
      await proveAt(at, there, await there.begin(agent), hanako);
      await at.setPolicy(contract, { login_methods: ['otp'] });
      expect(await again(agent, hanako, essential(PASSWORD), there)).toMatchObject({
        asked: [],
        acr: PASSWORD,
      });
    });
  });

  describe('other tabs and other people', () => {
    test('a logout in another tab ends the step up, before and after the code was sent', async () => {
      for (const sent of [false, true]) {
        const { agent, tokens } = await signedIn(hanako);
        const first = await site.begin(agent, essential(BOTH));
        const before = at.mail.mails.length;
        const page = sent ? await first.submit() : first;
        await logOut(agent, tokens.id_token ?? '');
        const code = sent ? (await codeMail(at, addressOf('hanako'), before)).code : undefined;
        const over = await page.submit(code === undefined ? {} : { code });
        expect([over.status, over.links.map(({ href }) => new URL(href).origin).slice(-1)]).toEqual([
          410,
          [new URL(site.options.redirectUri).origin],
        ]);
        const next = await again(agent, hanako, essential(BOTH));
        expect(next).toMatchObject({ asked: ['user_id', 'password', 'code'], amr: ['pwd', 'otp', 'mfa'] });
      }
    });

    test('a browser without the session cookie has proven nothing: it logs in from the beginning', async () => {
      const { agent } = await signedIn(hanako);
      const first = await site.begin(agent, essential(BOTH));
      const before = at.mail.mails.length;
      const page = await first.submit();
      const { code = '' } = await codeMail(at, addressOf('hanako'), before);
      agent.jar.clear('sekisho_session');
      const refused = await page.submit({ code });
      expect(refused.status).toBe(400);
      const { back, asked } = await prove(at, await refused.click('ログインページに戻る'), hanako);
      expect(asked).toEqual(['user_id', 'password', 'code']);
      expect((await site.finish(back)).claims()).toMatchObject({ acr: BOTH, amr: ['pwd', 'otp', 'mfa'] });
    });

    test('a session identifier from before the step up does not get its factors', async () => {
      const { agent } = await signedIn(saburo);
      const thief = new Agent();
      for (const cookie of agent.jar.all()) thief.jar.set(cookie);
      expect((await again(agent, saburo, essential(BOTH))).acr).toBe(BOTH);
      const theirs = await site.begin(thief, { ...essential(BOTH), prompt: 'none' });
      expect(errorOf(theirs)).toBe('login_required');
      // The old identifier is good for a moment (simultaneous requests), with what it had.
      expect((await again(thief, saburo)).acr).toBe(OTP);
    });

    test('two tabs step up at once', async () => {
      const { agent } = await signedIn(saburo);
      const pages = [await site.begin(agent, essential(BOTH)), await strict.begin(agent)];
      const backs = await Promise.all(pages.map((page) => prove(at, page, saburo)));
      for (const [index, where] of [site, strict].entries()) {
        const { back, asked } = backs[index] as Proven;
        expect(asked).toEqual(['password']);
        expect((await where.finish(back)).claims()).toMatchObject({ acr: BOTH, amr: ['pwd', 'otp', 'mfa'] });
      }
      expect((await again(agent, saburo)).acr).toBe(BOTH);
    });

    test('another user logs in instead: a session of its own, and the first ends', async () => {
      const { agent, tokens } = await signedIn(saburo);
      const page = await site.begin(agent, essential(PASSWORD));
      const field = page.form({}, '/user-id');
      const next = await agent.submit(field, { user_id: 'hanako' }, page.url);
      const { tokens: hers } = await proveAt(at, site, next, hanako);
      expect(hers.claims()).toMatchObject({ acr: PASSWORD, amr: ['pwd'] });
      expect(hers.claims()?.sub).not.toBe(tokens.claims()?.sub);
      await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
    });

    test('a user who was disabled meanwhile does not step up', async () => {
      const userId = `goro-${engine}`;
      const sub = await at.addUser(userId, { password: secret });
      const { agent } = await signedIn({ userId });
      const page = await site.begin(agent, essential(BOTH));
      await at.server.uow.write(({ users }) => users.setState(sub, 'disabled', null, at.clock.now()));
      expect(page.form({ user_id: '' }).fields.user_id).toBe(userId);
      expect((await page.reload()).form({ user_id: '' }).fields.user_id).toBe('');
    });
  });

  async function logOut(agent: Agent, hint: string): Promise<void> {
    const page = await agent.open(site.logoutUrl({ id_token_hint: hint }));
    await page.submit({ logout: 'yes' });
  }
});
