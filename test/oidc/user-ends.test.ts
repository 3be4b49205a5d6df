import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { tokenIntrospection } from 'openid-client';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';
import { backToNow, HOUR } from './machine-time.ts';

describe.each(ENGINES)('a user who may not log in any more, on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
  });
  afterAll(() => at.close());
  afterEach(backToNow);

  const ENDS: [string, (sub: string) => Promise<unknown>][] = [
    [
      'disabled',
      (sub) => at.server.uow.write(({ users }) => users.setState(sub, 'disabled', null, at.clock.now())),
    ],
    ['deleted', (sub) => at.server.uow.write(({ users }) => users.delete(sub))],
    [
      'past his date',
      async (sub) => {
        await at.server.uow.write(({ users }) =>
          users.setValidUntil(sub, at.clock.now() + HOUR / 2, at.clock.now()),
        );
        at.clock.advance(HOUR / 2 + 1);
      },
    ],
  ];

  test.each(ENDS)('%s: session, userinfo, refresh and codes end at once', async (how, end) => {
    const userId = `user-${how.replaceAll(' ', '-')}`;
    const sub = await at.addUser(userId);
    const agent = new Agent();
    const { tokens } = await signIn(at, site, agent, userId);
    const { tokens: offline } = await signIn(at, site, new Agent(), userId, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const waiting = await site.begin(agent);
    await end(sub);
    await expect(site.finish(waiting)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
    for (const { refresh_token: token = '' } of [tokens, offline])
      await expect(site.refresh(token)).rejects.toMatchObject({ error: 'invalid_grant' });
    const silent = await site.begin(agent, { prompt: 'none' });
    expect(site.callbackOf(silent)?.get('error')).toBe('login_required');
    expect((await site.begin(agent)).form({ user_id: '' })).toBeDefined();
    const seen = await tokenIntrospection(site.config, offline.access_token);
    expect(seen).toEqual({ active: false });
  });

  test('somebody else can sign in in that browser', async () => {
    const sub = await at.addUser('leaver');
    await at.addUser('joiner');
    const agent = new Agent();
    await signIn(at, site, agent, 'leaver');
    await at.server.uow.write(({ users }) => users.delete(sub));
    expect((await signIn(at, site, agent, 'joiner')).sub).not.toBe(sub);
    expect(site.callbackOf(await site.begin(agent, { prompt: 'none' }))?.has('code')).toBe(true);
  });

  test('disabled between the code and the end of the login: no code for the site', async () => {
    const sub = await at.addUser('late');
    const first = await site.begin(new Agent());
    const page = await first.submit({ user_id: 'late' });
    await at.server.uow.write(({ users }) => users.setState(sub, 'disabled', null, at.clock.now()));
    const mail = await at.mail.waitFor('late@user.example');
    const end = await page.submit({ code: mail.code ?? '' });
    expect(site.callbackOf(end)?.has('code') ?? false).toBe(false);
  });

  test('who is enabled again goes on where he was', async () => {
    const sub = await at.addUser('back');
    const agent = new Agent();
    await signIn(at, site, agent, 'back');
    const set = (state: 'disabled' | 'active') =>
      at.server.uow.write(({ users }) => users.setState(sub, state, null, at.clock.now()));
    await set('disabled');
    await set('active');
    const { tokens } = await signIn(at, site, new Agent(), 'back');
    expect((await site.userinfo(tokens)).sub).toBe(sub);
    expect((await answerPages(at, await site.begin(new Agent()), 'back')).status).toBe(0);
  });
});
