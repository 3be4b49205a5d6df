/** The old credentials are proven while new ones are being registered: what rests on them counts no more. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Hasher } from '../../src/credentials/hasher.ts';
import { findRecovering, renewCredentials } from '../../src/login/forgotten/renew-credentials.ts';
import { registerCredentials } from '../../src/registration/register-credentials.ts';
import { rows } from '../login/steps.ts';
import { inviteAgain } from '../registration/steps.ts';
import { CONTRACT, ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { addressOf, codeMail, enterPassword } from '../support/sign-in.ts';
import {
  addRegistered,
  atNewCredentials,
  atQuestion,
  ENTRIES,
  expectPage,
  expectProblem,
  kept,
  OLD_ANSWER,
  OLD_PASSWORD,
  POLICY,
  QUESTION,
  visitOf,
} from './steps.ts';

const NEW = { question: QUESTION, answer: 'x', password: 'x' };

describe.each(ENGINES)('old credentials that are proven while new ones are registered, on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: POLICY });
    site = await at.addClient();
  });
  afterAll(() => at.close());

  /** A login up to its code. */
  async function withOldPassword(userId: string): Promise<{ page: Page; code: string }> {
    const before = at.mail.mails.length;
    const page = await enterPassword(await site.begin(new Agent()), userId, OLD_PASSWORD);
    const mail = await codeMail(at, addressOf(userId), before);
    return { page, code: mail.code ?? '' };
  }

  /** Hashes slowly: everything that `meanwhile` does comes between the request and what it writes. */
  function hasherWith(meanwhile: () => Promise<void>): Hasher {
    const hash = async (purpose: string) => {
      if (purpose === 'password') await meanwhile();
      return `new ${purpose}`;
    };
    return { ...at.server.hasher, hash };
  }

  async function register(sub: string, meanwhile: () => Promise<void>): Promise<string> {
    const { invitation } = await inviteAgain(at, sub);
    const user = await at.server.uow.read(({ users }) => users.find(sub));
    const contract = await at.server.contracts.find(CONTRACT);
    if (!user || !contract) throw new Error('nobody registers');
    const client = { address: '192.0.2.1', addressBucket: '192.0.2.1', browser: '-', locale: 'ja' } as const;
    const { secrets, mailer, uow } = at.server;
    const rest = { secrets, timeZone: 'UTC', claim: mailer.claim(), now: at.clock.now() };
    const registrant = { invitation, user, contract, ...client, ...rest };
    const parts = { uow, hasher: hasherWith(meanwhile), clock: at.clock };
    return (await registerCredentials(parts, registrant, NEW)).kind;
  }

  async function renew(userId: string, meanwhile: () => Promise<void>): Promise<string> {
    const visit = await visitOf(at, await atNewCredentials(at, site, userId));
    const who = await at.server.uow.read((stores) => findRecovering(stores, visit));
    if (!who) throw new Error('nobody recovers');
    const parts = { uow: at.server.uow, hasher: hasherWith(meanwhile), clock: at.clock };
    return (await renewCredentials(parts, visit, who, NEW)).kind;
  }

  test.each(['registered', 'renewed'])('%s: neither the old password nor the old answer', async (how) => {
    const sub = await addRegistered(at, how, { method: 'password+otp' });
    const question = await atQuestion(at, site, how);
    let login: { page: Page; code: string } | undefined;
    let recovery: Page | undefined;
    const meanwhile = async () => {
      login = await withOldPassword(how);
      recovery = await question.submit({ answer: OLD_ANSWER });
      expectPage(recovery, 'forgotten.credentials.title', 200);
    };
    expect(await (how === 'renewed' ? renew(how, meanwhile) : register(sub, meanwhile))).toBe(how);
    const now = await kept(at, sub);
    expect(now).toMatchObject({ password: 'new password', answer: 'new secret answer' });
    const back = await login?.page.submit({ code: login.code });
    expect(back?.status).toBe(400);
    if (recovery) expectProblem(await recovery.submit(ENTRIES), 'ended', 409);
    expect(await kept(at, sub)).toEqual(now);
  });

  test('within one millisecond a password counts as changed', async () => {
    const sub = await addRegistered(at, 'same', { method: 'password+otp' });
    const { page, code } = await withOldPassword('same');
    const attempts = await rows<{ user_sub: string; password_at: number }>(at, 'login_attempts');
    const createdAt = attempts.find(({ user_sub }) => user_sub === sub)?.password_at ?? 0;
    expect(createdAt).toBeGreaterThan(0);
    const password = { userSub: sub, hash: 'another', createdAt, updatedAt: createdAt };
    await at.server.uow.write(({ passwords }) => passwords.set(password));
    expect((await page.submit({ code })).status).toBe(400);
  });
});
