import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { updateUser } from '../../src/admin/update-user.ts';
import { begin, expectProblem } from '../login/steps.ts';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { installation, secrets } from './desk.ts';

describe.each(ENGINES)('a corrected address on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
  });
  afterAll(() => at.close());

  test('ends the code that is at the old one; the new one receives, for the same person', async () => {
    const sub = await at.addUser('moved');
    const { page, code } = await begin(at, site, new Agent(), 'moved');
    const context = { uow: at.server.uow, clock: at.clock, secrets, installation, actor: 'command' };
    const devices = [{ address: 'new@user.example' }];
    await updateUser(context, 'shop', 'moved', { devices });
    expectProblem(await page.submit({ code }), 'code_used', 400);
    const signedIn = await signIn(at, site, new Agent(), 'moved', {}, 'new@user.example');
    expect(signedIn.sub).toBe(sub);
  });
});
