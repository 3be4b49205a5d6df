/** Logins with a password as people meet them: Chromium before a whole installation, with and without scripts. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page as Tab } from 'playwright-core';
import type { PolicyInput } from '../../src/contracts/policy.ts';
import { translator } from '../../src/http/locale.ts';
import { launchBrowser, type PageOptions } from '../support/browser.ts';
import { ENGINES, type Installation, startInstallation, type UserInput } from '../support/installation.ts';
import { addressOf, codeMail } from '../support/sign-in.ts';
import { DESKTOP, faultsOf, focused, heading, MOST_BYTES, NARROW, PHONE, sideways } from './looks.ts';
import { type RelyingSite, startRelyingSite } from './relying-site.ts';
import { type Visitor, visit } from './visitor.ts';

const PASSWORD = 'nagaku-furu 雨と 7 hiki no kani';
const ACR = 'urn:sekisho:acr:password+otp';
/** In the one contract all methods begin with a password, in the other each user has one of all. */
const POLICIES = {
  beside: { login_methods: ['password', 'password+otp'] },
  mixed: { login_methods: ['otp', 'password', 'password+otp'] },
} satisfies Record<string, PolicyInput>;
type ContractId = keyof typeof POLICIES;

const ja = translator('ja');
const ERROR = ja('page.error');
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each(ENGINES)('on %s', (engine) => {
  let at: Installation;
  let sites: Record<ContractId, RelyingSite>;
  const visitors: Visitor[] = [];
  let number = 0;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    const desk = { support_desk: { name: '窓口', phone: '03-1234-5678' } };
    for (const [id, policy] of Object.entries(POLICIES)) await at.addContract(id, { ...policy, ...desk });
    sites = { beside: await startRelyingSite(at, 'beside'), mixed: await startRelyingSite(at, 'mixed') };
  });
  afterAll(async () => {
    await at?.close();
    for (const site of Object.values(sites ?? {})) await site.close();
  });
  afterEach(async () => {
    const faults = visitors.flatMap((visitor) => visitor.faults);
    for (const visitor of visitors.splice(0)) await visitor.close();
    expect(faults).toEqual([]);
  });

  /** Somebody before the first page of a login. */
  async function opened(contract: ContractId, options: PageOptions = {}): Promise<Visitor> {
    const site = sites[contract];
    const visitor = await visit(browser, { provider: at.issuer, site: site.origin }, options);
    visitors.push(visitor);
    await visitor.tab.goto(await site.loginUrl());
    await heading(visitor.tab, ja('login.user_id.title'));
    return visitor;
  }

  async function newUser(
    contract: ContractId,
    method: NonNullable<UserInput['method']>,
    password = PASSWORD,
  ): Promise<string> {
    number += 1;
    const userId = `user-${number}`;
    await at.addUser(userId, { contract, method, password });
    return userId;
  }

  const idField = (tab: Tab) => tab.getByLabel(ja('login.user_id.label'), { exact: true });
  const passwordField = (tab: Tab) => tab.getByLabel(ja('credentials.password.label'), { exact: true });
  const press = (tab: Tab, name: string) => tab.getByRole('button', { name, exact: true }).click();

  async function giveId(tab: Tab, userId: string): Promise<void> {
    await idField(tab).fill(userId);
    await press(tab, ja('login.user_id.submit'));
  }

  async function givePassword(tab: Tab, password = PASSWORD): Promise<void> {
    await passwordField(tab).fill(password);
    await press(tab, ja('login.password.submit'));
  }

  /** Does what mails a code, and enters it. */
  async function giveCode(tab: Tab, userId: string, ask: () => Promise<void>): Promise<void> {
    const before = at.mail.mails.length;
    await ask();
    await heading(tab, ja('login.code.title'));
    const { code = '' } = await codeMail(at, addressOf(userId), before);
    await tab.getByLabel(ja('login.code.label'), { exact: true }).fill(code);
    await press(tab, ja('login.code.submit'));
  }

  async function arrived(tab: Tab, contract: ContractId) {
    await heading(tab, 'site /callback');
    return (await sites[contract].tokens()).claims();
  }

  test.each([
    { javaScript: true, width: DESKTOP },
    { javaScript: false, width: NARROW },
  ])('ID and password on one page, at $width px, scripts: $javaScript', async (options) => {
    const userId = await newUser('beside', 'password');
    const { tab, weight } = await opened('beside', options);
    expect(await weight()).toBeLessThan(MOST_BYTES);
    expect(await sideways(tab)).toBe(0);
    expect(await idField(tab).getAttribute('autocomplete')).toBe('username');
    expect(await passwordField(tab).getAttribute('autocomplete')).toBe('current-password');
    await idField(tab).fill(userId);
    await givePassword(tab);
    expect(await arrived(tab, 'beside')).toMatchObject({ amr: ['pwd'] });
  });

  test('password, then code, by keyboard alone; the password is shown on wish', async () => {
    const userId = await newUser('beside', 'password+otp');
    const { tab } = await opened('beside', { width: PHONE });
    expect(await focused(tab)).toMatchObject({ id: 'user_id', visible: true });
    await tab.keyboard.type(userId);
    await tab.keyboard.press('Tab');
    expect(await focused(tab)).toMatchObject({ id: 'password', visible: true });
    await tab.keyboard.insertText(PASSWORD);
    await tab.keyboard.press('Tab');
    expect(await focused(tab)).toMatchObject({ text: ja('credentials.password.show'), visible: true });
    await tab.keyboard.press('Space');
    expect(await passwordField(tab).getAttribute('type')).toBe('text');
    expect(await passwordField(tab).inputValue()).toBe(PASSWORD);
    await tab.keyboard.press('Space');
    expect(await passwordField(tab).getAttribute('type')).toBe('password');
    await tab.keyboard.press('Tab');
    expect(await focused(tab)).toMatchObject({ text: ja('login.password.submit'), visible: true });
    await giveCode(tab, userId, () => tab.keyboard.press('Enter'));
    expect(await arrived(tab, 'beside')).toMatchObject({ acr: ACR, amr: ['pwd', 'otp', 'mfa'] });
  });

  test.each([
    { javaScript: true, width: DESKTOP },
    { javaScript: false, width: NARROW },
  ])('ID first, a wrong password, the right one, at $width px, scripts: $javaScript', async (options) => {
    const userId = await newUser('mixed', 'password');
    const { tab, weight } = await opened('mixed', options);
    expect(await passwordField(tab).count()).toBe(0);
    await giveId(tab, userId);
    await heading(tab, ja('login.password.title'));
    expect(await weight()).toBeLessThan(MOST_BYTES);
    // Password managers find the name beside the password.
    expect(await tab.locator('form input[autocomplete=username]').inputValue()).toBe(userId);
    await givePassword(tab, '');
    await tab
      .getByRole('alert')
      .getByRole('link', { name: ja('login.password.empty') })
      .click();
    expect((await focused(tab)).id).toBe('password');
    await givePassword(tab, 'something else');
    await heading(tab, ERROR + ja('login.problem.wrong_password.title'));
    expect(await sideways(tab)).toBe(0);
    await tab.getByRole('link', { name: ja('login.problem.retry_password') }).click();
    await heading(tab, ja('login.password.title'));
    await tab.reload();
    await givePassword(tab);
    expect(await arrived(tab, 'mixed')).toMatchObject({ amr: ['pwd'] });
  });

  test('the fifth wrong password locks, and the page has a code that the support desk finds', async () => {
    const userId = await newUser('beside', 'password');
    const { tab } = await opened('beside', { javaScript: false, width: PHONE });
    for (let step = 1; step <= 5; step += 1) {
      await idField(tab).fill(userId);
      await givePassword(tab, `wrong ${step}`);
      if (step === 5) break;
      await heading(tab, ERROR + ja('login.problem.wrong_password.title'));
      await tab.getByRole('link', { name: ja('login.back_to_login') }).click();
    }
    await heading(tab, ERROR + ja('login.problem.locked.title'));
    expect(await tab.locator('main').textContent()).toContain('03-1234-5678');
    const errorCode = (await tab.locator('.facts code').textContent()) ?? '';
    const event = await at.server.uow.read(({ audit }) => audit.loginByErrorCode('beside', errorCode));
    const user = await at.server.uow.read(({ users }) => users.findByUserId('beside', userId));
    expect(event).toMatchObject({ userSub: user?.sub, result: 'locked' });
    await tab.goBack();
    await idField(tab).fill(userId);
    await givePassword(tab);
    await heading(tab, ERROR + ja('login.problem.locked.title'));
  });

  test('who is signed in by password gives only a code more, and the other way round', async () => {
    const [first, second] = [await newUser('mixed', 'password'), await newUser('mixed', 'otp')];
    const { tab } = await opened('mixed', { width: PHONE });
    await giveId(tab, first);
    await givePassword(tab);
    const before = await arrived(tab, 'mixed');
    await tab.goto(await sites.mixed.loginUrl({ acr_values: ACR }));
    await heading(tab, ja('login.step_up.title'));
    expect(await tab.locator('main').textContent()).toContain(first);
    expect(await idField(tab).count()).toBe(0);
    await giveCode(tab, first, () => press(tab, ja('login.step_up.submit')));
    expect(await arrived(tab, 'mixed')).toMatchObject({ sub: before?.sub, acr: ACR });
    await tab.goto(await sites.mixed.loginUrl({ prompt: 'login' }));
    await giveCode(tab, second, () => giveId(tab, second));
    expect(await arrived(tab, 'mixed')).toMatchObject({ amr: ['otp'] });
    await tab.goto(await sites.mixed.loginUrl({ acr_values: ACR }));
    await tab.getByText(ja('login.step_up.password', { site: '見本サイト' })).waitFor();
    expect(await tab.locator('main').textContent()).toContain(second);
    await givePassword(tab);
    expect(await arrived(tab, 'mixed')).toMatchObject({ acr: ACR, amr: ['pwd', 'otp', 'mfa'] });
  });

  test('every page on the way is accessible; one that leads no further goes back to the site', async () => {
    const userId = await newUser('mixed', 'password+otp');
    const { tab } = await opened('beside', { width: NARROW, colorScheme: 'dark' });
    const faults: unknown[] = [];
    const look = async () => faults.push(...(await faultsOf(tab)));
    await look();
    await press(tab, ja('login.password.submit'));
    await tab.getByRole('alert').waitFor();
    await look();
    await idField(tab).fill('nobody');
    await givePassword(tab, 'something else');
    await heading(tab, ERROR + ja('login.problem.wrong_password.title'));
    await look();

    await at.addUser('only-codes', { contract: 'mixed' });
    const essential = { id_token: { acr: { essential: true, value: ACR } } };
    const { tab: other } = await opened('mixed', { width: NARROW });
    await giveId(other, userId);
    await heading(other, ja('login.password.title'));
    faults.push(...(await faultsOf(other)));
    await other.goto(await sites.mixed.loginUrl({ claims: JSON.stringify(essential) }));
    await giveCode(other, 'only-codes', () => giveId(other, 'only-codes'));
    await heading(other, ERROR + ja('login.unmet.title'));
    faults.push(...(await faultsOf(other)));
    expect(faults).toEqual([]);
    await press(other, ja('page.back_to_site', { site: '見本サイト' }));
    await heading(other, 'site /callback');
    expect(sites.mixed.arrived.at(-1)?.parameters.get('error')).toBe('unmet_authentication_requirements');
  });
});
