import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type Answer, type Page, type RelyingParty } from '../support/relying-party.ts';
import { begin, completes, expectProblem, later, post, results, rows, wrong } from './steps.ts';

const TRIES = 5;

describe.each(ENGINES)('requests at the same moment on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
  });
  afterAll(() => at.close());

  /** Every answer is a redirect or a page that leads on; never a fault. */
  function expectSound(answers: Answer[]): void {
    for (const { status, location, body } of answers) {
      expect(status).toBeGreaterThanOrEqual(300);
      expect(status).toBeLessThan(500);
      if (status === 303) expect(location).toContain(at.issuer);
      else expect(body).toMatch(/<a class="button" href="/);
    }
  }

  const atOnce = async (times: number, work: (index: number) => Promise<Answer>): Promise<Answer[]> => {
    const answers = await Promise.all(Array.from({ length: times }, (_, index) => work(index)));
    expectSound(answers);
    return answers;
  };

  test.each([2, 8])('the right code %i times: one login, the others are told', async (times) => {
    const sub = await at.addUser(`right-${times}`);
    const { page, code } = await begin(at, site, new Agent(), `right-${times}`);
    const answers = await atOnce(times, () => post(page, { code }));
    const winners = answers.filter(completes);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 400)).toHaveLength(times - 1);
    expect((await results(at, sub)).filter((result) => result === 'signed_in')).toHaveLength(1);
    const back = await page.agent.open(winners[0]?.location ?? '');
    expect((await site.finish(back)).claims()?.sub).toBe(sub);
  });

  test('fifteen wrong codes: exactly as many are compared as the contract allows, then it is locked', async () => {
    const sub = await at.addUser('guessed');
    const { page, code } = await begin(at, site, new Agent(), 'guessed');
    const answers = await atOnce(TRIES + 10, (index) => post(page, { code: wrong(code, index + 1) }));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(TRIES - 1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(11);
    const told = await results(at, sub);
    expect(told.filter((result) => result === 'wrong_code')).toHaveLength(TRIES - 1);
    expect(told.filter((result) => result === 'locked')).toHaveLength(11);
    expect(await rows(at, 'try_counters')).toContainEqual(
      expect.objectContaining({ tries: TRIES, browser: '', locked_at: expect.anything() }),
    );
    expectProblem(await page.submit({ code }), 'locked', 403);
  });

  test('wrong codes from many browsers at once are one count', async () => {
    const sub = await at.addUser('ring');
    const pages: { page: Page; code: string }[] = [];
    for (let index = 0; index < 4; index += 1) pages.push(await begin(at, site, new Agent(), 'ring'));
    await atOnce(16, (index) => {
      const { page, code } = pages[index % 4] as { page: Page; code: string };
      return post(page, { code: wrong(code, index + 1) });
    });
    expect((await results(at, sub)).filter((result) => result === 'wrong_code')).toHaveLength(TRIES - 1);
    for (const { page, code } of pages) expectProblem(await page.submit({ code }), 'locked', 403);
  });

  test('the right code among wrong ones at the limit: it wins or comes too late, and nothing in between', async () => {
    for (let round = 0; round < 5; round += 1) {
      const sub = await at.addUser(`edge-${round}`);
      const { page, code } = await begin(at, site, new Agent(), `edge-${round}`);
      for (let step = 1; step < TRIES - 1; step += 1) await page.submit({ code: wrong(code, step) });
      const answers = await atOnce(6, (index) =>
        post(page, { code: index === round ? code : wrong(code, index + 10) }),
      );
      const won = answers.filter(completes).length;
      const told = await results(at, sub);
      const compared = told.filter((result) => result === 'wrong_code').length;
      expect(told.filter((result) => result === 'signed_in')).toHaveLength(won);
      expect(won).toBeLessThanOrEqual(1);
      if (won === 0) expect(compared).toBe(TRIES - 1);
      // A login starts the count anew, but its code is spent by then: what comes after is not compared.
      else expect(compared).toBeLessThanOrEqual(TRIES - 1);
    }
  });

  test('two resends: one mail', async () => {
    await at.addUser('resent');
    const { page } = await begin(at, site, new Agent(), 'resent');
    await later(at, 61_000);
    const ready = await page.reload();
    const answers = await atOnce(4, () => post(ready, {}, 'resend'));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
    await at.server.mailer.idle();
    expect(at.mail.mails.filter(({ envelope }) => envelope.to.includes('resent@user.example'))).toHaveLength(
      2,
    );
  });

  test('the user ID sent four times: one code, one mail, four ways to the code page', async () => {
    await at.addUser('impatient');
    const first = await site.begin(new Agent());
    const answers = await atOnce(4, () => post(first, { user_id: 'impatient' }));
    expect(new Set(answers.map(({ location }) => location))).toEqual(new Set([`${first.url}/code`]));
    await at.server.mailer.idle();
    const mails = at.mail.mails.filter(({ envelope }) => envelope.to.includes('impatient@user.example'));
    expect(mails).toHaveLength(1);
    const page = await first.agent.open(`${first.url}/code`);
    expect(completes(await post(page, { code: mails[0]?.code ?? '' }))).toBe(true);
  });

  test('logins of one user in many browsers: each with its own code', async () => {
    const sub = await at.addUser('everywhere');
    const begun: { page: Page; code: string }[] = [];
    for (let index = 0; index < 5; index += 1) begun.push(await begin(at, site, new Agent(), 'everywhere'));
    const answers = await atOnce(5, (index) => {
      const { page, code } = begun[index] as { page: Page; code: string };
      return post(page, { code });
    });
    expect(answers.filter(completes)).toHaveLength(5);
    expect(await results(at, sub)).toEqual(Array(5).fill('signed_in'));
  });

  test('the user ID and a login at once: no fault, whatever comes first', async () => {
    for (let round = 0; round < 4; round += 1) {
      const userId = `crossing-${round}`;
      const sub = await at.addUser(userId);
      const { page, code } = await begin(at, site, new Agent(), userId);
      const form = { ...page.form({ code: '' }).fields, user_id: userId };
      const base = page.url.replace(/\/code$/, '');
      await atOnce(6, (index) =>
        index % 2 ? post(page, { code }) : page.agent.post(`${base}/user-id`, form, { from: base }),
      );
      expect((await results(at, sub)).filter((result) => result === 'signed_in')).toHaveLength(1);
    }
  });
});
