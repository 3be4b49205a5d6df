import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadKeys, loadPepper } from '../../src/oidc/keys.ts';
import { dump, spellings } from '../support/dump.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent } from '../support/relying-party.ts';
import { askForCode } from '../support/sign-in.ts';

describe.each(ENGINES)('a dump of the database on %s', (engine) => {
  let at: Installation;
  const secrets: [string, string][] = [];
  const codes: string[] = [];
  let text: string;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    const site = await at.addClient();
    await at.addUser('taro');
    secrets.push(['client secret', site.options.clientSecret ?? '']);
    const agent = new Agent();
    const first = await site.begin(agent);
    secrets.push(['interaction uid', new URL(first.url).pathname.split('/')[2] ?? '']);
    const { page, mail } = await askForCode(at, first, 'taro');
    const back = await page.submit({ code: mail.code ?? '' });
    const unused = await site.begin(agent, { prompt: 'none' });
    for (const each of [back, unused])
      secrets.push(['authorization code', new URL(each.url).searchParams.get('code') ?? '']);
    const tokens = await site.finish(back);
    const next = await site.refresh(tokens.refresh_token ?? '');
    for (const each of [tokens, next]) {
      secrets.push(['access token', each.access_token], ['refresh token', each.refresh_token ?? '']);
    }
    // A login that goes on: its code can still be used.
    const open = new Agent();
    const waiting = await askForCode(at, await site.begin(open), 'taro');
    secrets.push(['interaction uid', new URL(waiting.page.url).pathname.split('/')[2] ?? '']);
    for (const { name, value } of [...agent.jar.all(), ...open.jar.all()])
      secrets.push([`cookie ${name}`, value]);
    const keys = await loadKeys(at.server.uow, at.server.secrets, at.clock);
    for (const key of keys.cookieKeys) secrets.push(['cookie key', key]);
    secrets.push(['pairwise salt', keys.pairwiseSalt], ['SECRETS', at.env.SECRETS ?? '']);
    const pepper = await loadPepper(at.server.uow, at.server.secrets, at.clock);
    secrets.push(['pepper', pepper.key.toString('base64url')]);
    for (const { d, p, q } of keys.jwks)
      for (const part of [d, p, q]) if (part) secrets.push(['private key', part]);
    text = await dump(at.server.database);
    codes.push(mail.code ?? '', waiting.mail.code ?? '');
  });
  afterAll(() => at.close());

  test('is a dump: what is no secret is found in it', () => {
    expect(text).toContain('taro@user.example');
    expect(secrets.length).toBeGreaterThan(20);
    for (const [what, secret] of secrets) expect([what, secret.length > 10]).toEqual([what, true]);
  });

  test('holds no value that opens anything', () => {
    const found = secrets.filter(([, secret]) =>
      spellings(secret).some((spelling) => text.includes(spelling)),
    );
    expect(found.map(([what]) => what)).toEqual([]);
  });

  test('holds no one-time code, neither alone nor in the words of a mail', () => {
    for (const code of codes) {
      expect(code).toMatch(/^\d{6}$/);
      // Six digits can stand by chance in a longer number or a hash: only what stands alone counts.
      expect(text).not.toMatch(new RegExp(`(^|[^0-9A-Za-z_-])${code}([^0-9A-Za-z_-]|$)`, 'm'));
    }
  });
});
