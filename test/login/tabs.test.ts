import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { askForCode } from '../support/sign-in.ts';
import { expectProblem } from './steps.ts';

describe.each(ENGINES)('two tabs of one browser on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let otherSite: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
    otherSite = await at.addClient({ name: '別のサイト' });
  });
  afterAll(() => at.close());

  test.each(['in the order of their beginning', 'the last one first'])(
    'each login finishes with its own code, %s',
    async (order) => {
      const userId = `tabs-${order.length}`;
      const sub = await at.addUser(userId);
      const agent = new Agent();
      const [tabA, tabB] = [await site.begin(agent), await otherSite.begin(agent)];
      const a = await askForCode(at, tabA, userId);
      const b = await askForCode(at, tabB, userId);
      expect(a.page.url).not.toBe(b.page.url);
      expect(a.page.html).toContain('見本サイト');
      expect(b.page.html).toContain('別のサイト');
      if (a.mail.code !== b.mail.code) {
        expectProblem(await a.page.submit({ code: b.mail.code ?? '' }), 'authentication_failed', 400);
      }
      const tabs = [
        { rp: site, ...a },
        { rp: otherSite, ...b },
      ];
      if (order.startsWith('the last')) tabs.reverse();
      for (const { rp, page, mail } of tabs) {
        const tokens = await rp.finish(await page.submit({ code: mail.code ?? '' }));
        expect(tokens.claims()?.sub).toBe(sub);
      }
    },
  );

  test('both codes at the same moment: both sites get their user, and the session serves both', async () => {
    const sub = await at.addUser('both-at-once');
    const agent = new Agent();
    const a = await askForCode(at, await site.begin(agent), 'both-at-once');
    const b = await askForCode(at, await otherSite.begin(agent), 'both-at-once');
    const [backA, backB] = await Promise.all([
      a.page.submit({ code: a.mail.code ?? '' }),
      b.page.submit({ code: b.mail.code ?? '' }),
    ]);
    for (const [rp, back] of [
      [site, backA],
      [otherSite, backB],
    ] as const) {
      const tokens = await rp.finish(back);
      expect(tokens.claims()?.sub).toBe(sub);
      expect((await rp.userinfo(tokens)).sub).toBe(sub);
    }
  });

  test('two user IDs in two tabs: each tab is its own, and the second login ends the session of the first', async () => {
    const subs = { one: await at.addUser('one'), two: await at.addUser('two') };
    const agent = new Agent();
    const a = await askForCode(at, await site.begin(agent), 'one');
    const b = await askForCode(at, await otherSite.begin(agent), 'two');
    const first = await site.finish(await a.page.submit({ code: a.mail.code ?? '' }));
    expect(first.claims()?.sub).toBe(subs.one);
    let second = await b.page.submit({ code: b.mail.code ?? '' });
    // The session of the first is no older than this login: the provider may ask to end it, on a page with a button.
    if (!otherSite.callbackOf(second)) second = await second.submit();
    expect((await otherSite.finish(second)).claims()?.sub).toBe(subs.two);
  });

  test('a login in one tab leaves the other as it was: its code still works', async () => {
    await at.addUser('patient');
    const agent = new Agent();
    const waiting = await askForCode(at, await site.begin(agent), 'patient');
    const quick = await askForCode(at, await otherSite.begin(agent), 'patient');
    await otherSite.finish(await quick.page.submit({ code: quick.mail.code ?? '' }));
    expect((await waiting.page.reload()).status).toBe(200);
    await site.finish(await waiting.page.submit({ code: waiting.mail.code ?? '' }));
  });
});
