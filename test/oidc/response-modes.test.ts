import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages } from '../support/sign-in.ts';

describe.each(ENGINES)('response modes on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }, 'taro'));
  });
  afterAll(() => at.close());

  test('query', async () => {
    const first = await site.begin(new Agent(), { response_mode: 'query' });
    const back = await answerPages(at, first, 'taro');
    expect(back.url).toContain(`${site.options.redirectUri}?`);
    expect((await site.finish(back)).claims()?.sub).toBeDefined();
  });

  test('fragment: nothing of the answer reaches the site by itself', async () => {
    const first = await site.begin(new Agent({ stopAt: [`${site.options.redirectUri}#`] }), {
      response_mode: 'fragment',
    });
    const agent = first.agent;
    const { forms, url } = await first.submit({ user_id: 'taro' });
    const mail = await at.mail.waitFor((one) => one.code !== undefined);
    const answer = await agent.post(
      forms[0]?.action ?? '',
      { ...forms[0]?.fields, code: mail.code ?? '' },
      { from: url },
    );
    const resumed = await agent.get(answer.location ?? '');
    const target = new URL(resumed.location ?? '');
    expect(target.search).toBe('');
    expect(new URLSearchParams(target.hash.slice(1)).get('code')).toBeTruthy();
  });

  test('form_post is a page of ours: a button, no inline script, and leave to post to the site', async () => {
    const first = await site.begin(new Agent(), { response_mode: 'form_post', ui_locales: 'en' });
    const page = await answerPages(at, first, 'taro');
    expect(page.status).toBe(200);
    expect(page.h1).not.toBe('');
    const [form] = page.forms;
    expect(form).toMatchObject({ method: 'post', action: site.options.redirectUri });
    expect(form?.buttons).toHaveLength(1);
    expect(Object.keys(form?.fields ?? {}).sort()).toEqual(['code', 'iss', 'state']);
    expect(page.html).not.toMatch(/<script(?![^>]* src="\/assets\/)|\son\w+=|javascript:/);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toMatch(new RegExp(`form-action [^;]*${new URL(site.options.redirectUri).origin}`));
    expect(policy).not.toMatch(/unsafe|sha256|nonce/);
    expect(page.headers['cache-control']).toBe('no-store');
    expect((await site.finish(await page.submit())).claims()?.sub).toBeDefined();
  });

  test('form_post carries errors and hostile values as they are', async () => {
    const state = `"><script>alert('x')</script>&amp;'`;
    const page = await site.begin(new Agent(), { response_mode: 'form_post', prompt: 'none', state });
    expect(page.status).toBeLessThan(500);
    expect(page.html).not.toContain('<script>alert');
    expect(page.forms[0]?.fields).toMatchObject({ error: 'login_required', state, iss: at.issuer });
  });

  test('an unknown mode is refused', async () => {
    const back = await site.begin(new Agent(), { response_mode: 'smoke' });
    expect(site.callbackOf(back)?.get('error')).toMatch(/unsupported_response_mode|invalid_request/);
  });
});
