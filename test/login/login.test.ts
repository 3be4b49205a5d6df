import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';

describe.each(ENGINES)('login by a mailed one-time password on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
  });
  afterAll(() => at.close());

  test('a site signs its user in with a user ID and the mailed code', async () => {
    const sub = await at.addUser('p-01-usr007');
    const agent = new Agent();
    const first = await site.begin(agent);
    expect(first.status).toBe(200);
    const second = await first.submit({ user_id: 'p-01-usr007' });
    expect(second.status).toBe(200);
    const mail = await at.mail.waitFor('p-01-usr007@user.example');
    const back = await second.submit({ code: mail.code ?? '' });
    const tokens = await site.finish(back);
    expect(tokens.claims()).toMatchObject({ sub, acr: 'urn:sekisho:acr:otp', amr: ['otp'] });
    expect(tokens.claims()?.auth_time).toEqual(expect.any(Number));
    expect(await site.userinfo(tokens)).toMatchObject({
      sub,
      contract: 'shop',
      user_id: 'p-01-usr007',
      email: 'p-01-usr007@user.example',
      email_verified: true,
    });
  });
});
