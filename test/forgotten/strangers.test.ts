/** Nothing tells which user IDs exist, or who can register anew: pages, headers, statements, limits and locks. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import { type Footprint, footprint } from '../login/footprints.ts';
import { later, rows } from '../login/steps.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { addRegistered, POLICY } from './steps.ts';

/** Of equal length, so that the pages are. */
const KNOWN = 'someone';
const NOBODIES = ['unknown', 'invited', 'expired', 'stopped', 'no-mail', 'no-reg1', 'nowhere'];
const userIds = [KNOWN, ...NOBODIES];

describe.each(ENGINES)('a stranger who asks for a recovery on %s', (engine) => {
  let at: Installation;
  const sites = new Map<string, RelyingParty>();

  beforeAll(async () => {
    at = await startInstallation({ engine });
    for (const contract of ['tell', 'silent'] as const) {
      await at.addContract(contract, {
        ...POLICY,
        unknown_user: contract,
        code: { minutes: 60 },
        lock: { tries: 3 },
      });
      await addRegistered(at, KNOWN, { contract });
      await addRegistered(at, 'invited', { contract, state: 'invited' });
      await addRegistered(at, 'expired', { contract, validUntil: at.clock.now() });
      await addRegistered(at, 'stopped', { contract, state: 'disabled' });
      await addRegistered(at, 'no-mail', { contract, addresses: [] });
      // Has never given a secret answer.
      await at.addUser('no-reg1', { contract });
      sites.set(contract, await at.addClient({ contract }));
    }
    // A user of another contract is nobody here.
    await addRegistered(at, 'nowhere');
    // Nothing but the requests of the test may count queries.
    at.server.running.stop();
    await at.server.mailer.stop();
  });
  afterAll(() => at.close());

  async function journey(site: RelyingParty, userId: string): Promise<Footprint[]> {
    const agent = new Agent();
    // A cookie of another user: it is looked up for whatever ID is given.
    const value = `token.${at.server.secrets.mac('device cookie', 'token')}`;
    agent.jar.set({ name: 'sekisho_device', value, host: '127.0.0.1' });
    const first = await site.begin(agent);
    const base = `${first.url}/forgotten`;
    const { fields } = (await agent.open(base)).form({ user_id: '' });
    const about = { base: first.url, userIds };
    const steps: Footprint[] = [];
    const send = async (step: string, path: string, more?: Record<string, string>) => {
      const request = () =>
        more ? agent.post(`${base}/${path}`, { ...fields, ...more }) : agent.get(`${base}/${path}`);
      steps.push(await footprint(at, step, about, request));
    };
    await send('user ID', 'user-id', { user_id: userId });
    await send('user ID again', 'user-id', { user_id: userId });
    await send('code page', 'code');
    await send('resend too early', 'resend', {});
    await later(at, MINUTE);
    await send('resend', 'resend', {});
    await send('code page after the resend', 'code?resent=1');
    await send('question page', 'question');
    await send('answer out of turn', 'question', { answer: 'x' });
    await send('credentials page', 'credentials');
    await send('credentials out of turn', 'credentials', { question: 'first_pet', answer: 'xx' });
    await send('done page', 'done');
    await send('wrong code', 'code', { code: '0000000' });
    await send('wrong code again', 'code', { code: '0000001' });
    await send('wrong code that locks', 'code', { code: '0000002' });
    await send('code when locked', 'code', { code: '0000003' });
    await send('resend when locked', 'resend', {});
    await send('user ID when locked', 'user-id', { user_id: userId });
    return steps;
  }

  /** A mail that is really to be sent is one more row in the same transaction (docs/decisions/0012). */
  function withoutMail(known: Footprint): Footprint {
    const mailed = known.step === 'user ID' || known.step === 'resend';
    return { ...known, queries: known.queries - (mailed ? 1 : 0) };
  }

  test.each(['tell', 'silent'])('in mode %s nothing tells them apart', async (mode) => {
    const site = sites.get(mode) as RelyingParty;
    const known = (await journey(site, KNOWN)).map(withoutMail);
    expect(known.map(({ status }) => status)).toEqual([
      ...[303, 303, 200, 429, 303, 200],
      ...[303, 303, 303, 303, 303],
      ...[400, 400, 403, 403, 403, 403],
    ]);
    for (const userId of NOBODIES) expect(await journey(site, userId)).toEqual(known);
    const mails = await rows<{ contract_id: string; recipient: string }>(at, 'mails');
    const sent = mails.filter(({ contract_id }) => contract_id === mode);
    expect(sent.map(({ recipient }) => recipient)).toEqual(Array(2).fill(`${KNOWN}@user.example`));
  });
});
