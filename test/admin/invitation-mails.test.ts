/** Invitations from the command to the mailbox, through a running server and a real mail server. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY } from '../../src/clock.ts';
import { remind } from '../../src/notices/reminders.ts';
import { begin, enterWrong } from '../login/steps.ts';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { runHere } from './sekisho.ts';

const administrator = { name: '管理 太郎', company: '関所工業', emails: ['admin@example.co.jp'] };

describe.each(ENGINES)('an invitation on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine, policy: { lock: { tries: 2 } } }));
    await at.addContract('apart', { registration: { delivery: 'two_mails' } });
    await at.addContract('hand', { registration: { delivery: 'administrator' }, administrator });
  });
  afterAll(() => at.close());

  const sekisho = (...args: string[]) => runHere(at.env, args);
  const create = async (contract: string, userId: string) =>
    (
      await sekisho(
        ...['user', 'create', contract, userId, '--email', `${userId}@user.example`, '--print', '--json'],
      )
    ).json();
  const linesOf = (mail: { text: string }) => mail.text.split(/\r?\n/);

  test('arrives in one mail, with the URL and the OTP that the command can print', async () => {
    const { registration_url, initial_otp } = await create('shop', 'one');
    const mail = await at.mail.waitFor('one@user.example');
    expect(linesOf(mail)).toEqual(expect.arrayContaining([registration_url, initial_otp]));
    expect(registration_url).toMatch(`${at.issuer}/register/`);
    expect(mail.text).toContain('見本サイト');
    expect(mail.subject).toBe('見本サイト：認証情報登録のご案内');
  });

  test('arrives in two mails', async () => {
    const { registration_url, initial_otp } = await create('apart', 'two');
    const mails = [await at.mail.waitFor('two@user.example'), await at.mail.waitFor('two@user.example')];
    const carried = mails.map(({ text }) => [text.includes(registration_url), text.includes(initial_otp)]);
    expect(carried).toHaveLength(2);
    expect(carried).toEqual(
      expect.arrayContaining([
        [true, false],
        [false, true],
      ]),
    );
  });

  test('is handed over: all to the administrator, only a notice to the user', async () => {
    const { registration_url, initial_otp } = await create('hand', 'three');
    const handover = await at.mail.waitFor('admin@example.co.jp');
    expect(linesOf(handover)).toEqual(
      expect.arrayContaining([registration_url, initial_otp, '  ユーザID: three']),
    );
    const notice = await at.mail.waitFor('three@user.example');
    expect(notice.text).toContain('関所工業 管理 太郎');
    expect(notice.text).not.toMatch(new RegExp(`/register/|${initial_otp}|three$`, 'm'));
  });

  test('is reminded of with the same URL', async () => {
    const { registration_url } = await create('apart', 'four');
    for (let mails = 0; mails < 2; mails += 1) await at.mail.waitFor('four@user.example');
    at.clock.advance(12 * DAY);
    const installation = { issuer: at.issuer, defaultLocale: 'ja', timeZone: 'Asia/Tokyo' } as const;
    await remind({ uow: at.server.uow, clock: at.clock, installation });
    const reminder = await at.mail.waitFor('four@user.example');
    expect(linesOf(reminder)).toContain(registration_url);
    expect(reminder.code).toBeUndefined();
  });

  test('leaves neither URL nor OTP in the log', async () => {
    const { registration_url, initial_otp } = await create('shop', 'five');
    await at.mail.waitFor('five@user.example');
    const log = JSON.stringify(at.logged);
    expect(log).not.toContain(registration_url.slice(-43));
    expect(log).not.toContain(initial_otp);
  });

  test('and the error code of a lock leads the support desk from the page to the user', async () => {
    await at.addUser('locked');
    const { page, code } = await begin(at, site, new Agent(), 'locked');
    const locked = await enterWrong(page, code, 2);
    const errorCode = /([0-9A-HJKMNP-TV-Z]{8})<\/code>/.exec(locked.html)?.[1] ?? '';
    const found = await sekisho('user', 'find-error', 'shop', errorCode.toLowerCase());
    expect(found.out).toMatch(/^user_id +locked$/m);
    expect(found.out).toContain('sekisho user unlock shop locked');
  });
});
