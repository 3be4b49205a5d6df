import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { askForCode, signIn } from '../support/sign-in.ts';

describe.each(ENGINES)('session fixation on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }, 'victim'));
    await at.addUser('attacker');
  });
  afterAll(() => at.close());

  const sessionId = (agent: Agent) => agent.jar.get('sekisho_session')?.value;
  /** Another browser with the cookies of this one at this moment. */
  const twin = (agent: Agent) =>
    new Agent({
      headers: {
        cookie: agent.jar
          .all()
          .map(({ name, value }) => `${name}=${value}`)
          .join('; '),
      },
      stopAt: [site.options.redirectUri],
    });
  const isSignedIn = async (agent: Agent) =>
    site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code') === true;

  test('each login gives the session a new id', async () => {
    const agent = new Agent();
    await signIn(at, site, agent, 'victim');
    const first = sessionId(agent);
    expect(first).toBeDefined();
    await signIn(at, site, agent, 'victim', { prompt: 'login' });
    expect(sessionId(agent)).not.toBe(first);
  });

  test('an id that was planted before the login is not signed in by it', async () => {
    const agent = new Agent();
    // A logout page gives a session to a browser without one.
    await agent.open(site.logoutUrl());
    expect(sessionId(agent)).toBeDefined();
    const attacker = twin(agent);
    await signIn(at, site, agent, 'victim');
    expect(await isSignedIn(agent)).toBe(true);
    expect(await isSignedIn(attacker)).toBe(false);
  });

  test("the attacker's session that was planted ends when its victim logs in", async () => {
    const agent = new Agent();
    const { sub } = await signIn(at, site, agent, 'attacker');
    const attacker = twin(agent);
    const victim = await signIn(at, site, agent, 'victim', { prompt: 'login' });
    expect(victim.sub).not.toBe(sub);
    expect(await isSignedIn(attacker)).toBe(false);
  });

  test("an interaction that the attacker's browser began cannot be gone on with in the victim's", async () => {
    const attacker = new Agent();
    const page = await site.begin(attacker);
    const victim = new Agent();
    const opened = await victim.open(page.url);
    expect(opened.status).toBeGreaterThanOrEqual(400);
    expect(opened.forms.some((form) => form.names.has('user_id'))).toBe(false);
    const { action, fields } = page.form({ user_id: '' });
    const posted = await victim.post(action, { ...fields, user_id: 'victim' });
    expect(posted.status).toBeGreaterThanOrEqual(400);
  });

  test("a login that the victim's browser finished cannot be taken up by the attacker's, nor the other way", async () => {
    const victim = new Agent();
    const { page, mail } = await askForCode(at, await site.begin(victim), 'victim');
    const form = page.form({ code: '' });
    const { location = '' } = await victim.post(
      form.action,
      { ...form.fields, code: mail.code ?? '' },
      { from: page.url },
    );
    const attacker = new Agent({ stopAt: [site.options.redirectUri] });
    const stolen = await attacker.open(location);
    expect(stolen.status).toBe(400);
    expect(await isSignedIn(attacker)).toBe(false);
    const back = await victim.open(location);
    expect((await site.finish(back)).claims()?.sub).toBeDefined();
    expect((await victim.open(location)).status).toBe(400);
  });

  test('the way back cannot be taken before the login', async () => {
    const agent = new Agent();
    const page = await site.begin(agent);
    const uid = new URL(page.url).pathname.split('/')[2];
    const end = await agent.open(`${at.issuer}/auth/${uid}`);
    expect(site.callbackOf(end)?.has('code') ?? false).toBe(false);
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('cookies that were changed are not believed', async () => {
    const agent = new Agent();
    await signIn(at, site, agent, 'victim');
    const other = new Agent();
    await signIn(at, site, other, 'attacker');
    const mixed = [
      `sekisho_session=${sessionId(agent)}`,
      `sekisho_session.sig=${other.jar.get('sekisho_session.sig')?.value}`,
    ];
    expect(await isSignedIn(new Agent({ headers: { cookie: mixed.join('; ') } }))).toBe(false);
    expect(await isSignedIn(new Agent({ headers: { cookie: mixed[0] ?? '' } }))).toBe(false);
  });
});
