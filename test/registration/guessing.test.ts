import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/open.ts';
import { unitOfWork } from '../../src/database/stores.ts';
import { translator } from '../../src/http/locale.ts';
import { verifyInitialCode } from '../../src/registration/verify-initial-code.ts';
import { enterWrong, post, wrong } from '../login/steps.ts';
import { Agent } from '../support/agent.ts';
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
} from './steps.ts';

const TRIES = 5;
const t = translator('ja');

describe.each(ENGINES)('guessing the initial OTP on %s', (engine) => {
  let at: Installation;

  beforeAll(async () => {
    const support_desk = { name: '窓口', phone: '03-1234-5678' };
    const rates = { tries_per_address: { points: 10_000 } };
    at = await startInstallation({ engine, policy: { ...METHODS, support_desk, rates } });
    await at.addContract('opens', { ...METHODS, lock: { tries: 2, unlock_after_minutes: 10 } });
    await at.addContract('narrow', { ...METHODS, rates: { tries_per_address: { points: 3 } } });
  });
  afterAll(() => at.close());

  const locks = async (sub: string) =>
    (await at.server.uow.read(({ audit }) => audit.list(500))).filter(
      ({ action, subject }) => action === 'invitation.lock' && subject === sub,
    ).length;

  test('a wrong one is told above the form, and the user ID stays', async () => {
    const invited = await invite(at, 'mistaken');
    const page = await (await openInvitation(invited)).submit({ code: wrong(invited.code) });
    expectPage(page, 'register.step.code', 400);
    expect(page.html.indexOf(t('register.code.wrong'))).toBeLessThan(page.html.indexOf('<form'));
    expect(page.html).toContain('<dd>mistaken</dd>');
    expect(page.html).toContain('aria-describedby="code-error hint"');
    expect(page.agent.jar.all()).toEqual([]);
    // As people type it: full-width digits and spaces.
    const wide = invited.code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
    expectPage(
      await page.submit({ code: ` ${wide.slice(0, 4)}　${wide.slice(4)} ` }),
      'register.step.credentials',
      200,
    );
  });

  test('the fifth wrong one locks this invitation, in every browser; a new invitation starts anew', async () => {
    const invited = await invite(at, 'guessed');
    const page = await openInvitation(invited);
    expectPage(await enterWrong(page, invited.code, TRIES - 1), 'register.step.code', 400);
    const last = await page.submit({ code: wrong(invited.code, TRIES) });
    expectProblem(last, 'locked', 403);
    expect(last.html).toContain('03-1234-5678');
    expectProblem(await page.submit({ code: invited.code }), 'locked', 403);
    expectProblem(await openInvitation(invited), 'locked', 403);
    expect(await locks(invited.sub)).toBe(1);
    const renewed = await inviteAgain(at, invited.sub);
    expectPage(await (await atCredentials(renewed)).submit(ENTRIES), 'register.step.done', 200);
  });

  test('right ones neither count nor forgive the wrong ones', async () => {
    const invited = await invite(at, 'mixed');
    const page = await openInvitation(invited);
    for (let time = 0; time < TRIES + 2; time += 1)
      expectPage(await page.submit({ code: invited.code }), 'register.step.credentials', 200);
    await enterWrong(page, invited.code, TRIES - 1);
    const proven = await page.submit({ code: invited.code });
    expectProblem(await page.submit({ code: wrong(invited.code) }), 'locked', 403);
    // Who has given the right one is not kept out by somebody else's guesses.
    expectPage(await proven.submit(ENTRIES), 'register.step.done', 200);
  });

  test('fifteen at once: exactly as many are compared as the contract allows', async () => {
    const invited = await invite(at, 'flooded');
    const page = await openInvitation(invited);
    const answers = await atOnce(15, (index) => post(page, { code: wrong(invited.code, index + 1) }));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(TRIES - 1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(11);
    expect(await locks(invited.sub)).toBe(1);
    expectProblem(await page.submit({ code: invited.code }), 'locked', 403);
    expect(await kept(at, invited.sub)).toEqual({ ...NOTHING, state: 'invited' });
  });

  test('at once, spread over two processes: the count is the same', async () => {
    const invited = await invite(at, 'spread');
    const other = await openDatabase(at.env.DATABASE_URL ?? '');
    const processes = [at.server.uow, unitOfWork(other)];
    const { user, contract } = await at.server.uow.read(async ({ users, contracts }) => ({
      user: await users.find(invited.sub),
      contract: await contracts.find('shop'),
    }));
    if (!user || !contract) throw new Error('not there');
    const visit = {
      invitation: invited.invitation,
      user,
      contract,
      secrets: at.server.secrets,
      addressBucket: '192.0.2.1',
      now: at.clock.now(),
    };
    const outcomes = await atOnce(
      12,
      (index) =>
        processes[index % 2]?.write((stores) =>
          verifyInitialCode(stores, visit, wrong(invited.code, index + 1)),
        ) ?? Promise.reject(new Error('no process')),
    );
    await other.close();
    expect(outcomes.filter(({ kind }) => kind === 'wrong')).toHaveLength(TRIES - 1);
    expect(outcomes.filter(({ kind }) => kind === 'locked')).toHaveLength(12 - TRIES + 1);
  });

  test('the contract allows fewer meanwhile: the next one is not compared', async () => {
    const invited = await invite(at, 'tightened', { contract: 'opens' });
    await at.setPolicy('opens', { ...METHODS, lock: { tries: 4, unlock_after_minutes: 10 } });
    const page = await openInvitation(invited);
    await enterWrong(page, invited.code, 3);
    await at.setPolicy('opens', { ...METHODS, lock: { tries: 2, unlock_after_minutes: 10 } });
    expectProblem(await page.submit({ code: invited.code }), 'locked', 403);
    expect(await locks(invited.sub)).toBe(1);
  });

  test('the address is counted as at login, whatever it tries', async () => {
    const invited = await invite(at, 'busy', { contract: 'narrow' });
    const page = await openInvitation(invited, new Agent({ localAddress: '127.0.0.77' }));
    await enterWrong(page, invited.code, 3);
    const refused = await page.submit({ code: invited.code });
    expectProblem(refused, 'too_many_requests', 429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const elsewhere = new Agent({ localAddress: '127.0.0.78' });
    expectPage(
      await (await openInvitation(invited, elsewhere)).submit({ code: invited.code }),
      'register.step.credentials',
      200,
    );
  });

  test('a lock that ends by itself says when, and then the same code works', async () => {
    const invited = await invite(at, 'patient', { contract: 'opens' });
    const page = await openInvitation(invited);
    const locked = await enterWrong(page, invited.code, 2);
    expectProblem(locked, 'locked', 403);
    expect(locked.html).toMatch(/\d\d:\d\dを過ぎると、このご案内からもう一度登録できます。/);
    at.clock.advance(10 * MINUTE + 1);
    expectPage(await openInvitation(invited), 'register.step.code', 200);
    expectPage(await page.submit({ code: invited.code }), 'register.step.credentials', 200);
  });
});
