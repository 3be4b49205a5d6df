import { beforeEach, describe, expect, test } from '@jest/globals';
import { createUser } from '../../src/admin/create-user.ts';
import { disableUser } from '../../src/admin/disable-user.ts';
import { enableUser } from '../../src/admin/enable-user.ts';
import { inviteUser } from '../../src/admin/invite-user.ts';
import { supportView } from '../../src/admin/support-view.ts';
import { updateContract } from '../../src/admin/update-contract.ts';
import { updateUser } from '../../src/admin/update-user.ts';
import { DAY, MINUTE, SECOND } from '../../src/clock.ts';
import type { PolicyInput } from '../../src/contracts/policy.ts';
import { answerScope, invitationScope } from '../../src/credentials/account-scope.ts';
import { isCode } from '../../src/credentials/one-time-code.ts';
import type { SentMail } from '../../src/mail/store.ts';
import { hashToken } from '../../src/secrets.ts';
import { sampleClient } from '../stores/samples.ts';
import { describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { type Desk, installation, openDesk, START, secrets } from './desk.ts';

const TARO = 'taro@example.co.jp';
const ADMINISTRATOR = { name: '管理 太郎', company: '関所工業', emails: ['admin@example.co.jp'] };

describeOnBothEngines('inviting a user', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  const setPolicy = (policy: PolicyInput) => updateContract(desk.context, 'acme', { policy });
  const create = (changes: Partial<Parameters<typeof createUser>[1]> = {}, print?: boolean) =>
    createUser(
      desk.context,
      { contractId: 'acme', userId: 'P-01-usr007', devices: [{ address: TARO }], ...changes },
      { print },
    );
  const invite = (print?: boolean) => inviteUser(desk.context, 'acme', 'p-01-USR007', { print });
  const show = () => supportView(desk.context, 'acme', 'p-01-usr007');
  const trail = async () => (await desk.trail()).filter(({ action }) => action === 'user.invite');
  const mailsTo = async (recipient: string, state: SentMail['state'] = 'waiting') =>
    (await db.read(({ mails }) => mails.newestTo('acme', [recipient], 100)))
      .filter((mail) => mail.state === state)
      .map(({ kind }) => kind)
      .sort();
  /** What the outbox holds of each mail to an address. */
  const rows = (recipient: string) =>
    db.database.read((reader) =>
      reader.query<{ kind: string; params: string; code_id: string; invitation_id: string }>((knex) =>
        knex('mails').where({ recipient }).orderBy('kind'),
      ),
    );

  beforeEach(async () => {
    ({ db, desk } = await openDesk(open));
  });

  describe('with the user', () => {
    test('leaves an invitation and its mail in one unit of work', async () => {
      await db.write(({ clients }) => clients.add(sampleClient()));
      const { commits } = db.database.counters;
      const { user, invited } = await create({ validUntil: '2027-03-31' });
      expect(db.database.counters.commits).toBe(commits + 1);
      expect(user.state).toBe('invited');
      const invitation = await db.read(({ invitations }) => invitations.ofUser(user.sub));
      expect(invited).toEqual({ invitation, mailedTo: [TARO], handedOut: null });
      expect(invitation).toMatchObject({
        createdAt: START,
        expiresAt: START + 14 * DAY,
        remindAt: START + 11 * DAY,
        spentAt: null,
      });
      const [mail, ...more] = await rows(TARO);
      expect([more, mail?.kind]).toEqual([[], 'invitation']);
      expect([mail?.code_id, mail?.invitation_id]).toEqual([invitation?.codeId, invitation?.id]);
      expect(JSON.parse(mail?.params ?? '')).toMatchObject({
        userId: 'P-01-usr007',
        contractName: '関所',
        sites: [{ name: '電子調達ポータル', url: 'https://site.example/' }],
        validUntil: Date.parse('2027-04-01T00:00:00+09:00'),
        expiresAt: START + 14 * DAY,
      });
      expect(await trail()).toMatchObject([
        { subject: user.sub, details: { user_id: 'P-01-usr007', delivery: 'one_mail', printed: false } },
      ]);
    });

    test('leaves none for a user who may log in at once', async () => {
      const { invited } = await create({ active: true });
      expect([invited, await db.count('invitations'), await db.count('mails')]).toEqual([null, 0, 0]);
    });

    test('leaves nothing where the user ID is taken', async () => {
      await create();
      const counts = () => Promise.all(['users', 'invitations', 'mails', 'one_time_codes'].map(db.count));
      const before = await counts();
      await expect(create()).rejects.toMatchObject({ code: 'already_exists' });
      expect(await counts()).toEqual(before);
    });

    test.each(['password', 'password+otp'] as const)('is for the method %s as well', async (method) => {
      await setPolicy({ login_methods: ['otp', method] });
      const { user, invited } = await create({ method });
      expect([user.loginMethod, user.state, invited?.mailedTo]).toEqual([method, 'invited', [TARO]]);
      await expect(create({ userId: 'other', method, active: true })).rejects.toMatchObject({
        code: 'invalid_input',
      });
    });
  });

  describe('reaches the user as the contract says', () => {
    test('in one mail to each device', async () => {
      await create({ devices: [{ address: TARO }, { address: 'a..b@docomo.ne.jp', type: 'mobile' }] });
      expect(await mailsTo(TARO)).toEqual(['invitation']);
      expect(await mailsTo('a..b@docomo.ne.jp')).toEqual(['invitation']);
    });

    test('in two mails, the OTP apart from the URL', async () => {
      await setPolicy({ registration: { delivery: 'two_mails' } });
      const { invited } = await create();
      expect(invited?.handedOut).toBeNull();
      const [url, code] = await rows(TARO);
      const { id, codeId } = invited?.invitation ?? {};
      expect([url?.kind, url?.invitation_id, url?.code_id]).toEqual(['invitation', id, null]);
      expect([code?.kind, code?.invitation_id, code?.code_id]).toEqual(['invitation_code', id, codeId]);
    });

    test('by the administrator, who is mailed what to hand over; the user is told so', async () => {
      await setPolicy({
        registration: { delivery: 'administrator' },
        administrator: ADMINISTRATOR,
        locale: 'en',
      });
      const { invited } = await create({ locale: 'ja' });
      expect(invited?.mailedTo).toEqual([TARO, 'admin@example.co.jp']);
      const [notice, ...more] = await rows(TARO);
      expect([notice?.kind, more]).toEqual(['invitation_notice', []]);
      expect(notice?.code_id).toBeNull();
      const { name, company } = ADMINISTRATOR;
      expect(JSON.parse(notice?.params ?? '')).toMatchObject({ administrator: { name, company } });
      const [handover] = await rows('admin@example.co.jp');
      expect(handover).toMatchObject({ kind: 'handover', locale: 'en', code_id: invited?.invitation.codeId });
      expect((await show()).mails.map(({ kind, recipient }) => `${kind} ${recipient}`).sort()).toEqual([
        'handover admin@example.co.jp',
        `invitation_notice ${TARO}`,
      ]);
    });

    test('by the administrator alone where no address of one is known', async () => {
      await setPolicy({ registration: { delivery: 'administrator' } });
      const { invited } = await create();
      expect(invited?.mailedTo).toEqual([TARO]);
      expect(await mailsTo(TARO)).toEqual(['invitation_notice']);
      expect(invited?.handedOut).not.toBeNull();
    });
  });

  describe('hands out', () => {
    test('a URL and an OTP that open this invitation, where the administrator delivers', async () => {
      await setPolicy({ registration: { delivery: 'administrator', digits: 6 } });
      const { invited } = await create();
      const { registrationUrl = '', initialOtp = '' } = invited?.handedOut ?? {};
      expect(registrationUrl).toMatch(/^https:\/\/login\.sekisho\.example\/register\/[\w-]{43}$/);
      const token = registrationUrl.slice(`${installation.issuer}/register/`.length);
      const found = await db.read(({ invitations }) => invitations.findByToken(hashToken(token)));
      expect(found).toEqual(invited?.invitation);
      const code = await db.read(({ codes }) => codes.find(found?.codeId ?? ''));
      expect(initialOtp).toMatch(/^\d{6}$/);
      expect(code && isCode(secrets, code, initialOtp)).toBe(true);
      expect(JSON.stringify(await desk.trail())).not.toMatch(new RegExp(`${token}|"${initialOtp}"`));
    });

    test('nothing where mail delivers, unless that is asked for, which the trail notes', async () => {
      expect((await create()).invited?.handedOut).toBeNull();
      expect((await invite()).invited?.handedOut).toBeNull();
      desk.advance(SECOND);
      expect((await invite(true)).invited?.handedOut).toMatchObject({ initialOtp: expect.any(String) });
      expect((await trail()).map(({ details }) => details.printed)).toEqual([false, false, true]);
    });
  });

  describe('again', () => {
    test('ends the earlier URL and OTP, and its wrong tries', async () => {
      const first = (await create()).invited?.invitation;
      const scope = { account: invitationScope(secrets, first?.id ?? ''), browser: '' };
      const answers = answerScope({ account: desk.accountOf('p-01-usr007') });
      await db.write(async ({ tries }) => {
        await tries.count(scope, 5, START);
        await tries.count(answers, 5, START);
        await tries.lock(answers, null, START);
      });
      desk.advance(MINUTE);
      const second = (await invite()).invited?.invitation;
      expect(
        await db.read(({ invitations }) => invitations.findByToken(first?.tokenHash ?? '')),
      ).toBeUndefined();
      expect(await db.read(({ codes }) => codes.find(first?.codeId ?? ''))).toMatchObject({
        spentAt: START + MINUTE,
      });
      expect(second).toMatchObject({ createdAt: START + MINUTE, expiresAt: START + MINUTE + 14 * DAY });
      for (const each of [scope, answers])
        expect(await db.read(({ tries }) => tries.find(each))).toBeUndefined();
      expect(await db.count('invitations')).toBe(1);
    });

    test('changes neither the state of an active user nor the credentials', async () => {
      await setPolicy({ login_methods: ['password'] });
      const { sub } = (await create()).user;
      const password = { userSub: sub, hash: 'hash', createdAt: START, updatedAt: START };
      await db.write(async ({ users, passwords }) => {
        await users.setState(sub, 'active', null, START);
        await passwords.set(password);
      });
      expect((await invite()).user).toMatchObject({ state: 'active', sub });
      expect(await db.read(({ passwords }) => passwords.find(sub))).toEqual(password);
    });

    test('opens no lock; of others the wrong tries are forgotten', async () => {
      const { sub } = (await create()).user;
      const scope = { account: desk.accountOf('p-01-usr007'), browser: '' };
      const count = () => db.write(({ tries }) => tries.count(scope, 5, START));
      await count();
      await invite();
      expect(await count()).toBe(1);
      await db.write(({ users }) => users.setState(sub, 'locked', null, START));
      expect((await invite()).user.state).toBe('locked');
      expect(await count()).toBe(2);
    });

    test('at once: one is refused, or both are made one after the other', async () => {
      await create();
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => invite()));
      const made = results.flatMap((each) =>
        each.status === 'fulfilled' ? [each.value.invited?.invitation] : [],
      );
      const refused = results.filter((each) => each.status === 'rejected');
      expect(made.length).toBeGreaterThan(0);
      for (const { reason } of refused)
        expect(reason).toMatchObject({ message: expect.stringContaining('meanwhile') });
      const stands = await db.read(({ invitations }) => invitations.ofUser(made[0]?.userSub ?? ''));
      const codes = await db.read((stores) =>
        Promise.all(made.map((each) => stores.codes.find(each?.codeId ?? ''))),
      );
      const open = codes.filter((code) => code?.spentAt === null).map((code) => code?.id);
      expect(open).toEqual([stands?.codeId]);
      expect(await db.count('one_time_codes')).toBe(made.length + 1);
    });

    test('is refused for a user who is disabled, past the date, or not there, and changes nothing', async () => {
      await create({ validUntil: '2026-11-30' });
      const before = await db.count('mails');
      await expect(inviteUser(desk.context, 'acme', 'nobody')).rejects.toMatchObject({ code: 'not_found' });
      await disableUser(desk.context, 'acme', 'p-01-usr007');
      await expect(invite()).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('is disabled'),
      });
      await enableUser(desk.context, 'acme', 'p-01-usr007');
      desk.advance(10 * DAY);
      await expect(invite()).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('past the date'),
      });
      expect(await db.count('mails')).toBe(before);
    });
  });

  describe('and a correction of the user', () => {
    test('sends a new invitation to the new addresses, and ends what went to the old', async () => {
      const first = (await create()).invited?.invitation;
      desk.advance(SECOND);
      const { invited } = await updateUser(desk.context, 'acme', 'p-01-usr007', {
        devices: [{ address: 'right@example.co.jp' }],
      });
      expect(invited?.mailedTo).toEqual(['right@example.co.jp']);
      expect(await mailsTo('right@example.co.jp')).toEqual(['invitation']);
      expect(await db.read(({ invitations }) => invitations.find(first?.id ?? ''))).toBeUndefined();
      expect(await db.read(({ codes }) => codes.find(first?.codeId ?? ''))).toMatchObject({
        spentAt: START + SECOND,
      });
    });

    test('leaves an invitation that is handed over', async () => {
      await setPolicy({ registration: { delivery: 'administrator' } });
      const first = (await create()).invited?.invitation;
      const devices = [{ address: 'right@example.co.jp' }];
      const { invited } = await updateUser(desk.context, 'acme', 'p-01-usr007', { devices });
      expect(invited).toBeNull();
      expect((await show()).invitation).toEqual(first);
    });

    test('sends none where nothing was open, or the user may not register', async () => {
      const { invited } = await create();
      await disableUser(desk.context, 'acme', 'p-01-usr007');
      const move = (address: string) =>
        updateUser(desk.context, 'acme', 'p-01-usr007', { devices: [{ address }] });
      expect((await move('b@example.co.jp')).invited).toBeNull();
      expect(await db.count('invitations')).toBe(0);
      expect(await db.read(({ codes }) => codes.find(invited?.invitation.codeId ?? ''))).toMatchObject({
        spentAt: START,
      });
      await enableUser(desk.context, 'acme', 'p-01-usr007');
      desk.advance(SECOND);
      expect((await move('c@example.co.jp')).invited).toBeNull();
    });

    test('to active withdraws the invitation', async () => {
      const { invited } = await create();
      await updateUser(desk.context, 'acme', 'p-01-usr007', { active: true });
      expect((await show()).invitation).toBeNull();
      expect(await db.read(({ codes }) => codes.find(invited?.invitation.codeId ?? ''))).toMatchObject({
        spentAt: START,
      });
    });
  });

  test('disabling ends an invitation that was not used, and the mail about it', async () => {
    const { invited } = await create();
    await disableUser(desk.context, 'acme', 'p-01-usr007');
    expect((await show()).invitation).toBeNull();
    const code = await db.read(({ codes }) => codes.find(invited?.invitation.codeId ?? ''));
    expect(code).toMatchObject({ spentAt: START });
  });

  test('who never registered a password is invited again after being disabled', async () => {
    await setPolicy({ login_methods: ['password+otp'] });
    const { sub } = (await create()).user;
    const turn = async () => {
      await disableUser(desk.context, 'acme', 'p-01-usr007');
      return (await enableUser(desk.context, 'acme', 'p-01-usr007')).user.state;
    };
    expect(await turn()).toBe('invited');
    const password = { userSub: sub, hash: 'hash', createdAt: START, updatedAt: START };
    await db.write(({ passwords }) => passwords.set(password));
    expect(await turn()).toBe('active');
  });

  test('the support desk sees invitation and credentials', async () => {
    const { user, invited } = await create();
    expect(await show()).toMatchObject({ invitation: invited?.invitation, passwordAt: null, answerAt: null });
    const made = { userSub: user.sub, hash: 'hash', createdAt: START + 5, updatedAt: START + 9 };
    await db.write(async ({ passwords, answers, invitations }) => {
      await passwords.set(made);
      await answers.set({ ...made, question: { id: 'first_pet', ja: 'ペット', en: 'Pet' } });
      await invitations.spend(invited?.invitation.id ?? '', START + 5);
    });
    expect(await show()).toMatchObject({
      invitation: { spentAt: START + 5 },
      passwordAt: START + 5,
      answerAt: START + 5,
    });
  });
});
