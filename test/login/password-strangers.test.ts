/** Whoever may not log in by a password gets what a wrong one gets: pages, headers, statements, limits and locks. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyInput } from '../../src/contracts/policy.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { enterPassword } from '../support/sign-in.ts';
import { type Footprint, footprint } from './footprints.ts';
import { expectProblem, results, rows } from './steps.ts';

const PASSWORD = 'correct horse battery';
/** Of equal length, so that the pages are. */
const KNOWN = 'someone';
/** The right password does not help them. */
const NOBODIES = ['unknown', 'invited', 'expired', 'stopped', 'no-pass', 'otpuser'];
const userIds = [KNOWN, ...NOBODIES];

/** Nothing but the requests of a test may count queries. */
async function beQuiet({ server }: Installation): Promise<void> {
  server.running.stop();
  await server.mailer.stop();
}

async function addPeople(at: Installation, contract: string): Promise<void> {
  const with_ = { contract, method: 'password+otp', password: PASSWORD } as const;
  await at.addUser(KNOWN, with_);
  await at.addUser('invited', { ...with_, state: 'invited' });
  await at.addUser('expired', { ...with_, validUntil: at.clock.now() });
  await at.addUser('stopped', { ...with_, state: 'disabled' });
  await at.addUser('no-pass', { contract, method: 'password' });
}

describe.each(ENGINES)('a stranger at a page that asks for ID and password, %s', (engine) => {
  let at: Installation;
  const sites = new Map<string, RelyingParty>();

  beforeAll(async () => {
    at = await startInstallation({ engine });
    for (const unknown_user of ['tell', 'silent'] as const) {
      const policy: PolicyInput = {
        login_methods: ['password+otp', 'password'],
        unknown_user,
        lock: { tries: 3 },
      };
      await at.addContract(unknown_user, policy);
      await addPeople(at, unknown_user);
      // Left over from the days when the contract had this method.
      await at.addUser('otpuser', { contract: unknown_user, password: PASSWORD });
      sites.set(unknown_user, await at.addClient({ contract: unknown_user }));
    }
    await beQuiet(at);
  });
  afterAll(() => at.close());

  async function journey(site: RelyingParty, userId: string, wrong: string): Promise<Footprint[]> {
    const steps: Footprint[] = [];
    for (const [index, password] of [wrong, wrong, wrong, wrong].entries()) {
      const agent = new Agent();
      // A cookie of another user: it is looked up for whatever ID is given.
      const value = `token.${at.server.secrets.mac('device cookie', 'token')}`;
      agent.jar.set({ name: 'sekisho_device', value, host: '127.0.0.1' });
      const first = await site.begin(agent);
      const { fields } = first.form({ user_id: '' });
      const about = { base: first.url, userIds };
      const send = () => agent.post(`${first.url}/user-id`, { ...fields, user_id: userId, password });
      steps.push(await footprint(at, `${index}`, about, send));
      const look = (path: string) => () => agent.get(`${first.url}/${path}`);
      steps.push(await footprint(at, `${index} password page`, about, look('password')));
      steps.push(await footprint(at, `${index} code page`, about, look('code')));
    }
    return steps;
  }

  test.each(['tell', 'silent'])('in mode %s nothing tells them apart', async (mode) => {
    const site = sites.get(mode) as RelyingParty;
    const known = await journey(site, KNOWN, 'wrong password here');
    expect(known.map(({ status }) => status).filter((status) => status >= 400)).toEqual([400, 400, 403, 403]);
    for (const userId of NOBODIES) expect(await journey(site, userId, PASSWORD)).toEqual(known);
    expect(await rows(at, 'mails')).toEqual([]);
  });

  test('each gets one comparison of a hash, when there is a try left', async () => {
    await at.addContract('timed', { login_methods: ['password'], lock: { tries: 2 } });
    const site = await at.addClient({ contract: 'timed' });
    await at.addUser(KNOWN, { contract: 'timed', method: 'password', password: PASSWORD });
    await at.addUser('stopped', {
      contract: 'timed',
      method: 'password',
      password: PASSWORD,
      state: 'disabled',
    });
    for (const userId of [KNOWN, 'stopped', 'unknown']) {
      for (const computed of [1, 1, 0]) {
        const before = at.server.hasher.computed;
        await enterPassword(await site.begin(new Agent()), userId, 'wrong password');
        expect(at.server.hasher.computed - before).toBe(computed);
      }
    }
  });

  test('a user of another contract is unknown here', async () => {
    await at.addUser('elsewhere', { contract: 'tell', method: 'password', password: PASSWORD });
    const site = sites.get('silent') as RelyingParty;
    expectProblem(
      await enterPassword(await site.begin(new Agent()), 'elsewhere', PASSWORD),
      'wrong_password',
      400,
    );
    expect((await results(at, null)).pop()).toBe('wrong_password');
  });

  test('a crafted form without the password gets no code', async () => {
    const site = sites.get('tell') as RelyingParty;
    const first = await site.begin(new Agent());
    const { user_id: _, password: __, ...fields } = first.form({ user_id: '' }).fields;
    for (const userId of [KNOWN, 'otpuser', 'unknown']) {
      const answer = await first.agent.post(`${first.url}/user-id`, { ...fields, user_id: userId });
      expect(answer.status).toBe(400);
      expect(answer.body).toContain('id="password-error"');
    }
    expect(await rows(at, 'mails')).toEqual([]);
  });
});

