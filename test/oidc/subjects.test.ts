import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';

describe.each(ENGINES)('subjects on %s', (engine) => {
  let at: Installation;

  beforeAll(async () => {
    at = await startInstallation({ engine });
  });
  afterAll(() => at.close());

  test('x', async () => {
    const site = await at.addClient();
    const sub = await at.addUser('taro');
    const agent = new Agent();
    expect((await signIn(at, site, agent, 'taro')).sub).toBe(sub);
    console.log(await (await fetch(at.issuer+'/.well-known/openid-configuration')).text());
    console.log(await (await fetch(at.issuer+'/jwks')).text());
    const page = await site.begin(new Agent(), {response_mode: 'form_post'});
    console.log(page.headers, page.html);
  });
});
