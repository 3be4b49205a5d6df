import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tokenIntrospection } from 'openid-client';
import { newToken } from '../../src/secrets.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';

describe.each(ENGINES)('pairwise subjects on %s', (engine) => {
  let at: Installation;
  let one: RelyingParty;
  let two: RelyingParty;
  let sub: string;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    sub = await at.addUser('taro');
    one = await at.addClient({ metadata: { subject_type: 'pairwise' } });
    two = await at.addClient({ metadata: { subject_type: 'pairwise' } });
  });
  afterAll(() => at.close());

  const subjectAt = async (site: RelyingParty) => (await signIn(at, site, new Agent(), 'taro')).sub;

  test('each sector knows the user by another name, none of them by the real one', async () => {
    const names = [await subjectAt(one), await subjectAt(two), await subjectAt(await at.addClient())];
    expect(names[2]).toBe(sub);
    expect(new Set(names).size).toBe(3);
    expect(await subjectAt(one)).toBe(names[0]);
  });

  test('everywhere the same: ID token, userinfo, introspection, refresh, hint', async () => {
    const agent = new Agent();
    const { tokens, sub: name } = await signIn(at, one, agent, 'taro');
    expect((await one.userinfo(tokens)).sub).toBe(name);
    expect((await tokenIntrospection(one.config, tokens.access_token)).sub).toBe(name);
    expect((await one.refresh(tokens.refresh_token ?? '')).claims()?.sub).toBe(name);
    const back = await one.begin(agent, { prompt: 'none', id_token_hint: tokens.id_token ?? '' });
    expect((await one.finish(back)).claims()?.sub).toBe(name);
  });

  test('an API of the contract that introspects sees the name that the site knows', async () => {
    const { tokens, sub: name } = await signIn(at, one, new Agent(), 'taro');
    expect(await tokenIntrospection(two.config, tokens.access_token)).toMatchObject({
      active: true,
      sub: name,
    });
  });

  test('clients of one host share a sector', async () => {
    const { redirectUri } = one.options;
    const metadata = { subject_type: 'pairwise', redirect_uris: [redirectUri] };
    const sibling = await at.addClient({ metadata, options: { redirectUri } });
    expect(await subjectAt(sibling)).toBe(await subjectAt(one));
  });

  test('stays through a restart and through a rotation of SECRETS', async () => {
    const before = await subjectAt(one);
    await at.restart();
    expect(await subjectAt(one)).toBe(before);
    const old = at.env.SECRETS;
    at.env.SECRETS = `${newToken()},${old}`;
    await at.restart();
    expect(await subjectAt(one)).toBe(before);
    at.env.SECRETS = at.env.SECRETS.split(',')[0] ?? '';
    await at.restart();
    expect(await subjectAt(one)).toBe(before);
  });
});