describe.each(ENGINES)('a stranger where the user ID comes first, %s', (engine) => {
  let at: Installation;
  let silent: RelyingParty;
  let tell: RelyingParty;

  beforeAll(async () => {
    const login_methods = ['otp', 'password', 'password+otp'] as const;
    at = await startInstallation({ engine });
    await at.addContract('silent', {
      login_methods: [...login_methods],
      unknown_user: 'silent',
      lock: { tries: 3 },
    });
    await at.addContract('tell', { login_methods: [...login_methods] });
    for (const contract of ['silent', 'tell']) {
      await addPeople(at, contract);
      await at.addUser('otpuser', { contract });
    }
    silent = await at.addClient({ contract: 'silent' });
    tell = await at.addClient({ contract: 'tell' });
    await beQuiet(at);
  });
  afterAll(() => at.close());

  const pageFor = async (site: RelyingParty, userId: string) => {
    const page = await (await site.begin(new Agent())).submit({ user_id: userId });
    return page.status === 200 ? (page.url.split('/').pop() ?? '') : String(page.status);
  };

  test('silent: IDs that nobody has get pages of both kinds, each always the same', async () => {
    const ids = Array.from({ length: 24 }, (_, number) => `guess-${number}`);
    const pages: string[] = [];
    for (const id of ids) pages.push(await pageFor(silent, id));
    expect(new Set(pages)).toEqual(new Set(['code', 'password']));
    // Two thirds of the methods begin with a password; fewer than five or more than 23 of 24 come up once in a million.
    expect(pages.filter((page) => page === 'password').length).toBeGreaterThan(4);
    const again: string[] = [];
    for (const id of ids) again.push(await pageFor(silent, id.toUpperCase()));
    expect(again).toEqual(pages);
  });

  test('silent: who may not log in gets the page of their method', async () => {
    for (const id of ['invited', 'expired', 'stopped', 'no-pass', KNOWN])
      expect(await pageFor(silent, id)).toBe('password');
    expect(await pageFor(silent, 'otpuser')).toBe('code');
  });

  test('silent: the whole journey looks and costs the same', async () => {
    let unknown = 'unknown';
    for (let number = 100; (await pageFor(silent, unknown)) !== 'password'; number += 1)
      unknown = `nobo${number}`;
    const known = await journey(KNOWN, 'wrong password', [unknown]);
    for (const userId of ['invited', 'expired', 'stopped', 'no-pass', unknown]) {
      expect(await journey(userId, PASSWORD, [unknown])).toEqual(known);
    }
  });

  async function journey(userId: string, password: string, more: string[]): Promise<Footprint[]> {
    const agent = new Agent();
    const first = await silent.begin(agent);
    const { fields } = first.form({ user_id: '' });
    const about = { base: first.url, userIds: [...userIds, ...more] };
    const steps: Footprint[] = [];
    const send = async (step: string, path: string, more?: Record<string, string>) => {
      const request = () =>
        more ? agent.post(`${first.url}/${path}`, { ...fields, ...more }) : agent.get(`${first.url}/${path}`);
      steps.push(await footprint(at, step, about, request));
    };
    await send('user ID', 'user-id', { user_id: userId });
    await send('user ID again', 'user-id', { user_id: userId });
    await send('password page', 'password');
    await send('code page', 'code');
    await send('a code', 'code', { code: '123456' });
    await send('resend', 'resend', {});
    await send('no password', 'password', { password: '' });
    for (const number of [1, 2, 3, 4]) await send(`wrong password ${number}`, 'password', { password });
    await send('user ID when locked', 'user-id', { user_id: userId });
    await send('code page when locked', 'code');
    return steps;
  }

  test('tell: an ID that cannot log in is told so, before a password is asked for', async () => {
    for (const userId of ['unknown', 'invited', 'expired', 'stopped']) {
      const page = await (await tell.begin(new Agent())).submit({ user_id: userId });
      expectProblem(page, 'could_not_send', 400);
    }
    for (const userId of ['no-pass', KNOWN]) expect(await pageFor(tell, userId)).toBe('password');
    expectProblem(
      await enterPassword(await tell.begin(new Agent()), 'no-pass', PASSWORD),
      'wrong_password',
      400,
    );
  });

  test('who is disabled, past the date or without a password now, with the page still open: as a wrong one', async () => {
    for (const end of ['disabled', 'date', 'password'] as const) {
      const userId = `ends-by-${end}`;
      const sub = await at.addUser(userId, { contract: 'tell', method: 'password', password: PASSWORD });
      const page = await (await tell.begin(new Agent())).submit({ user_id: userId });
      const now = at.clock.now();
      await at.server.uow.write(async ({ users, passwords }) => {
        if (end === 'password') await passwords.remove(sub);
        else if (end === 'date') await users.setValidUntil(sub, now, now);
        else await users.setState(sub, 'disabled', null, now);
      });
      expectProblem(await page.submit({ password: PASSWORD }), 'wrong_password', 400);
    }
  });
});
