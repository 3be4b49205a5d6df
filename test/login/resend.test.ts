import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { type MessageKey, translator } from '../../src/http/locale.ts';
import { CONTRACT, ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import type { Misbehaviour } from '../support/mail-server.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { begin, completes, expectProblem, later, post } from './steps.ts';

const t = translator('ja');

describe.each(ENGINES)('a mail that does not come on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine, policy: { code: { minutes: 60, mails_per_hour: 100 } } }));
  });
  afterAll(() => at.close());

  const mailsTo = (userId: string) =>
    at.mail.mails.filter(({ envelope }) => envelope.to[0]?.startsWith(`${userId}@`));

  test('resending waits a minute, which the page shows, and then mails the same code', async () => {
    await at.addUser('waits');
    const { page, code } = await begin(at, site, new Agent(), 'waits');
    expect(page.html).toMatch(/あと(60|59|58)秒/);
    expect(page.forms.some(({ action }) => action.endsWith('/resend'))).toBe(false);
    const resend = { ...page.form({ code: '' }).fields };
    const url = page.url.replace(/\/code$/, '/resend');
    const early = await page.agent.post(url, resend);
    expect(early.status).toBe(429);
    expect(Number(early.headers['retry-after'])).toBeGreaterThan(50);
    await later(at, 59 * SECOND - 500);
    expect((await page.agent.post(url, resend)).status).toBe(429);
    await later(at, 2 * SECOND);

    const ready = await page.reload();
    const again = await ready.submit({}, 'resend');
    expect(again.status).toBe(200);
    expect(again.html).toContain(t('login.code.resent'));
    const second = await at.mail.waitFor('waits@user.example');
    expect(second.code).toBe(code);
    expect(mailsTo('waits')).toHaveLength(2);
    expect(completes(await post(again, { code }))).toBe(true);
  });

  test('too early is a page that leads back to the code', async () => {
    await at.addUser('hasty');
    const { page, code } = await begin(at, site, new Agent(), 'hasty');
    const form = { ...page.form({ code: '' }), action: page.url.replace(/\/code$/, '/resend') };
    const early = await page.agent.submit(form, {}, page.url);
    expectProblem(early, 'resend_too_early', 429);
    const back = await early.click(t('login.problem.back_to_code'));
    expect(completes(await post(back, { code }))).toBe(true);
  });

  test('after the allowed number of resends there is no button, and a page for whoever sends the form all the same', async () => {
    await at.setPolicy(CONTRACT, { code: { minutes: 60, resends: 2, mails_per_hour: 100 } });
    await at.addUser('often');
    const { page, code } = await begin(at, site, new Agent(), 'often');
    let last = page;
    for (const left of [1, 0]) {
      await later(at, MINUTE);
      last = await (await page.reload()).submit({}, 'resend');
      await at.mail.waitFor('often@user.example');
      if (left > 0) expect(last.html).toContain(t('login.code.resend_left', { left }));
    }
    expect(last.html).toContain(t('login.code.resend_none'));
    await later(at, MINUTE);
    const form = { ...page.form({ code: '' }), action: page.url.replace(/\/code$/, '/resend') };
    expectProblem(await page.agent.submit(form, {}, page.url), 'resend_limit', 429);
    expect(mailsTo('often')).toHaveLength(3);
    expect(completes(await post(page, { code }))).toBe(true);
  });

  test('mails of an account in an hour are limited, over attempts and resends, until the hour is over or a login', async () => {
    await at.setPolicy(CONTRACT, { code: { minutes: 60, mails_per_hour: 3 } });
    await at.addUser('floods');
    const { page } = await begin(at, site, new Agent(), 'floods');
    const second = await begin(at, site, new Agent(), 'floods');
    await later(at, MINUTE);
    await (await page.reload()).submit({}, 'resend');
    await at.mail.waitFor('floods@user.example');
    await later(at, MINUTE);
    const full = await (await page.reload()).submit({}, 'resend');
    expectProblem(full, 'too_many_mails', 429);
    expect(full.html).toMatch(/\d\d:\d\d/);
    const other = await (await site.begin(new Agent())).submit({ user_id: 'floods' });
    expectProblem(other, 'too_many_mails', 429);
    expect((await other.click(t('login.back_to_login'))).status).toBe(200);
    expect(mailsTo('floods')).toHaveLength(3);

    expect(completes(await post(second.page, { code: second.code }))).toBe(true);
    await begin(at, site, new Agent(), 'floods');
    await later(at, HOUR);
    await begin(at, site, new Agent(), 'floods');
  });

  test('resending an expired code leads to a new attempt', async () => {
    await at.setPolicy(CONTRACT, {});
    await at.addUser('late');
    const { page } = await begin(at, site, new Agent(), 'late');
    await later(at, 10 * MINUTE);
    const expired = await (await page.reload()).submit({}, 'resend');
    expectProblem(expired, 'code_expired', 400);
    expect(mailsTo('late')).toHaveLength(1);
  });

  const states: [string, MessageKey, Misbehaviour[]][] = [
    ['well', 'login.code.mail.handed_over', []],
    ['refused', 'login.code.mail.refused', [{ do: 'refuse', at: 'rcpt' }]],
    ['deferred', 'login.code.mail.deferred', [{ do: 'defer', at: 'rcpt' }]],
  ];
  test.each(states)('the page tells the state of the mail: %s', async (userId, key, script) => {
    await at.addUser(userId);
    at.mail.behave(...script);
    const page = await (await site.begin(new Agent())).submit({ user_id: userId });
    await at.server.mailer.idle();
    expect((await page.reload()).html).toContain(t(key));
    at.mail.behave();
  });

  test('the page tells the state of the mail: no mail server at all, until it is back', async () => {
    await at.addUser('unreachable');
    await at.mail.down();
    const page = await (await site.begin(new Agent())).submit({ user_id: 'unreachable' });
    await at.server.mailer.idle();
    expect((await page.reload()).html).toContain(t('login.code.mail.deferred'));
    await at.mail.up();
    await later(at, MINUTE);
    const { code = '' } = await at.mail.waitFor('unreachable@user.example');
    expect(completes(await post(page, { code }))).toBe(true);
  });

  test('the page tells that the mail waits for its turn', async () => {
    await at.addUser('patience');
    at.mail.behave({ do: 'slow', ms: 700 });
    const page = await (await site.begin(new Agent())).submit({ user_id: 'patience' });
    expect(page.html).toContain(t('login.code.mail.waiting'));
    await at.server.mailer.idle();
    at.mail.behave();
  });

  test('a deferred mail comes by itself, with the same code as a resent one', async () => {
    await at.addUser('greylisted');
    at.mail.behave({ do: 'defer', at: 'rcpt', times: 1 });
    const page = await (await site.begin(new Agent())).submit({ user_id: 'greylisted' });
    await later(at, MINUTE);
    await (await page.reload()).submit({}, 'resend');
    const [one, two] = [
      await at.mail.waitFor('greylisted@user.example'),
      await at.mail.waitFor('greylisted@user.example'),
    ];
    expect(one.code).toBe(two.code);
    expect(completes(await post(page, { code: one.code ?? '' }))).toBe(true);
  });
});
