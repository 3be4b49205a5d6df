import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LoginMethod } from '../../src/contracts/login-methods.ts';
import { CONTRACT, ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';
import { basic, postForm } from './http.ts';

const OTP = 'urn:sekisho:acr:otp';
const PASSWORD = 'urn:sekisho:acr:password';
const BOTH = 'urn:sekisho:acr:password+otp';

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

  test.each([
    { id_token: { acr: { essential: true, values: OTP } } },
    { id_token: { acr: { values: [OTP, 1] } } },
    { id_token: { acr: { value: [OTP] } } },
    { id_token: { acr: { essential: 'true', value: OTP } } },
    { id_token: { acr: OTP } },
  ])('a claim acr of the wrong form is refused: %j', async (claims) => {
    const page = await site.begin(new Agent(), { claims: JSON.stringify(claims) });
    expect(site.callbackOf(page)?.get('error')).toBe('invalid_request');
    expect(site.callbackOf(page)?.get('error_description')).toContain('claims.id_token.acr');
  });

  test('a claim acr of the wrong form is refused when it is pushed', async () => {
    const { clientId, clientSecret = '', redirectUri } = site.options;
    const answer = await postForm(
      String(site.server.pushed_authorization_request_endpoint),
      {
        response_type: 'code',
        scope: 'openid',
        redirect_uri: redirectUri,
        claims: JSON.stringify({ id_token: { acr: { values: OTP } } }),
      },
      basic({ clientId, clientSecret }),
    );
    expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
  });

  test('what can be reached depends on the methods of the contract', async () => {
    const errors = async (methods: LoginMethod[]) => {
      await at.setPolicy(CONTRACT, { login_methods: methods });
      return Promise.all(
        [OTP, PASSWORD, BOTH].map(async (value) =>
          site.callbackOf(await site.begin(new Agent(), essential({ value })))?.get('error'),
        ),
      );
    };
    const unmet = 'unmet_authentication_requirements';
    expect(await errors(['otp'])).toEqual([undefined, unmet, unmet]);
    // A code reaches everybody who has an address.
    expect(await errors(['password'])).toEqual([undefined, undefined, undefined]);
    await at.setPolicy(CONTRACT, {});
  });

  test('default_acr_values of a client are a wish as well', async () => {
    const other = await at.addClient({ metadata: { default_acr_values: [OTP] } });
    const back = await answerPages(at, await other.begin(new Agent()), 'taro');
    expect((await other.finish(back)).claims()?.acr).toBe(OTP);
  });
});
