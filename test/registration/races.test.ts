import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { disableUser } from '../../src/admin/disable-user.ts';
import { installation } from '../admin/desk.ts';
import { post } from '../login/steps.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { atOnce } from '../support/stores.ts';
import {
  atCredentials,
  ENTRIES,
  expectPage,
  expectProblem,
  invite,
  inviteAgain,
  kept,
  METHODS,
  NOTHING,
  openInvitation,
  PASSWORD,
} from './steps.ts';

describe.each(ENGINES)('registrations at the same moment on %s', (engine) => {
  let at: Installation;

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: METHODS });
  });
  afterAll(() => at.close());

  const passwordNumber = (index: number) => ({
    password: `${PASSWORD} ${index}`,
    password_again: `${PASSWORD} ${index}`,
    answer: `答え ${index}番`,
  });
  const isRight = async (
    hash: string | null | undefined,
    purpose: 'password' | 'secret answer',
    value: string,
  ) => (await at.server.hasher.verify(purpose, hash ?? null, value)).right;

  test.each([2, 8])('%i from as many browsers: one wins whole, all end at the last page', async (times) => {
    const invited = await invite(at, `crowd-${times}`);
    const pages = await atOnce(times, () => atCredentials(invited));
    const answers = await atOnce(times, (index) => {
      const page = pages[index];
      if (!page) throw new Error('no page');
      return post(page, { ...ENTRIES, ...passwordNumber(index) });
    });
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 303, location: `${invited.url}/done` });
    }
    const { state, spent, password, answer } = await kept(at, invited.sub);
    expect({ state, spent }).toEqual({ state: 'active', spent: true });
    const winners: number[] = [];
    for (let index = 0; index < times; index += 1) {
      if (await isRight(password, 'password', passwordNumber(index).password)) winners.push(index);
    }
    expect(winners).toHaveLength(1);
    expect(await isRight(answer?.hash, 'secret answer', `答え${winners[0]}番`)).toBe(true);
    const audit = await at.server.uow.read((stores) => stores.audit.list(500));
    expect(
      audit.filter(({ action, subject }) => action === 'credentials.register' && subject === invited.sub),
    ).toHaveLength(1);
    await at.server.mailer.idle();
    const mails = at.mail.mails.filter(({ envelope }) =>
      envelope.to.includes(`${invited.userId}@user.example`),
    );
    expect(mails).toHaveLength(1);
  });

  test('with a new invitation: either comes first, and nothing is in between', async () => {
    for (let round = 0; round < 6; round += 1) {
      const invited = await invite(at, `renewed-${round}`);
      const page = await atCredentials(invited);
      const [answer, renewed] = await Promise.all([post(page, ENTRIES), inviteAgain(at, invited.sub)]);
      expect([303, 404]).toContain(answer.status);
      const now = await kept(at, invited.sub);
      expect(now.spent).toBe(false);
      expect(now.state).toBe(now.answer ? 'active' : 'invited');
      expect(now.password !== null).toBe(now.answer !== undefined);
      expectProblem(await openInvitation(invited), 'unknown', 404);
      expectPage(await (await atCredentials(renewed)).submit(ENTRIES), 'register.step.done', 200);
    }
  });

  test('with the user being disabled: disabled in the end, registered before or not at all', async () => {
    const { uow, secrets } = at.server;
    const context = { uow, secrets, clock: at.clock, installation, actor: 'command' };
    for (let round = 0; round < 6; round += 1) {
      const invited = await invite(at, `leaving-${round}`);
      const page = await atCredentials(invited);
      const [answer] = await Promise.all([post(page, ENTRIES), disableUser(context, 'shop', invited.userId)]);
      expect([303, 403]).toContain(answer.status);
      const now = await kept(at, invited.sub);
      expect(now.state).toBe('disabled');
      if (now.spent) expect(now).toMatchObject({ password: expect.anything(), answer: expect.anything() });
      else expect(now).toMatchObject(NOTHING);
    }
  });
});
