/** Forgotten credentials as people meet them: Chromium before a whole installation, with and without scripts. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page as Tab } from 'playwright-core';
import type { LoginMethod } from '../../src/contracts/login-methods.ts';
import { translator } from '../../src/http/locale.ts';
import {
  addRegistered,
  ENTRIES,
  NEW_PASSWORD,
  OLD_ANSWER,
  OLD_PASSWORD,
  opens,
  POLICY,
} from '../forgotten/steps.ts';
import { launchBrowser, type PageOptions } from '../support/browser.ts';
import { CONTRACT, ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { addressOf, codeMail } from '../support/sign-in.ts';
import { DESKTOP, faultsOf, focused, heading, MOST_BYTES, NARROW, PHONE, sideways } from './looks.ts';
import { type RelyingSite, startRelyingSite } from './relying-site.ts';
import { type Visitor, visit } from './visitor.ts';

const ja = translator('ja');
const ERROR = ja('page.error');
const WITH_DESK = { ...POLICY, support_desk: { name: '窓口', phone: '03-1234-5678' } };
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
    at = await startInstallation({ engine, policy: WITH_DESK });
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

  async function newUser(method: LoginMethod = 'password'): Promise<{ userId: string; sub: string }> {
    number += 1;
    const userId = `forgetful-${number}`;
    return { userId, sub: await addRegistered(at, userId, { method }) };
  }

  const next = (tab: Tab) => tab.getByRole('button', { name: ja('forgotten.next'), exact: true });
  const field = (tab: Tab, label: Parameters<typeof ja>[0]) => tab.getByLabel(ja(label), { exact: true });

  /** From the site by way of the login page. */
  async function open(tab: Tab): Promise<void> {
    await tab.goto(await site.loginUrl());
    await tab.getByRole('link', { name: ja('login.forgotten') }).click();
    await heading(tab, ja('forgotten.start.title'));
  }

  async function askForCode(tab: Tab, userId: string): Promise<string> {
    const before = at.mail.mails.length;
    await field(tab, 'login.user_id.label').fill(userId);
    await next(tab).click();
    await heading(tab, ja('login.code.title'));
    return (await codeMail(at, addressOf(userId), before)).code ?? '';
  }

  async function enterCode(tab: Tab, code: string): Promise<void> {
    await field(tab, 'login.code.label').fill(code);
    await next(tab).click();
  }

  async function answer(tab: Tab, words = OLD_ANSWER): Promise<void> {
    await field(tab, 'credentials.answer.label').fill(words);
    await next(tab).click();
  }

  async function fill(tab: Tab, password: boolean): Promise<void> {
    await field(tab, 'credentials.question.label').selectOption(ENTRIES.question);
    await field(tab, 'credentials.answer.label').fill(ENTRIES.answer);
    if (!password) return;
    await field(tab, 'credentials.password.label').fill(NEW_PASSWORD);
    await field(tab, 'credentials.password_again.label').fill(NEW_PASSWORD);
  }
  const register = (tab: Tab) =>
    tab.getByRole('button', { name: ja('register.credentials.submit'), exact: true });

  async function logIn(tab: Tab, userId: string, password: string): Promise<void> {
    await field(tab, 'login.user_id.label').fill(userId);
    await tab.getByRole('button', { name: ja('login.user_id.submit'), exact: true }).click();
    await field(tab, 'credentials.password.label').fill(password);
    await tab.keyboard.press('Enter');
    await heading(tab, 'site /callback');
  }

  test.each([
    { javaScript: true, width: DESKTOP },
    { javaScript: false, width: NARROW },
  ])('the whole way back to the site, at $width px, scripts: $javaScript', async (options) => {
    const { userId, sub } = await newUser();
    const { tab, weight } = await visitor(options);
    const look = async () => {
      expect(await weight()).toBeLessThan(MOST_BYTES);
      expect(await sideways(tab)).toBe(0);
    };
    await open(tab);
    await look();
    const code = await askForCode(tab, userId);
    await look();
    await enterCode(tab, code);
    await heading(tab, ja('credentials.question.label'));
    await look();
    await answer(tab);
    await heading(tab, ja('forgotten.credentials.title'));
    await look();
    await fill(tab, true);
    await register(tab).click();
    await heading(tab, ja('forgotten.done.title'));
    await look();
    expect(await opens(at, sub, NEW_PASSWORD)).toBe(true);
    await tab.getByRole('link', { name: ja('forgotten.done.log_in', { site: '見本サイト' }) }).click();
    await logIn(tab, userId, NEW_PASSWORD);
    expect((await site.tokens()).claims()?.sub).toBe(sub);
    // The back button, once more: the login is over.
    await tab.goBack();
    await heading(tab, ja('login.problem.already_signed_in.title'));
  });

  test('from a browser that is signed in, and signed out by it', async () => {
    const { userId, sub } = await newUser();
    const { tab } = await visitor({ javaScript: false, width: PHONE });
    await tab.goto(await site.loginUrl());
    await logIn(tab, userId, OLD_PASSWORD);
    await tab.goto(await site.loginUrl({ prompt: 'login' }));
    await tab.getByRole('link', { name: ja('login.forgotten') }).click();
    await enterCode(tab, await askForCode(tab, userId));
    await answer(tab);
    await fill(tab, true);
    await register(tab).click();
    await heading(tab, ja('forgotten.done.title'));
    await tab.goto(await site.loginUrl());
    await heading(tab, ja('login.user_id.title'));
    await logIn(tab, userId, NEW_PASSWORD);
    expect((await site.tokens()).claims()?.sub).toBe(sub);
  });

  test('by keyboard alone, with mistakes: what is wrong is told where it is', async () => {
    const { userId } = await newUser('otp');
    const { tab } = await visitor({ width: PHONE });
    await open(tab);
    expect(await focused(tab)).toMatchObject({ id: 'user_id', visible: true });
    await tab.keyboard.press('Enter');
    await tab.getByRole('alert').waitFor();
    expect(await tab.title()).toMatch(ERROR);
    expect((await focused(tab)).id).toBe('user_id');
    const code = await askForCode(tab, userId);
    expect((await focused(tab)).id).toBe('code');
    await tab.keyboard.type(code.replace(/\d/g, (digit) => String((Number(digit) + 1) % 10)));
    await tab.keyboard.press('Enter');
    await tab.getByRole('alert').getByText(ja('forgotten.code.wrong')).waitFor();
    await tab.keyboard.type(code);
    await tab.keyboard.press('Enter');
    await heading(tab, ja('credentials.question.label'));
    expect((await focused(tab)).id).toBe('answer');
    await tab.keyboard.type('tama');
    await tab.keyboard.press('Enter');
    await tab.getByRole('alert').getByText(ja('forgotten.question.wrong')).waitFor();
    expect(await field(tab, 'credentials.answer.label').inputValue()).toBe('');
    await tab.keyboard.type('ぽち');
    await tab.keyboard.press('Enter');
    await heading(tab, ja('forgotten.credentials.title'));
    expect((await focused(tab)).id).toBe('question');
    await fill(tab, false);
    await tab.keyboard.press('Enter');
    await heading(tab, ja('forgotten.done.title'));
  });

  test('reload, back, a double click, a second tab', async () => {
    const { userId, sub } = await newUser();
    const { tab, another } = await visitor();
    await open(tab);
    const code = await askForCode(tab, userId);
    await tab.reload();
    await field(tab, 'login.code.label').fill(code);
    await next(tab).dblclick();
    await heading(tab, ja('credentials.question.label'));
    await tab.goBack();
    await tab.reload();
    await heading(tab, ja('credentials.question.label'));
    await field(tab, 'credentials.answer.label').fill(OLD_ANSWER);
    await next(tab).dblclick();
    await heading(tab, ja('forgotten.credentials.title'));
    const second = await another();
    await second.goto(tab.url());
    await heading(second, ja('forgotten.credentials.title'));
    await fill(tab, true);
    await fill(second, true);
    await register(tab).dblclick();
    await heading(tab, ja('forgotten.done.title'));
    await register(second).click();
    await heading(second, ja('forgotten.done.title'));
    const audit = await at.server.uow.read((stores) => stores.audit.list(100));
    expect(audit.filter(({ subject }) => subject === sub)).toHaveLength(1);
  });

  test('every page on the way is accessible, in both languages', async () => {
    const { userId } = await newUser();
    const faults: unknown[] = [];
    const { tab } = await visitor({ width: NARROW, colorScheme: 'dark' });
    const look = async () => faults.push(...(await faultsOf(tab)));
    await open(tab);
    await look();
    const code = await askForCode(tab, userId);
    await look();
    await enterCode(tab, '000');
    await tab.getByRole('alert').waitFor();
    await look();
    await enterCode(tab, code);
    await heading(tab, ja('credentials.question.label'));
    await look();
    await answer(tab, 'タマ');
    await tab.getByRole('alert').waitFor();
    await look();
    await answer(tab);
    await heading(tab, ja('forgotten.credentials.title'));
    await look();
    await register(tab).click();
    await tab.getByRole('alert').waitFor();
    await look();
    await fill(tab, true);
    await register(tab).click();
    await heading(tab, ja('forgotten.done.title'));
    await look();
    const english = await visitor({ locale: 'en-US', width: NARROW });
    const en = translator('en');
    await english.tab.goto(await site.loginUrl());
    await english.tab.getByRole('link', { name: en('login.forgotten') }).click();
    await heading(english.tab, en('forgotten.start.title'));
    faults.push(...(await faultsOf(english.tab)));
    expect(faults).toEqual([]);
  });

  test('where the support desk does it, the link leads to the desk', async () => {
    await at.setPolicy(CONTRACT, { ...WITH_DESK, forgotten_credentials: { self_service: false } });
    const { tab } = await visitor({ width: NARROW });
    await open(tab);
    expect(await tab.locator('main').textContent()).toContain('03-1234-5678');
    expect(await tab.locator('form').count()).toBe(0);
    expect(await faultsOf(tab)).toEqual([]);
    await tab.getByRole('link', { name: ja('login.back_to_login') }).click();
    await heading(tab, ja('login.user_id.title'));
    await at.setPolicy(CONTRACT, WITH_DESK);
  });
});
