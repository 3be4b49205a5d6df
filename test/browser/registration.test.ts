/** The registration as people meet it: Chromium before a whole installation, with and without scripts. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page as Tab } from 'playwright-core';
import { translator } from '../../src/http/locale.ts';
import { ENTRIES, type Invited, invite, kept, METHODS, PASSWORD } from '../registration/steps.ts';
import { launchBrowser, type PageOptions } from '../support/browser.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { DESKTOP, faultsOf, focused, heading, MOST_BYTES, NARROW, PHONE, sideways } from './looks.ts';
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
        ...METHODS,
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

  function invited(method: 'otp' | 'password' = 'password'): Promise<Invited> {
    number += 1;
    return invite(at, `user-${number}`, { method });
  }

  async function enterCode(tab: Tab, { url, code }: Invited): Promise<void> {
    await tab.goto(url);
    await heading(tab, ja('register.step.code'));
    await tab.getByLabel(ja('register.code.label'), { exact: true }).fill(code);
    await tab.getByRole('button', { name: ja('register.code.submit') }).click();
    await heading(tab, ja('register.step.credentials'));
  }

  const password = (tab: Tab) => tab.getByLabel(ja('credentials.password.label'), { exact: true });
  const again = (tab: Tab) => tab.getByLabel(ja('credentials.password_again.label'), { exact: true });
  const submit = (tab: Tab) =>
    tab.getByRole('button', { name: ja('register.credentials.submit'), exact: true });

  async function fill(tab: Tab, words = PASSWORD): Promise<void> {
    await tab.getByLabel(ja('credentials.question.label'), { exact: true }).selectOption('first_pet');
    await tab.getByLabel(ja('credentials.answer.label'), { exact: true }).fill(ENTRIES.answer);
    await password(tab).fill(words);
    await again(tab).fill(words);
  }

  test.each([
    { javaScript: true, width: DESKTOP },
    { javaScript: false, width: NARROW },
  ])('a whole registration, light on the line, at $width px, scripts: $javaScript', async (options) => {
    const who = await invited();
    const { tab, weight } = await visitor(options);
    await enterCode(tab, who);
    expect(await weight()).toBeLessThan(MOST_BYTES);
    expect(await sideways(tab)).toBe(0);
    expect(await tab.locator('[aria-current=step]').textContent()).toBe(ja('register.step.credentials'));
    expect(await tab.locator('main').textContent()).toContain(who.userId);
    await fill(tab);
    await submit(tab).click();
    await heading(tab, ja('register.step.done'));
    expect(await sideways(tab)).toBe(0);
    await tab.getByRole('link', { name: ja('register.done.to_site', { site: '見本サイト' }) }).click();
    await heading(tab, 'site /');
    expect(await kept(at, who.sub)).toMatchObject({ state: 'active', spent: true });
    // The back button, and the mail opened once more.
    await tab.goBack();
    await heading(tab, ja('register.step.done'));
    await tab.goto(who.url);
    await tab.getByText(ja('register.done.again')).waitFor();
  });

  test('what is wrong is told where it is, without scripts, and nothing secret comes back', async () => {
    const who = await invited();
    const { tab } = await visitor({ javaScript: false, width: PHONE });
    await enterCode(tab, who);
    await submit(tab).click();
    await heading(tab, ja('register.step.credentials'));
    expect(await tab.title()).toMatch(ERROR);
    expect(await tab.getByRole('alert').getByRole('link').allTextContents()).toEqual([
      ja('credentials.question.none'),
      ja('credentials.answer.empty'),
      ja('credentials.password.empty'),
    ]);
    expect((await focused(tab)).id).toBe('question');
    await fill(tab);
    await again(tab).fill('something else');
    await submit(tab).click();
    await tab
      .getByRole('alert')
      .getByRole('link', { name: ja('credentials.password_again.differs') })
      .click();
    expect(await tab.locator('#question').inputValue()).toBe('first_pet');
    for (const id of ['answer', 'password', 'password_again'])
      expect(await tab.locator(`#${id}`).inputValue()).toBe('');
    await fill(tab);
    await tab.keyboard.press('Enter');
    await heading(tab, ja('register.step.done'));
  });

  test('a password is judged while it is typed, can be shown, and is hidden again when it is sent', async () => {
    const who = await invited();
    const { tab, weight } = await visitor({ width: PHONE });
    await enterCode(tab, who);
    const meter = tab.locator('meter');
    const status = tab.getByRole('status');
    expect(await meter.isVisible()).toBe(false);
    await password(tab).pressSequentially('mijikai');
    await status.getByText(ja('password.fault.too_short', { min: 15 })).waitFor();
    expect(await meter.isVisible()).toBe(true);
    const weak = Number(await meter.getAttribute('value'));
    await password(tab).fill(PASSWORD);
    await status.getByText(ja('password.fault.too_short', { min: 15 })).waitFor({ state: 'detached' });
    expect(Number(await meter.getAttribute('value'))).toBeGreaterThan(weak);
    await password(tab).fill('');
    await meter.waitFor({ state: 'hidden' });
    expect(await status.textContent()).toBe('');
    await fill(tab);
    const [show] = await tab.getByRole('button', { name: ja('credentials.password.show') }).all();
    expect(await password(tab).getAttribute('type')).toBe('password');
    await show?.click();
    expect(await password(tab).getAttribute('type')).toBe('text');
    expect(await again(tab).getAttribute('type')).toBe('password');
    await tab.getByRole('button', { name: ja('credentials.password.hide') }).waitFor();
    expect(await weight()).toBeLessThan(MOST_BYTES);
    await submit(tab).click();
    await heading(tab, ja('register.step.done'));
  });

  test('a password is pasted, by keyboard alone, and Tab reaches all in order', async () => {
    const who = await invited();
    const { tab, another } = await visitor();
    await enterCode(tab, who);
    const notes = await another();
    await notes.setContent(`<textarea>${PASSWORD}</textarea>`);
    await notes.locator('textarea').focus();
    await notes.keyboard.press('Control+A');
    await notes.keyboard.press('Control+C');
    await notes.close();
    await tab.bringToFront();
    expect((await focused(tab)).id).toBe('question');
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('Tab');
    expect((await focused(tab)).id).toBe('answer');
    await tab.keyboard.type('Pochi');
    await tab.keyboard.press('Tab');
    expect((await focused(tab)).id).toBe('password');
    await tab.keyboard.press('Control+V');
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Space');
    expect(await password(tab).getAttribute('type')).toBe('text');
    await tab.keyboard.press('Tab');
    expect((await focused(tab)).id).toBe('password_again');
    await tab.keyboard.press('Control+V');
    await tab.keyboard.press('Enter');
    await heading(tab, ja('register.step.done'));
  });

  test('reload, back, a second tab, a double click: one registration', async () => {
    const who = await invited('otp');
    const { tab, another } = await visitor({ javaScript: false });
    await enterCode(tab, who);
    await tab.reload();
    await heading(tab, ja('register.step.credentials'));
    await tab.goBack();
    await heading(tab, ja('register.step.code'));
    await tab.goForward();
    await heading(tab, ja('register.step.credentials'));
    const second = await another();
    await second.goto(`${who.url}/credentials`);
    await heading(second, ja('register.step.credentials'));
    for (const each of [tab, second]) {
      await each.getByLabel(ja('credentials.question.label'), { exact: true }).selectOption('first_pet');
      await each.getByLabel(ja('credentials.answer.label'), { exact: true }).fill(ENTRIES.answer);
    }
    await submit(tab).dblclick();
    await heading(tab, ja('register.step.done'));
    await submit(second).click();
    await heading(second, ja('register.step.done'));
    const audit = await at.server.uow.read((stores) => stores.audit.list(100));
    expect(audit.filter(({ subject }) => subject === who.sub)).toHaveLength(1);
  });

  test('the fifth wrong code ends it, and the page says whom to ask', async () => {
    const who = await invited();
    const { tab } = await visitor({ javaScript: false, width: PHONE });
    await tab.goto(who.url);
    for (let step = 1; step <= 5; step += 1) {
      const wrong = String((Number(who.code) + step) % 100_000_000).padStart(8, '0');
      await tab.getByLabel(ja('register.code.label'), { exact: true }).fill(wrong);
      await tab.getByRole('button', { name: ja('register.code.submit') }).click();
      if (step < 5) await tab.getByRole('alert').getByText(ja('register.code.wrong')).waitFor();
    }
    await heading(tab, ERROR + ja('register.problem.locked.title'));
    expect(await tab.locator('main').textContent()).toContain('03-1234-5678');
  });

  test('the pages speak the language of the browser', async () => {
    const en = translator('en');
    const who = await invited();
    const { tab } = await visitor({ locale: 'en-US', colorScheme: 'dark' });
    await tab.goto(who.url);
    await heading(tab, en('register.step.code'));
    await tab.keyboard.type(who.code);
    await tab.keyboard.press('Enter');
    await heading(tab, en('register.step.credentials'));
    await tab.getByRole('combobox').selectOption({ label: 'What was the name of your first pet?' });
  });

  test('every page on the way is accessible', async () => {
    const who = await invited();
    const { tab } = await visitor({ width: NARROW });
    const faults: unknown[] = [];
    const look = async () => faults.push(...(await faultsOf(tab)));
    await tab.goto(who.url);
    await look();
    await enterCode(tab, who);
    await look();
    await submit(tab).click();
    await tab.getByRole('alert').waitFor();
    await password(tab).fill('mijikai');
    await tab.locator('meter').waitFor();
    await look();
    await fill(tab);
    await submit(tab).click();
    await heading(tab, ja('register.step.done'));
    await look();
    await tab.goto(`${at.issuer}/register/nothing`);
    await heading(tab, ERROR + ja('register.problem.unknown.title'));
    await look();
    expect(faults).toEqual([]);
  });
});
