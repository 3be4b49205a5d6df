import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { type Footprint, footprint } from './footprints.ts';
import { later, rows } from './steps.ts';

const SILENT = { unknown_user: 'silent', code: { minutes: 60 } } as const;
/** Of equal length, so that the pages are. */
const KNOWN = 'someone';
const NOBODIES = ['unknown', 'invited', 'expired', 'stopped', 'no-mail'];

describe('a contract that tells nobody which user IDs exist', () => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ policy: SILENT });
    site = await at.addClient();
    await at.addUser(KNOWN);
    await at.addUser('invited', { state: 'invited' });
    await at.addUser('expired', { validUntil: at.clock.now() });
    await at.addUser('stopped', { state: 'disabled' });
    await at.addUser('no-mail', { addresses: [] });
  });
  afterAll(() => at.close());

  test('who is known gets a mail and logs in; nobody else gets one, on the same page', async () => {
    await signIn(at, site, new Agent(), KNOWN);
    for (const userId of NOBODIES) {
      const page = await (await site.begin(new Agent())).submit({ user_id: userId });
      expect(page.status).toBe(200);
      expect(page.form({ code: '' }).action).toContain('/code');
    }
    await at.server.mailer.tick();
    await at.server.mailer.idle();
    // Her code, and the news of a login from a new browser.
    expect(at.mail.mails.map((mail) => mail.envelope.to)).toEqual(Array(2).fill([`${KNOWN}@user.example`]));
    expect(await rows(at, 'mails')).toHaveLength(2);
  });

  test('the page does not show what became of a mail', async () => {
    const page = await (await site.begin(new Agent())).submit({ user_id: KNOWN });
    await at.server.mailer.tick();
    await at.server.mailer.idle();
    expect((await page.reload()).html).not.toContain('メールの状態');
  });

  test('the whole journey looks and costs the same, but for the row of the mail itself', async () => {
    await at.setPolicy('shop', { ...SILENT, lock: { tries: 3 } });
    // Nothing else may count queries meanwhile.
    await at.server.mailer.stop();
    const stranger = await deviceOfAnother();
    const known = await journey(KNOWN, stranger);
    for (const userId of NOBODIES) {
      const nobody = await journey(userId, stranger);
      for (const [index, step] of nobody.entries()) expect(step).toEqual(withoutMail(known[index], step));
    }
  });

  /** A browser that another user has logged in from: its cookie is looked up for whatever ID it gives. */
  async function deviceOfAnother(): Promise<Agent> {
    const agent = new Agent();
    agent.jar.set({
      name: 'sekisho_device',
      value: `token.${at.server.secrets.mac('device cookie', 'token')}`,
      host: '127.0.0.1',
    });
    return agent;
  }

  async function journey(userId: string, agent: Agent): Promise<Footprint[]> {
    const steps: Footprint[] = [];
    const first = await site.begin(agent);
    const base = first.url;
    const fields = first.form({ user_id: '' }).fields;
    const send = async (step: string, path: string, more?: Record<string, string>) => {
      const request = () =>
        more ? agent.post(`${base}/${path}`, { ...fields, ...more }) : agent.get(`${base}/${path}`);
      steps.push(await footprint(at, step, { base, userIds: [KNOWN, ...NOBODIES] }, request));
    };
    await send('user ID', 'user-id', { user_id: userId });
    await send('user ID again', 'user-id', { user_id: userId });
    await send('code page', 'code');
    await send('resend too early', 'resend', {});
    await later(at, MINUTE);
    await send('resend', 'resend', {});
    await send('code page after the resend', 'code?resent=1');
    await send('wrong code', 'code', { code: '0000000' });
    await send('wrong code again', 'code', { code: '0000001' });
    await send('wrong code that locks', 'code', { code: '0000002' });
    await send('code when locked', 'code', { code: '0000003' });
    await send('resend when locked', 'resend', {});
    await send('user ID when locked', 'user-id', { user_id: userId });
    return steps;
  }

  /** docs/decisions/0012: a mail that is really to be sent is one more row in the same transaction. */
  function withoutMail(known: Footprint | undefined, step: Footprint): Footprint | undefined {
    const mailed = step.step === 'user ID' || step.step === 'resend';
    return known && { ...known, queries: known.queries - (mailed ? 1 : 0) };
  }
});
