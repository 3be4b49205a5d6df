import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY } from '../../src/clock.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { expectProblem, results, rows } from './steps.ts';

/** A user for each reason why no code can be sent. */
async function addRefused(at: Installation): Promise<void> {
  await at.addUser('no-device', { addresses: [] });
  await at.addUser('invited', { state: 'invited' });
  await at.addUser('disabled', { state: 'disabled' });
  await at.addUser('past-date', { validUntil: at.clock.now() - 1 });
  await at.addUser('last-moment', { validUntil: at.clock.now() });
  const unconfirmed = await at.addUser('unconfirmed', { addresses: [] });
  await at.server.uow.write(({ users }) =>
    users.addDevice(unconfirmed, {
      number: 1,
      address: 'unconfirmed@user.example',
      type: 'pc',
      confirmedAt: null,
      createdAt: at.clock.now(),
    }),
  );
}

const REFUSED = ['unknown', 'no-device', 'unconfirmed', 'invited', 'disabled', 'past-date', 'last-moment'];

describe.each(ENGINES)('a user ID that gets no code on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    site = await at.addClient({ name: '電子調達ポータル' });
    await addRefused(at);
  });
  afterAll(() => at.close());

  const enter = async (userId: string): Promise<Page> =>
    (await site.begin(new Agent())).submit({ user_id: userId });

  test.each(REFUSED)('%s: could not be sent, with the way back to the login page', async (userId) => {
    const page = await enter(userId);
    expectProblem(page, 'could_not_send', 400);
    expect(page.title).toContain('【エラー】');
    const again = await page.click('ログインページに戻る');
    expect(again.status).toBe(200);
    expect(again.forms.some((form) => form.names.has('user_id'))).toBe(true);
  });

  test('the page is the same for all of them', async () => {
    const pages = await Promise.all(REFUSED.map(enter));
    const bodies = new Set(pages.map((page) => withoutIds(page)));
    expect(bodies.size).toBe(1);
  });

  test('no mail leaves, no code is made, and the history has each try', async () => {
    const before = (await results(at)).length;
    for (const userId of REFUSED) await enter(userId);
    expect(at.mail.mails).toEqual([]);
    expect(await rows(at, 'one_time_codes')).toEqual([]);
    const added = (await results(at)).slice(before);
    expect(added).toEqual(REFUSED.map(() => 'code_not_sent'));
  });

  test('a user of another contract is unknown here', async () => {
    await at.addContract('other');
    await at.addUser('elsewhere', { contract: 'other' });
    expectProblem(await enter('elsewhere'), 'could_not_send', 400);
  });

  test('until its date a user gets a code', async () => {
    await at.addUser('until-tomorrow', { validUntil: at.clock.now() + DAY });
    expect((await enter('until-tomorrow')).status).toBe(200);
    await at.mail.waitFor('until-tomorrow@user.example');
  });

  test('a user who is disabled or past the date after the mail cannot use the code', async () => {
    for (const end of ['disabled', 'date'] as const) {
      const sub = await at.addUser(`ends-by-${end}`);
      const page = await enter(`ends-by-${end}`);
      const { code = '' } = await at.mail.waitFor(`ends-by-${end}@user.example`);
      await at.server.uow.write(({ users }) =>
        end === 'disabled'
          ? users.setState(sub, 'disabled', null, at.clock.now())
          : users.setValidUntil(sub, at.clock.now(), at.clock.now()),
      );
      expectProblem(await page.submit({ code }), 'authentication_failed', 400);
    }
  });

  test.each(['', '   ', '\u3000', '\u200b'])(
    'nothing typed (%j): the form again, with an error tied to its field',
    async (typed) => {
      const page = await enter(typed);
      expect(page.status).toBe(400);
      expect(page.html).toContain('aria-invalid="true"');
      expect(page.form({ user_id: '' }).fields.csrf).toBeTruthy();
    },
  );

  test('far too long: the form again, with what fits', async () => {
    const page = await enter('a'.repeat(5000));
    expect(page.status).toBe(400);
    expect(page.form({ user_id: '' }).fields.user_id?.length).toBeLessThanOrEqual(128);
  });
});

/** A page's HTML without what differs from request to request. */
function withoutIds(page: Page): string {
  return page.html
    .replaceAll(/\/interaction\/[\w-]+/g, '/interaction/uid')
    .replace(/<code>[\w-]+<\/code>/, '')
    .replaceAll(/name="csrf" value="[^"]*"/g, '');
}
