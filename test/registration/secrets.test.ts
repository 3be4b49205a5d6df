import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newToken } from '../../src/secrets.ts';
import { Agent, type Page } from '../support/agent.ts';
import { dump, spellings } from '../support/dump.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import {
  atCredentials,
  ENTRIES,
  expectProblem,
  type Invited,
  invite,
  METHODS,
  openInvitation,
  PASSWORD,
} from './steps.ts';

describe.each(ENGINES)('what a registration keeps to itself, on %s', (engine) => {
  let at: Installation;
  let page: Page;
  let done: Page;
  const all: Invited[] = [];

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: METHODS });
    const [open, half, whole] = [
      await invite(at, 'open'),
      await invite(at, 'half'),
      await invite(at, 'whole'),
    ];
    all.push(open, half, whole);
    page = await atCredentials(half);
    await page.submit({ ...ENTRIES, password_again: '' });
    await page.agent.get(`${at.issuer}/register/${half.url.split('/').pop()}%ff`);
    done = await (await atCredentials(whole)).submit({ ...ENTRIES, answer: 'たまごやきの助' });
    await at.server.mailer.idle();
  });
  afterAll(() => at.close());

  test('a dump of the database has neither URL nor code, password or answer', async () => {
    const text = await dump(at.server.database);
    expect(text).toContain('whole@user.example');
    const cookie = page.agent.jar.all()[0]?.value ?? '';
    const secrets = [
      PASSWORD,
      'たまごやきの助',
      'たまごやき',
      cookie,
      ...all.map(({ url }) => url.split('/').pop() ?? ''),
    ];
    for (const secret of secrets) {
      expect(secret).not.toBe('');
      expect(spellings(secret).filter((spelling) => text.includes(spelling))).toEqual([]);
    }
    for (const { code } of all) {
      expect(code).toMatch(/^\d{8}$/);
      expect(text).not.toMatch(new RegExp(`(^|[^0-9A-Za-z_-])${code}([^0-9A-Za-z_-]|$)`, 'm'));
    }
  });

  test('the log has none of them either, at its most talkative', () => {
    const text = at.logged.map((line) => JSON.stringify(line)).join('\n');
    expect(text).toContain('/register/:token');
    for (const { url, code } of all) {
      expect(text).not.toContain(url.split('/').pop());
      expect(text).not.toContain(code);
    }
    for (const secret of [PASSWORD, 'たまごやきの助']) expect(text).not.toContain(secret);
  });

  test('pages are not kept, not framed, tell other sites nothing of their address, and run our scripts only', async () => {
    for (const { headers } of [page, done, await openInvitation(all[0] as Invited)]) {
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-frame-options': 'DENY',
      });
      expect(headers['content-security-policy']).toContain("form-action 'self';");
    }
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self'; connect-src 'self';/);
    expect(done.headers['content-security-policy']).toMatch(/script-src 'none';/);
    expect(page.html.match(/<script/g)).toHaveLength(2);
    expect(page.html).not.toMatch(/<script(?! src="\/assets\/)/);
  });

  test('the page is in the language of the user, else of the reader, else of the contract', async () => {
    const { sub } = all[0] as Invited;
    const h1 = async (headers: Record<string, string>) =>
      (await openInvitation(all[0] as Invited, new Agent({ headers }))).h1;
    expect(await h1({ 'accept-language': 'en' })).toBe('First check');
    expect(await h1({ 'accept-language': 'fr' })).toBe('初回認証');
    await at.setPolicy('shop', { ...METHODS, locale: 'en' });
    expect(await h1({ 'accept-language': 'fr' })).toBe('First check');
    await at.server.uow.write(async ({ users }) => {
      const user = await users.find(sub);
      if (user)
        await users.updateProfile({ ...user, locale: 'ja', updatedAt: user.updatedAt + 1 }, user.updatedAt);
    });
    expect(await h1({ 'accept-language': 'en' })).toBe('初回認証');
  });

  test('invitations outlive a new secret, and end with the old one', async () => {
    const old = at.env.SECRETS ?? '';
    const invited = await invite(at, 'rotated');
    const begun = await atCredentials(invited);
    at.env.SECRETS = `${newToken()},${old}`;
    await at.restart();
    expect((await begun.reload()).url).toBe(`${invited.url}/credentials`);
    expect((await atCredentials(invited)).status).toBe(200);
    at.env.SECRETS = at.env.SECRETS.split(',')[0] ?? '';
    await at.restart();
    expectProblem(await openInvitation(invited), 'expired', 410);
    expectProblem(await begun.submit(ENTRIES), 'expired', 410);
  });
});
