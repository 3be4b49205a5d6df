/** The login as people meet it: Chromium before a whole installation, with and without scripts. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page as Tab } from 'playwright-core';
import { translator } from '../../src/http/locale.ts';
import { launchBrowser, type PageOptions } from '../support/browser.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { addressOf, codeMail } from '../support/sign-in.ts';
import { DESKTOP, faultsOf, focused, heading, MOST_BYTES, PHONE, sideways } from './looks.ts';
import { type RelyingSite, startRelyingSite } from './relying-site.ts';
import { type Visitor, visit } from './visitor.ts';

const ja = translator('ja');
const ERROR = ja('page.error');
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each(ENGINES)('on %s', (engine) => {
  let at: Installation;
  let site: RelyingSite;
  const visitors: Visitor[] = [];
  let number = 0;

  beforeAll(async () => {
    at = await startInstallation({
      engine,
      policy: {
        support_desk: { name: '窓口', phone: '03-1234-5678' },
        appearance: { colour: '#0a6b4a' },
      },
    });
    site = await startRelyingSite(at);
  });
  afterAll(async () => {
    await at?.close();
    await site?.close();
  });
  afterEach(async () => {
    const faults = visitors.flatMap((visitor) => visitor.faults);
    for (const visitor of visitors.splice(0)) await visitor.close();
    expect(faults).toEqual([]);
  });

  async function visitor(options: PageOptions = {}): Promise<Visitor> {
    const next = await visit(browser, { provider: at.issuer, site: site.origin }, options);
    visitors.push(next);
    return next;
  }

  async function newUser(): Promise<string> {
    number += 1;
    const userId = `user-${number}`;
    await at.addUser(userId);
    return userId;
  }

  async function open(tab: Tab, extra?: Record<string, string>): Promise<void> {
    await tab.goto(await site.loginUrl(extra));
    await heading(tab, ja('login.user_id.title'));
  }

  /** From the first page to the second. @returns the code of the mail */
  async function askForCode(tab: Tab, userId: string): Promise<string> {
    const before = at.mail.mails.length;
    await tab.getByLabel(ja('login.user_id.label'), { exact: true }).fill(userId);
    await tab.getByRole('button', { name: ja('login.user_id.submit') }).click();
    await heading(tab, ja('login.code.title'));
    return (await codeMail(at, addressOf(userId), before)).code ?? '';
  }

  async function enter(tab: Tab, code: string): Promise<void> {
    await tab.getByLabel(ja('login.code.label'), { exact: true }).fill(code);
    await tab.getByRole('button', { name: ja('login.code.submit'), exact: true }).click();
  }

  async function logIn(tab: Tab, userId: string, extra?: Record<string, string>): Promise<void> {
    await open(tab, extra);
    await enter(tab, await askForCode(tab, userId));
    await heading(tab, 'site /callback');
  }

  const wrong = (code: string, step = 1) =>
    String((Number(code) + step) % 10 ** code.length).padStart(code.length, '0');

  test.each([
    { javaScript: true, width: DESKTOP },
    { javaScript: false, width: PHONE },
  ])('a whole login, light on the line, at $width px, scripts: $javaScript', async (options) => {
    const userId = await newUser();
    const { tab, weight } = await visitor(options);
    await open(tab);
    expect(await weight()).toBeLessThan(MOST_BYTES);
    expect(await sideways(tab)).toBe(0);
    const code = await askForCode(tab, userId);
    expect(await weight()).toBeLessThan(MOST_BYTES);
    expect(await sideways(tab)).toBe(0);
    expect(await tab.locator('main').textContent()).toContain(userId);
    await enter(tab, code);
    await heading(tab, 'site /callback');
    const tokens = await site.tokens();
    expect(await site.party.userinfo(tokens)).toMatchObject({ user_id: userId, email: addressOf(userId) });
    // The next login in this browser asks nothing.
    await tab.goto(await site.loginUrl());
    await heading(tab, 'site /callback');
    expect((await site.tokens()).claims()?.sub).toBe(tokens.claims()?.sub);
  });

  test('by keyboard alone: the field has the focus, Enter sends, Tab reaches all and shows where it is', async () => {
    const userId = await newUser();
    const { tab } = await visitor({ width: PHONE });
    await open(tab);
    expect(await focused(tab)).toMatchObject({ id: 'user_id', visible: true });
    await tab.keyboard.press('Enter');
    await tab.getByRole('alert').waitFor();
    expect(await tab.title()).toMatch(ERROR);
    expect(await focused(tab)).toMatchObject({ id: 'user_id', visible: true });
    const before = at.mail.mails.length;
    await tab.keyboard.type(userId);
    await tab.keyboard.press('Tab');
    expect(await focused(tab)).toMatchObject({ text: ja('login.user_id.submit'), visible: true });
    await tab.keyboard.press('Enter');
    await heading(tab, ja('login.code.title'));
    const { code = '' } = await codeMail(at, addressOf(userId), before);
    expect(await focused(tab)).toMatchObject({ id: 'code', visible: true });
    await tab.keyboard.press('Enter');
    await tab.getByRole('alert').waitFor();
    expect(await focused(tab)).toMatchObject({ id: 'code', visible: true });
    const stops: string[] = [];
    for (;;) {
      await tab.keyboard.press('Tab');
      const { text, visible } = await focused(tab);
      if (text === '' || stops.includes(text)) break;
      expect({ text, visible }).toEqual({ text, visible: true });
      stops.push(text);
    }
    for (const words of [
      'login.code.submit',
      'login.code.refresh',
      'login.code.restart',
      'login.cancel',
    ] as const) {
      expect(stops).toContain(ja(words));
    }
    await tab.getByRole('alert').getByRole('link').focus();
    await tab.keyboard.press('Enter');
    await tab.keyboard.type(code);
    await tab.keyboard.press('Enter');
    await heading(tab, 'site /callback');
  });

  test('a wrong code can be entered again; the fifth locks', async () => {
    const userId = await newUser();
    const { tab } = await visitor({ javaScript: false });
    await open(tab);
    const code = await askForCode(tab, userId);
    for (let step = 1; step <= 4; step += 1) {
      await enter(tab, wrong(code, step));
      await heading(tab, ERROR + ja('login.problem.authentication_failed.title'));
      expect(await tab.title()).toMatch(ERROR);
      await tab.getByRole('link', { name: ja('login.problem.retry_code') }).click();
      await heading(tab, ja('login.code.title'));
    }
    await enter(tab, wrong(code, 5));
    await heading(tab, ERROR + ja('login.problem.locked.title'));
    expect(await tab.locator('main').textContent()).toContain('03-1234-5678');
    await tab.goBack();
    await heading(tab, ja('login.code.title'));
    await enter(tab, code);
    await heading(tab, ERROR + ja('login.problem.locked.title'));
  });

  test('the fourth wrong code is followed by the right one', async () => {
    const userId = await newUser();
    const { tab } = await visitor();
    await open(tab);
    const code = await askForCode(tab, userId);
    for (let step = 1; step <= 4; step += 1) {
      await enter(tab, wrong(code, step));
      await tab.getByRole('link', { name: ja('login.problem.retry_code') }).click();
      await heading(tab, ja('login.code.title'));
    }
    await enter(tab, code);
    await heading(tab, 'site /callback');
  });

  test('the mail is sent again after the wait, with the same code', async () => {
    const userId = await newUser();
    const { tab } = await visitor({ javaScript: false });
    await open(tab);
    const code = await askForCode(tab, userId);
    const resend = tab.getByRole('button', { name: ja('login.code.resend') });
    expect(await resend.count()).toBe(0);
    expect(await tab.locator('main').textContent()).toMatch(/再送信できるまで、あと\d+秒です。/);
    at.clock.advance(61_000);
    await tab.getByRole('link', { name: ja('login.code.refresh') }).click();
    const before = at.mail.mails.length;
    await resend.click();
    await tab.getByText(ja('login.code.resent')).waitFor();
    expect((await codeMail(at, addressOf(userId), before)).code).toBe(code);
    await tab.reload();
    await enter(tab, code);
    await heading(tab, 'site /callback');
  });

  test('a code as a Japanese keyboard makes it, pasted; the page reloaded before', async () => {
    const userId = await newUser();
    const { tab, another } = await visitor();
    await open(tab);
    const code = await askForCode(tab, userId);
    const wide = code.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
    const mail = await another();
    await mail.setContent(`<textarea>　${wide.slice(0, 3)} ${wide.slice(3)} </textarea>`);
    await mail.locator('textarea').focus();
    await mail.keyboard.press('Control+A');
    await mail.keyboard.press('Control+C');
    await mail.close();
    await tab.bringToFront();
    await tab.reload();
    await heading(tab, ja('login.code.title'));
    await tab.keyboard.press('Control+V');
    expect(await tab.getByLabel(ja('login.code.label'), { exact: true }).inputValue()).toContain(
      wide.slice(0, 3),
    );
    await tab.keyboard.press('Enter');
    await heading(tab, 'site /callback');
  });

  test('the back button after a login finds a page that leads on', async () => {
    const userId = await newUser();
    const { tab } = await visitor();
    await logIn(tab, userId);
    await tab.goBack();
    await heading(tab, ja('login.problem.already_signed_in.title'));
    await tab.getByRole('link', { name: ja('page.back_to_site', { site: '見本サイト' }) }).click();
    await heading(tab, 'site /');
  });

  test.each([true, false])('a double click on the button logs in once, scripts: %s', async (javaScript) => {
    const userId = await newUser();
    const { tab } = await visitor({ javaScript });
    await open(tab);
    const code = await askForCode(tab, userId);
    await tab.getByLabel(ja('login.code.label'), { exact: true }).fill(code);
    await tab.getByRole('button', { name: ja('login.code.submit'), exact: true }).dblclick();
    await heading(tab, 'site /callback');
    expect(await site.party.userinfo(await site.tokens())).toMatchObject({ user_id: userId });
  });

  test('a double click on the first button mails one code that works', async () => {
    const userId = await newUser();
    const { tab } = await visitor();
    await open(tab);
    const before = at.mail.mails.length;
    await tab.getByLabel(ja('login.user_id.label'), { exact: true }).fill(userId);
    await tab.getByRole('button', { name: ja('login.user_id.submit') }).dblclick();
    await heading(tab, ja('login.code.title'));
    await enter(tab, (await codeMail(at, addressOf(userId), before)).code ?? '');
    await heading(tab, 'site /callback');
    await at.server.mailer.idle();
    const codes = at.mail.mails
      .slice(before)
      .filter((mail) => mail.code && mail.envelope.to.includes(addressOf(userId)));
    expect(codes).toHaveLength(1);
  });

  test('two tabs at once both log in', async () => {
    const userId = await newUser();
    const { tab, another } = await visitor();
    const second = await another();
    await open(tab);
    await open(second);
    const [one, two] = [await askForCode(tab, userId), await askForCode(second, userId)];
    expect(one).not.toBe(two);
    await enter(tab, one);
    await heading(tab, 'site /callback');
    const first = await site.tokens();
    await enter(second, two);
    await heading(second, 'site /callback');
    expect((await site.tokens()).claims()?.sub).toBe(first.claims()?.sub);
  });

  test.each([true, false])('response_mode=form_post, scripts: %s', async (javaScript) => {
    const userId = await newUser();
    const { tab, weight } = await visitor({ javaScript });
    await open(tab, { response_mode: 'form_post' });
    await enter(tab, await askForCode(tab, userId));
    if (!javaScript) {
      await heading(tab, ja('oidc.form_post.title'));
      expect(await weight()).toBeLessThan(MOST_BYTES);
      await tab.getByRole('button', { name: ja('oidc.form_post.continue') }).click();
    }
    await heading(tab, 'site /callback');
    expect(site.arrived.at(-1)?.method).toBe('POST');
    expect(await site.party.userinfo(await site.tokens())).toMatchObject({ user_id: userId });
  });

  test('prompt=login asks again; logging out asks on our page and comes back to the site', async () => {
    const userId = await newUser();
    const { tab, weight } = await visitor({ javaScript: false, width: PHONE });
    await logIn(tab, userId);
    await logIn(tab, userId, { prompt: 'login' });
    const tokens = await site.tokens();
    await tab.goto(site.logoutUrl(tokens));
    await heading(tab, ja('oidc.logout.title'));
    expect(await weight()).toBeLessThan(MOST_BYTES);
    await tab.getByRole('button', { name: ja('oidc.logout.no') }).click();
    await heading(tab, 'site /bye');
    await tab.goto(await site.loginUrl());
    await heading(tab, 'site /callback');
    await tab.goto(site.logoutUrl(await site.tokens()));
    await tab.getByRole('button', { name: ja('oidc.logout.yes') }).click();
    await heading(tab, 'site /bye');
    await open(tab);
  });

  test('the pages speak the language of the browser', async () => {
    const en = translator('en');
    const { tab } = await visitor({ locale: 'en-US' });
    await tab.goto(await site.loginUrl());
    await heading(tab, en('login.user_id.title'));
    expect(await tab.locator('html').getAttribute('lang')).toBe('en');
    await tab.getByLabel(en('login.user_id.label'), { exact: true }).fill(await newUser());
    await tab.keyboard.press('Enter');
    await heading(tab, en('login.code.title'));
  });

  test('giving up goes back to the site with an error', async () => {
    const { tab } = await visitor();
    await open(tab);
    await tab.getByRole('button', { name: ja('login.cancel') }).click();
    await heading(tab, 'site /callback');
    expect(site.arrived.at(-1)?.parameters.get('error')).toBe('access_denied');
  });

  test('every page on the way is accessible', async () => {
    const userId = await newUser();
    const { tab } = await visitor({ width: PHONE });
    const faults: unknown[] = [];
    const look = async () => faults.push(...(await faultsOf(tab)));
    await open(tab);
    await look();
    const code = await askForCode(tab, userId);
    await look();
    await enter(tab, wrong(code));
    await heading(tab, ERROR + ja('login.problem.authentication_failed.title'));
    await look();
    await logIn(tab, userId);
    await tab.goto(site.logoutUrl(await site.tokens()));
    await heading(tab, ja('oidc.logout.title'));
    await look();
    const url = new URL(await site.loginUrl());
    url.searchParams.set('redirect_uri', 'https://elsewhere.example/');
    await tab.goto(url.href);
    await heading(tab, ERROR + ja('oidc.error.title'));
    await look();
    expect(faults).toEqual([]);
  });
});
