import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { translator } from '../../src/http/locale.ts';
import { CONTRACT, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import {
  addRegistered,
  askForRecoveryCode,
  atNewCredentials,
  beside,
  ENTRIES,
  expectProblem,
  kept,
  openForgotten,
  POLICY,
} from './steps.ts';

const OFF = {
  ...POLICY,
  login_methods: ['password'],
  forgotten_credentials: { self_service: false },
  support_desk: { name: '関所サポート窓口', phone: '03-1234-5678' },
} as const;

let at: Installation;
let site: RelyingParty;
beforeAll(async () => {
  at = await startInstallation({ policy: { ...OFF, login_methods: [...OFF.login_methods] } });
  site = await at.addClient();
});
afterAll(() => at.close());

const setPolicy = (policy: typeof OFF | typeof POLICY) =>
  at.setPolicy(CONTRACT, { ...policy, login_methods: [...(policy.login_methods ?? [])] });

test('where the support desk does it, the link leads to the desk, and no form is taken', async () => {
  await addRegistered(at, 'asks-the-desk');
  const login = await site.begin(new Agent());
  const page = await login.click(translator('ja')('login.forgotten'));
  expectProblem(page, 'off', 200);
  for (const words of Object.values(OFF.support_desk)) expect(page.html).toContain(words);
  expect(page.forms).toEqual([]);
  const { csrf = '' } = login.form({ user_id: '' }).fields;
  for (const path of ['/user-id', '/code', '/resend', '/question', '/credentials', '/strength']) {
    const fields = { ...ENTRIES, csrf, user_id: 'asks-the-desk', code: '123456' };
    expect((await login.agent.post(beside(login, path), fields, { from: page.url })).status).toBe(403);
    expect((await login.agent.get(beside(login, path))).location).toBe(beside(login, ''));
  }
  await at.server.mailer.tick();
  await at.server.mailer.idle();
  expect(at.mail.mails).toEqual([]);
});

test('turned off while somebody is at it: nothing is registered any more', async () => {
  await setPolicy(POLICY);
  const sub = await addRegistered(at, 'too-late');
  const form = await atNewCredentials(at, site, 'too-late');
  const before = await kept(at, sub);
  await setPolicy(OFF);
  expectProblem(await form.submit(ENTRIES), 'off', 403);
  expect(await kept(at, sub)).toEqual(before);
  await setPolicy(POLICY);
  expect((await form.submit(ENTRIES)).status).toBe(200);
});

test('without a support desk the page names the site’s', async () => {
  await at.setPolicy(CONTRACT, { ...POLICY, forgotten_credentials: { self_service: false } });
  const page = await openForgotten(site);
  expectProblem(page, 'off', 200);
  expect(page.html).toContain(translator('ja')('forgotten.problem.off_site'));
  await at.setPolicy(CONTRACT, POLICY);
  await addRegistered(at, 'on-again');
  expect((await askForRecoveryCode(at, await openForgotten(site), 'on-again')).code).toMatch(/^\d{6}$/);
});
