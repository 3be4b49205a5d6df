import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { begin, enterWrong, later, results, rows, wrong } from './steps.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

describe.each(ENGINES)('the login history on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
  });
  afterAll(() => at.close());

  test('a login: who, at which site, when, from where, by what', async () => {
    const sub = await at.addUser('historic');
    const agent = new Agent({ localAddress: '127.0.0.9', headers: { 'user-agent': CHROME } });
    const before = at.clock.now();
    await signIn(at, site, agent, 'historic');
    const events = await at.server.uow.read(({ audit }) => audit.loginsOf(sub, 0, 10));
    expect(events).toEqual([
      {
        id: expect.any(String),
        contractId: 'shop',
        clientId: site.options.clientId,
        userSub: sub,
        method: 'otp',
        result: 'signed_in',
        address: '127.0.0.9',
        browser: 'Chrome 140 (Windows)',
        errorCode: null,
        at: expect.any(Number),
      },
    ]);
    expect(events[0]?.at).toBeGreaterThanOrEqual(before);
    expect(events[0]?.at).toBeLessThanOrEqual(at.clock.now());
  });

  test('one row for each attempt and its result, in their order', async () => {
    await at.setPolicy('shop', { code: { mails_per_hour: 2 } });
    const sub = await at.addUser('eventful');
    const first = await begin(at, site, new Agent(), 'eventful');
    await first.page.submit({ code: wrong(first.code) });
    await later(at, 11 * MINUTE);
    await first.page.submit({ code: first.code });
    const second = await begin(at, site, new Agent(), 'eventful');
    await (await site.begin(new Agent())).submit({ user_id: 'eventful' });
    await enterWrong(second.page, second.code, 4);
    await second.page.submit({ code: second.code });
    await (await site.begin(new Agent())).submit({ user_id: 'eventful' });
    expect(await results(at, sub)).toEqual([
      'wrong_code',
      'code_expired',
      'too_many_mails',
      'wrong_code',
      'wrong_code',
      'wrong_code',
      'locked',
      'locked',
      'locked',
    ]);
    await at.setPolicy('shop', {});
  });

  test('tries for unknown IDs are kept without what was typed', async () => {
    const before = (await results(at, null)).length;
    await (await site.begin(new Agent())).submit({ user_id: 'my-password-by-mistake' });
    expect((await results(at, null)).slice(before)).toEqual(['code_not_sent']);
    expect(JSON.stringify(await rows(at, 'login_events'))).not.toContain('my-password-by-mistake');
  });

  test('a hostile User-Agent stays out of the history and of the mail', async () => {
    const sub = await at.addUser('advertised');
    const evil = 'Call 0120-000-000 or visit https://evil.example/login now/1.0 (x)';
    for (const header of [evil, `Mozilla/5.0 ${evil}`, 'x'.repeat(7000), '<script>alert(1)</script>/1 ']) {
      const agent = new Agent({ headers: { 'user-agent': header } });
      const { page, code, mail } = await begin(at, site, agent, 'advertised');
      expect(mail.text + mail.html).not.toMatch(/evil|0120-000|alert|xxx/);
      await site.finish(await page.submit({ code }));
    }
    const events = await at.server.uow.read(({ audit }) => audit.loginsOf(sub, 0, 10));
    expect(events).toHaveLength(4);
    for (const { browser } of events) expect(browser).toMatch(/^(-|[\w ]{1,40}( \([\w ]+\))?)$/);
  });
});
