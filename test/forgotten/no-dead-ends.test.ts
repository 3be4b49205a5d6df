/** Reload, back, two tabs, forms out of turn, forms of others, pages left open: every answer leads on and changes nothing. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE } from '../../src/clock.ts';
import { expectProblem as expectLoginProblem, later, post, rows, ways } from '../login/steps.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import {
  addRegistered,
  askForRecoveryCode,
  atNewCredentials,
  atQuestion,
  beside,
  ENTRIES,
  expectPage,
  expectProblem,
  kept,
  NEW_PASSWORD,
  OLD_ANSWER,
  openForgotten,
  opens,
  POLICY,
} from './steps.ts';

const PATHS = ['', '/code', '/question', '/credentials', '/done', '/user-id', '/resend', '/strength'];

describe.each(ENGINES)('no dead ends on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: POLICY });
    site = await at.addClient();
  });
  afterAll(() => at.close());

  /** Which page each address leads to. */
  async function whereTo(page: Page): Promise<string[]> {
    const ends: string[] = [];
    for (const path of PATHS) {
      const { status, url } = await page.agent.open(beside(page, path));
      expect(status).toBe(200);
      ends.push(url.replace(/^.*\/forgotten\/?/, ''));
    }
    return ends;
  }

  test('from every address to the step that comes next', async () => {
    await addRegistered(at, 'wanders');
    const start = await openForgotten(site);
    expect(await whereTo(start)).toEqual(Array(8).fill(''));
    const { page, code } = await askForRecoveryCode(at, start, 'wanders');
    const at_ = (step: string) => ['', ...Array(7).fill(step)];
    expect(await whereTo(page)).toEqual(at_('code'));
    const question = await page.submit({ code });
    expect(await whereTo(page)).toEqual(at_('question'));
    const form = await question.submit({ answer: OLD_ANSWER });
    expect(await whereTo(page)).toEqual(at_('credentials'));
    await form.submit(ENTRIES);
    expect(await whereTo(page)).toEqual(at_('done'));
  });

  test('every form out of turn leads to the step that comes next, and nothing is counted', async () => {
    const sub = await addRegistered(at, 'skips');
    const before = await kept(at, sub);
    const start = await openForgotten(site);
    const fields = { csrf: start.form({ user_id: '' }).fields.csrf ?? '' };
    const send = (path: string, more: Record<string, string>) =>
      start.agent.post(beside(start, path), { ...fields, ...more }, { from: start.url });
    const all = async (next: string, except: string) => {
      for (const [path, more] of [
        ['/code', { code: '123456' }],
        ['/question', { answer: 'タマ' }],
        ['/credentials', ENTRIES],
        ['/resend', {}],
        ['/strength', { password: 'x' }],
      ] as const) {
        if (path === except || (path === '/resend' && except === '/code')) continue;
        const { status, location } = await send(path, more);
        expect({ path, status, location }).toEqual({ path, status: 303, location: beside(start, next) });
      }
    };
    await all('', '');
    const { page, code } = await askForRecoveryCode(at, start, 'skips');
    await all('/code', '/code');
    const question = await page.submit({ code });
    await all('/question', '/question');
    expect(await kept(at, sub)).toEqual(before);
    await question.submit({ answer: OLD_ANSWER });
    // Back to the question, with a wrong answer: it was answered.
    expectPage(await question.submit({ answer: 'タマ' }), 'forgotten.credentials.title', 200);
    const counters = await rows<{ tries: number }>(at, 'try_counters');
    expect(counters.filter(({ tries }) => tries > 0)).toEqual([]);
  });

  test('two tabs of one login: both go on from what either has proven', async () => {
    await addRegistered(at, 'two-tabs');
    const { page, code } = await askForRecoveryCode(at, await openForgotten(site), 'two-tabs');
    const second = await page.agent.open(page.url);
    const question = await page.submit({ code });
    expectPage(await second.submit({ code }), 'credentials.question.label', 200);
    const form = await question.submit({ answer: OLD_ANSWER });
    const secondForm = await second.agent.open(beside(second, '/credentials'));
    expectPage(await form.submit(ENTRIES), 'forgotten.done.title', 200);
    expectPage(await secondForm.submit(ENTRIES), 'forgotten.done.title', 200);
  });

  test('the same user ID again mails nothing new; another one begins anew', async () => {
    await addRegistered(at, 'same-again');
    await addRegistered(at, 'another-one');
    const start = await openForgotten(site);
    const { page, code } = await askForRecoveryCode(at, start, 'same-again');
    await start.submit({ user_id: ' ＳＡＭＥ-again ' });
    await at.server.mailer.tick();
    await at.server.mailer.idle();
    const mailsTo = (userId: string) =>
      at.mail.mails.filter(({ envelope }) => envelope.to.includes(`${userId}@user.example`));
    expect(mailsTo('same-again')).toHaveLength(1);
    const other = await askForRecoveryCode(at, start, 'another-one');
    // The code of the first is of no use now.
    expectPage(await page.submit({ code }), 'login.code.title', 400);
    expectPage(await other.page.submit({ code: other.code }), 'credentials.question.label', 200);
  });

  test('the login beside it goes on as if nothing had been', async () => {
    const sub = await addRegistered(at, 'remembers', { method: 'otp' });
    const first = await site.begin(new Agent());
    const before = at.mail.mails.length;
    const login = await first.submit({ user_id: 'remembers' });
    const { code = '' } = await at.mail.waitFor(
      (mail) => at.mail.mails.indexOf(mail) >= before && mail.code !== undefined,
    );
    const start = await first.agent.open(`${first.url}/forgotten`);
    expect(start.form({ user_id: '' }).fields.user_id).toBe('remembers');
    const recovery = await askForRecoveryCode(at, start, 'remembers');
    // Neither code is good for the other.
    expect((await login.submit({ code: recovery.code })).status).toBe(400);
    expect((await recovery.page.submit({ code })).status).toBe(400);
    await recovery.page.submit({ code: recovery.code });
    const back = await login.submit({ code });
    expect((await site.finish(back)).claims()?.sub).toBe(sub);
    // The login is over, and with it the recovery.
    expectLoginProblem(await first.agent.open(beside(start, '/question')), 'already_signed_in', 409);
  });

  test('a code that has run out, and more than half an hour after the code: from the beginning', async () => {
    const sub = await addRegistered(at, 'slow');
    const before = await kept(at, sub);
    const agent = new Agent();
    const { page, code } = await askForRecoveryCode(at, await openForgotten(site, agent), 'slow');
    await later(at, 10 * MINUTE);
    const expired = await page.submit({ code });
    expectProblem(expired, 'code_expired', 400);
    const start = await expired.click('最初からやり直す');
    expectPage(start, 'forgotten.start.title', 200);
    const again = await askForRecoveryCode(at, start, 'slow');
    const question = await again.page.submit({ code: again.code });
    await later(at, 29 * MINUTE);
    const form = await question.submit({ answer: OLD_ANSWER });
    expectPage(form, 'forgotten.credentials.title', 200);
    await later(at, MINUTE);
    for (const late of [form.submit(ENTRIES), form.reload(), question.submit({ answer: OLD_ANSWER })])
      expectProblem(await late, 'too_late', 410);
    expect(await kept(at, sub)).toEqual(before);
    expectPage(await (await form.reload()).click('最初からやり直す'), 'forgotten.start.title', 200);
  });

  test('an interaction that has ended leads back to the site', async () => {
    const sub = await addRegistered(at, 'left-open');
    const form = await atNewCredentials(at, site, 'left-open');
    const before = await kept(at, sub);
    await later(at, 2 * HOUR);
    const ended = await form.submit(ENTRIES);
    expectLoginProblem(ended, 'expired_page', 410);
    expect(await kept(at, sub)).toEqual(before);
  });

  test('forms of other sites, without the token, or from another browser change nothing', async () => {
    const sub = await addRegistered(at, 'forged');
    const form = await atNewCredentials(at, site, 'forged');
    const before = await kept(at, sub);
    const { action, fields } = form.form(ENTRIES);
    const forged = await form.agent.post(
      action,
      { ...fields, ...ENTRIES },
      { from: 'https://evil.example/' },
    );
    // Its cookies do not come along.
    expect(forged.status).toBe(410);
    const tricked = await form.agent.post(
      action,
      { ...fields, ...ENTRIES },
      { from: form.url, headers: { 'sec-fetch-site': 'cross-site' } },
    );
    expect(tricked.status).toBe(403);
    const tokenless = await form.agent.post(action, { ...ENTRIES }, { from: form.url });
    expect(tokenless.status).toBe(403);
    const elsewhere = await new Agent().post(action, { ...fields, ...ENTRIES }, { from: form.url });
    expect(elsewhere.status).toBe(410);
    // Another login's browser, with its own good token.
    const mine = await openForgotten(site);
    const csrf = mine.form({ user_id: '' }).fields.csrf ?? '';
    expect((await mine.agent.post(action, { ...ENTRIES, csrf }, { from: form.url })).status).toBe(410);
    expect(await kept(at, sub)).toEqual(before);
    expectPage(await form.submit(ENTRIES), 'forgotten.done.title', 200);
  });

  test.each([
    ['', 'empty'],
    [' \u3000\u200b', 'empty'],
    ['a'.repeat(129), 'too_long'],
    ['\u0000', 'empty'],
  ])('the user ID %j: the form again', async (typed) => {
    const again = await (await openForgotten(site)).submit({ user_id: typed });
    expectPage(again, 'forgotten.start.title', 400);
    expect(again.html).toContain('aria-invalid="true"');
    expect(ways(again)).not.toHaveLength(0);
  });

  test.each(['', ' ', '\u3000-\u200b'])('the code %j: the form again, and no try', async (typed) => {
    const userId = `no-code-${typed.length}`;
    await addRegistered(at, userId);
    const { page } = await askForRecoveryCode(at, await openForgotten(site), userId);
    for (let times = 0; times < 6; times += 1) {
      const again = await page.submit({ code: typed });
      expectPage(again, 'login.code.title', 400);
      expect(again.html).toContain('aria-invalid="true"');
    }
  });

  test.each(['', '\u3000', '・・', '\u0000'])('the answer %j: the form again, and no try', async (typed) => {
    const userId = `no-answer-${typed.charCodeAt(0) || 0}-${typed.length}`;
    await addRegistered(at, userId);
    const page = await atQuestion(at, site, userId);
    for (let times = 0; times < 6; times += 1) {
      const again = await page.submit({ answer: typed });
      expectPage(again, 'credentials.question.label', 400);
      expect(again.html).toContain('aria-invalid="true"');
    }
    expectPage(await page.submit({ answer: OLD_ANSWER }), 'forgotten.credentials.title', 200);
  });

  test('new credentials that cannot be used: all faults at once, tied to their fields, and nothing is kept', async () => {
    const sub = await addRegistered(at, 'careless');
    const page = await atNewCredentials(at, site, 'careless');
    const before = await kept(at, sub);
    const bad: [Record<string, string>, string[]][] = [
      [{ question: '', answer: '', password: '', password_again: '' }, ['question', 'answer', 'password']],
      [{ ...ENTRIES, question: 'no_such' }, ['question']],
      [{ ...ENTRIES, answer: 'あ' }, ['answer']],
      [{ ...ENTRIES, answer: 'あ'.repeat(101) }, ['answer']],
      [{ ...ENTRIES, password: 'short', password_again: 'short' }, ['password']],
      [{ ...ENTRIES, password: 'passwordpassword', password_again: 'passwordpassword' }, ['password']],
      [{ ...ENTRIES, password: 'careless careless', password_again: 'careless careless' }, ['password']],
      [{ ...ENTRIES, password_again: 'another one, longer' }, ['password_again']],
      [{ ...ENTRIES, password_again: '' }, ['password_again']],
    ];
    for (const [entries, wrong] of bad) {
      const again = await page.submit(entries);
      expectPage(again, 'forgotten.credentials.title', 400);
      for (const id of wrong) expect(again.html).toContain(`id="${id}-error"`);
      for (const secret of [entries.answer, entries.password].filter(Boolean))
        expect(again.html).not.toContain(`"${secret}"`);
    }
    expect(await kept(at, sub)).toEqual(before);
    expectPage(await page.submit(ENTRIES), 'forgotten.done.title', 200);
    expect(await opens(at, sub, NEW_PASSWORD)).toBe(true);
  });

  test('bodies that are no forms, and megabytes', async () => {
    await addRegistered(at, 'hostile');
    const page = await atQuestion(at, site, 'hostile');
    const { action, fields } = page.form({ answer: '' });
    const from = { from: page.url };
    const big = await page.agent.post(action, { ...fields, answer: 'あ'.repeat(1_000_000) }, from);
    expect(big.status).toBe(413);
    const json = { ...from, headers: { 'content-type': 'application/json' } };
    expect((await page.agent.post(action, JSON.stringify(fields), json)).status).toBe(400);
    const doubled = `csrf=${fields.csrf}&answer=x&answer=${encodeURIComponent(OLD_ANSWER)}`;
    expect((await page.agent.post(action, doubled, from)).status).toBe(400);
    expect((await page.agent.send('PUT', action)).status).toBe(405);
    for (const answer of ['\ud800', '%ff', '🐕'.repeat(50), '<script>', "' or 1=1 --"]) {
      const again = await post(page, { answer });
      expect([400, 403]).toContain(again.status);
    }
  });

  test('how strong a password is, is told to who has proven all, at a bounded rate', async () => {
    await addRegistered(at, 'meters');
    const page = await atNewCredentials(at, site, 'meters');
    const { csrf = '' } = page.form(ENTRIES).fields;
    const ask = (password: string) =>
      page.agent.post(beside(page, '/strength'), { csrf, password }, { from: page.url });
    const weak = JSON.parse((await ask('password')).body);
    const strong = JSON.parse((await ask(NEW_PASSWORD)).body);
    expect(weak.level).toBeLessThan(strong.level);
    expect(weak.words).not.toBe('');
    let last = 0;
    for (let times = 0; times < 300 && last !== 429; times += 1) last = (await ask('x')).status;
    expect(last).toBe(429);
    expectPage(await page.submit(ENTRIES), 'forgotten.done.title', 200);
  });
});
