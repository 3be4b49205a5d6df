import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';

const OTP = 'urn:sekisho:acr:otp';

describe.each(ENGINES)('authentication context on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }, 'taro'));
  });
  afterAll(() => at.close());

  const essential = (acr: Record<string, unknown>) =>
    ({ claims: JSON.stringify({ id_token: { acr: { essential: true, ...acr } } }) }) as Record<
      string,
      string
    >;

  test.each([OTP, `urn:example:other ${OTP}`, 'urn:example:other'])(
    'acr_values=%s is a wish: the login goes on and says what it was',
    async (acr_values) => {
      const { tokens } = await signIn(at, site, new Agent(), 'taro', { acr_values });
      expect(tokens.claims()).toMatchObject({ acr: OTP, amr: ['otp'] });
    },
  );

  test.each([{ value: OTP }, { values: ['urn:example:other', OTP] }, {}])(
    'an essential acr that can be reached: %j',
    async (acr) => {
      const agent = new Agent();
      const { tokens } = await signIn(at, site, agent, 'taro', essential(acr));
      expect(tokens.claims()?.acr).toBe(OTP);
      expect((await site.finish(await site.begin(agent, essential(acr)))).claims()?.acr).toBe(OTP);
    },
  );

  test.each([
    { value: 'urn:example:other' },
    { value: OTP, values: ['urn:example:a'] },
    { values: ['urn:example:a', 'urn:example:b'] },
    { values: [] },
  ])(
    'an essential acr that cannot be reached is refused at once, with and without a session: %j',
    async (acr) => {
      const refused = async (agent: Agent, extra: Record<string, string> = {}) => {
        const back = await site.begin(agent, { ...essential(acr), ...extra });
        return site.callbackOf(back)?.get('error');
      };
      const agent = new Agent();
      expect(await refused(agent)).toBe('unmet_authentication_requirements');
      await signIn(at, site, agent, 'taro');
      expect(await refused(agent)).toBe('unmet_authentication_requirements');
      expect(await refused(agent, { prompt: 'login' })).toBe('unmet_authentication_requirements');
    },
  );

  test('values of the wrong type are refused', async () => {
    const back = await site.begin(new Agent(), essential({ values: OTP }));
    expect(site.callbackOf(back)?.get('error')).toMatch(/invalid_request|unmet_authentication_requirements/);
  });

  test('default_acr_values of a client are a wish as well', async () => {
    const other = await at.addClient({ metadata: { default_acr_values: [OTP] } });
    const back = await answerPages(at, await other.begin(new Agent()), 'taro');
    expect((await other.finish(back)).claims()?.acr).toBe(OTP);
  });
});
