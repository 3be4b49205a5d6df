import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Installation, startInstallation } from '../support/installation.ts';
import { Agent } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { type Behind, ISSUER, ProxiedBrowser, REDIRECT_URI, startBehindProxy } from './behind-proxy.ts';

describe('cookies over http, on a loopback host', () => {
  let at: Installation;
  beforeAll(async () => {
    at = await startInstallation();
  });
  afterAll(() => at.close());

  test('are for the server only and for requests of its own site', async () => {
    await at.addUser('plain');
    const agent = new Agent();
    await signIn(at, await at.addClient(), agent, 'plain');
    const cookies = agent.jar.all();
    expect(cookies.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['sekisho_session', 'sekisho_device']),
    );
    for (const cookie of cookies) {
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false });
      expect(cookie.path).toMatch(/^\/(interaction\/[\w-]+)?$/);
    }
  });
});

describe('cookies over https, behind a proxy', () => {
  let behind: Behind;
  beforeAll(async () => {
    behind = await startBehindProxy();
    await behind.at.addUser('secure');
  });
  afterAll(() => behind.at.close());

  test('are bound to https and to this host by their names; the whole login works with them', async () => {
    const browser = new ProxiedBrowser(behind);
    const first = await browser.open(behind.authorization);
    const uid = /\/interaction\/([\w-]+)/.exec(first.url)?.[1];
    const interaction = browser.jar
      .all()
      .filter(({ name }) => name.startsWith('__Secure-sekisho_interaction'));
    expect(interaction).not.toHaveLength(0);
    for (const cookie of interaction) {
      expect(cookie).toMatchObject({
        path: `/interaction/${uid}`,
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
      });
    }
    await browser.submit(first, 'user_id', 'secure');
    const { code = '' } = await behind.at.mail.waitFor('secure@user.example');
    const accepted = await browser.submit(await browser.open(`/interaction/${uid}/code`), 'code', code);
    expect(accepted.location).toContain(`${ISSUER}/auth/`);
    const back = await browser.open(accepted.location ?? '');
    expect(back.location?.startsWith(`${REDIRECT_URI}?code=`)).toBe(true);

    const names = browser.jar.all().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['__Host-sekisho_session', '__Host-sekisho_device']));
    expect(names.filter((name) => !/^__(Host|Secure)-/.test(name))).toEqual([]);
    for (const cookie of browser.jar.all()) {
      expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax' });
    }
  });

  test('no Set-Cookie line names a domain, and the device cookie lasts 400 days', async () => {
    const browser = new ProxiedBrowser(behind);
    const first = await browser.open(behind.authorization);
    await browser.submit(first, 'user_id', 'secure');
    const { code = '' } = await behind.at.mail.waitFor(
      (mail) => mail.code !== undefined && mail.envelope.to.includes('secure@user.example'),
    );
    const answer = await browser.submit(
      await browser.open(`${new URL(first.url).pathname}/code`),
      'code',
      code,
    );
    const lines = answer.headers['set-cookie'] ?? [];
    expect(lines.join('\n')).not.toMatch(/domain=/i);
    const device = browser.jar.get('__Host-sekisho_device');
    expect(Math.round(((device?.expires ?? 0) - Date.now()) / 86_400_000)).toBe(400);
  });
});
