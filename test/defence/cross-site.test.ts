import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { begin, completes, expectProblem, post, results, startAtCode } from '../login/steps.ts';
import type { Installation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';

describe('forms that another site sends', () => {
  let at: Installation;
  let site: RelyingParty;
  let sub: string;
  let page: Page;
  let code: string;

  beforeAll(async () => {
    ({ at, site, sub, page, code } = await startAtCode('victim'));
  });
  afterAll(() => at.close());

  /** The right code, sent with a form that is ours but for these changes. */
  const send = (fields: Record<string, string>, headers: Record<string, string | undefined> = {}) => {
    const form = page.form({ code: '' });
    return page.agent.post(form.action, { ...form.fields, code, ...fields }, { headers });
  };

  test.each<[string, Record<string, string>]>([
    ['no token', { csrf: '' }],
    ['a made-up token', { csrf: 'x'.repeat(43) }],
    ['a token with something behind it', { csrf: 'PAGE+x' }],
  ])('%s: refused with a page that leads on, and nothing is tried', async (_, fields) => {
    const token = page.form({ code: '' }).fields.csrf ?? '';
    const answer = await send({ csrf: fields.csrf?.replace('PAGE', token) ?? '' });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain(`href="${new URL(page.url).pathname.replace('/code', '')}"`);
    expect(await results(at, sub)).toEqual([]);
  });

  test('the token of another login', async () => {
    const other = await site.begin(new Agent());
    const answer = await send({ csrf: other.form({ user_id: '' }).fields.csrf ?? '' });
    expect(answer.status).toBe(403);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['Origin of another site', { origin: 'https://evil.example', 'sec-fetch-site': undefined }],
    ['Origin null', { origin: 'null', 'sec-fetch-site': undefined }],
    ['Origin of another port', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': undefined }],
    ['Origin with our name in it', { origin: 'http://127.0.0.1.evil.example', 'sec-fetch-site': undefined }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site', origin: undefined }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site', origin: undefined }],
    ['Sec-Fetch-Site: nonsense', { 'sec-fetch-site': 'nonsense', origin: undefined }],
  ])('%s, even with cookies and token: refused', async (_, headers) => {
    for (const path of ['code', 'resend', 'user-id', 'cancel']) {
      const form = page.form({ code: '' });
      const url = form.action.replace(/code$/, path);
      const answer = await page.agent.post(url, { ...form.fields, code, user_id: 'victim' }, { headers });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('<h1>');
    }
    expect(await results(at, sub)).toEqual([]);
  });

  test('as a browser sends it from another site, cookies stay behind: the page cannot be used', async () => {
    const form = page.form({ code: '' });
    const stray = await page.agent.submit(form, { code }, 'https://evil.example/');
    expectProblem(stray, 'expired_page', 410);
  });

  test('a GET changes nothing', async () => {
    const form = page.form({ code: '' });
    const query = new URLSearchParams({ ...form.fields, code, user_id: 'other' });
    for (const path of ['', '/code', '/resend', '/user-id', '/cancel']) {
      const answer = await page.agent.get(`${page.url.replace('/code', path)}?${query}`);
      expect([200, 303]).toContain(answer.status);
    }
    await at.server.mailer.idle();
    expect(at.mail.mails).toHaveLength(1);
    expect(await results(at, sub)).toEqual([]);
  });

  test('old browsers, which say nothing about where a form comes from, log in by the token', async () => {
    const answer = await post(page, { code });
    expect(completes(answer)).toBe(true);
    const old = new Agent();
    const begun = await begin(at, site, old, 'victim');
    const form = begun.page.form({ code: '' });
    const silent = { origin: undefined, 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined };
    expect(
      completes(await old.post(form.action, { ...form.fields, code: begun.code }, { headers: silent })),
    ).toBe(true);
  });
});
