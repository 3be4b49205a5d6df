import { beforeEach, describe, expect, test } from '@jest/globals';
import { createUser } from '../../src/admin/create-user.ts';
import { disableUser } from '../../src/admin/disable-user.ts';
import { inviteUser } from '../../src/admin/invite-user.ts';
import { updateContract } from '../../src/admin/update-contract.ts';
import { updateUser } from '../../src/admin/update-user.ts';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import type { PolicyInput } from '../../src/contracts/policy.ts';
import type { Mail, MailContent } from '../../src/mail/mail.ts';
import { remind } from '../../src/notices/reminders.ts';
import { type Desk, installation, openDesk, START } from '../admin/desk.ts';
import { sampleClient, sampleDevice, sampleUser } from '../stores/samples.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';

const ADMINISTRATOR = { name: '管理 太郎', emails: ['admin@example.co.jp', 'second@example.co.jp'] };

describeOnBothEngines('reminders', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  const parts = () => ({ uow: db.uow, clock: desk.context.clock, installation });
  const setPolicy = (policy: PolicyInput) => updateContract(desk.context, 'acme', { policy });
  const create = (changes: Partial<Parameters<typeof createUser>[1]> = {}) =>
    createUser(desk.context, {
      contractId: 'acme',
      userId: 'p-01-usr007',
      devices: [{ address: 'taro@example.co.jp' }, { address: 'a..b@docomo.ne.jp', type: 'mobile' }],
      ...changes,
    });

  beforeEach(async () => {
    ({ db, desk } = await openDesk(open));
  });

  /** All mails of a kind, taken out of the outbox. */
  async function mailsOf(kind: MailContent['kind']): Promise<Mail[]> {
    const claim = { by: 'the test', until: Number.MAX_SAFE_INTEGER };
    const due = await db.write(({ mails }) => mails.claimDue(claim, Number.MAX_SAFE_INTEGER - 1, 10_000));
    return due.filter(({ content }) => content.kind === kind);
  }

  describe('of an invitation that nobody has used', () => {
    test('go out once, when it is time, to each device', async () => {
      const { user, invited } = await create({ locale: 'en' });
      desk.advance(11 * DAY - 1);
      expect(await remind(parts())).toBe(0);
      desk.advance(1);
      expect(await remind(parts())).toBe(1);
      expect(await remind(parts())).toBe(0);
      const mails = await mailsOf('invitation_reminder');
      expect(mails.map(({ recipient }) => recipient).sort()).toEqual([
        'a..b@docomo.ne.jp',
        'taro@example.co.jp',
      ]);
      expect(mails[0]).toMatchObject({
        locale: 'en',
        invitationId: invited?.invitation.id,
        codeId: invited?.invitation.codeId,
        giveUpAt: START + 14 * DAY,
        createdAt: START + 11 * DAY,
        content: { userId: user.userId, expiresAt: START + 14 * DAY, contractName: '関所' },
      });
    });

    test.each(['two_mails', 'administrator'] as const)(
      'do not repeat the initial OTP where it came apart (%s)',
      async (delivery) => {
        await setPolicy({ registration: { delivery } });
        const { invited } = await create();
        desk.advance(11 * DAY);
        await remind(parts());
        const mails = await mailsOf('invitation_reminder');
        expect(mails.map(({ codeId }) => codeId)).toEqual([null, null]);
        expect(mails.map(({ invitationId }) => invitationId)).toEqual(Array(2).fill(invited?.invitation.id));
      },
    );

    test('go out once when several processes look at once', async () => {
      await create();
      await create({ userId: 'p-02', devices: [{ address: 'jiro@example.co.jp' }] });
      desk.advance(11 * DAY);
      const counts = await atOnce(8, () => remind(parts()));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
      expect(await mailsOf('invitation_reminder')).toHaveLength(3);
    });

    test('go out anew for a new invitation', async () => {
      await create();
      desk.advance(11 * DAY);
      await remind(parts());
      desk.advance(DAY);
      await inviteUser(desk.context, 'acme', 'p-01-usr007');
      expect(await remind(parts())).toBe(0);
      desk.advance(11 * DAY);
      expect(await remind(parts())).toBe(1);
    });

    test('do not go out when it was used, has ended or is not to be reminded of', async () => {
      const used = await create();
      await db.write(({ invitations }) => invitations.spend(used.invited?.invitation.id ?? '', START));
      await setPolicy({ registration: { remind_days_before: 0 } });
      await create({ userId: 'never' });
      await setPolicy({ registration: { days: 3, remind_days_before: 3 } });
      await create({ userId: 'short' });
      await setPolicy({});
      await create({ userId: 'late' });
      desk.advance(14 * DAY);
      expect(await remind(parts())).toBe(0);
      expect(await mailsOf('invitation_reminder')).toEqual([]);
    });

    test('do not go to who may not register', async () => {
      await create();
      await create({ userId: 'past', validUntil: '2026-11-25' });
      await disableUser(desk.context, 'acme', 'p-01-usr007');
      desk.advance(11 * DAY);
      await remind(parts());
      expect(await mailsOf('invitation_reminder')).toEqual([]);
    });
  });

  describe('of the date until which login is possible', () => {
    const END = '2026-12-31';
    const END_MS = Date.parse('2027-01-01T00:00:00+09:00');
    /** To the moment when the reminder is due. */
    const goToReminder = () => desk.advance(END_MS - 14 * DAY - START);

    beforeEach(() => setPolicy({ administrator: ADMINISTRATOR }));

    test('go out once to each device of the user, and to each administrator', async () => {
      await db.write(({ clients }) => clients.add(sampleClient({ name: '電子調達ポータル' })));
      await create({ active: true, validUntil: END });
      desk.advance(END_MS - 14 * DAY - START - 1);
      expect(await remind(parts())).toBe(0);
      desk.advance(1);
      expect(await remind(parts())).toBe(1);
      expect(await remind(parts())).toBe(0);
      const claim = { by: 'the test', until: Number.MAX_SAFE_INTEGER };
      const mails = await db.write((stores) => stores.mails.claimDue(claim, END_MS, 100));
      expect(mails.map(({ recipient, content }) => `${content.kind} ${recipient}`).sort()).toEqual([
        'user_validity_ends admin@example.co.jp',
        'user_validity_ends second@example.co.jp',
        'validity_ends a..b@docomo.ne.jp',
        'validity_ends taro@example.co.jp',
      ]);
      const contents = Object.fromEntries(mails.map(({ content }) => [content.kind, content]));
      expect(contents.validity_ends).toMatchObject({
        userId: 'p-01-usr007',
        validUntil: END_MS,
        sites: [{ name: '電子調達ポータル', url: 'https://site.example/' }],
      });
      expect(contents.user_validity_ends).toMatchObject({
        users: [{ userId: 'p-01-usr007', validUntil: END_MS }],
      });
      expect(mails.every(({ giveUpAt }) => giveUpAt === END_MS)).toBe(true);
    });

    test('go out anew when the date has changed', async () => {
      await create({ active: true, validUntil: END });
      goToReminder();
      await remind(parts());
      await updateUser(desk.context, 'acme', 'p-01-usr007', { validUntil: '2027-01-31' });
      expect(await remind(parts())).toBe(0);
      desk.advance(31 * DAY);
      expect(await remind(parts())).toBe(1);
      expect(await mailsOf('validity_ends')).toHaveLength(4);
    });

    test('go out once when several processes look at once', async () => {
      for (const userId of ['p-01', 'p-02', 'p-03']) await create({ userId, active: true, validUntil: END });
      goToReminder();
      const counts = await atOnce(8, () => remind(parts()));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
      expect(await mailsOf('validity_ends')).toHaveLength(6);
    });

    test('of many users are a few mails to the administrators, and name each user once', async () => {
      await db.write(async ({ users }) => {
        for (let number = 0; number < 120; number += 1) {
          const user = sampleUser({ userId: `p-${number}`, validUntil: END_MS });
          await users.add(user, user.userId);
          await users.addDevice(user.sub, sampleDevice());
        }
      });
      goToReminder();
      expect(await remind(parts())).toBe(120);
      const mails = await mailsOf('user_validity_ends');
      const first = mails.filter(({ recipient }) => recipient === ADMINISTRATOR.emails[0]);
      expect(first).toHaveLength(3);
      const named = first.flatMap(({ content }) =>
        content.kind === 'user_validity_ends' ? content.users.map(({ userId }) => userId) : [],
      );
      expect(new Set(named).size).toBe(120);
    });

    test('go to users only where the contract names no administrator', async () => {
      await setPolicy({});
      await create({ active: true, validUntil: END });
      goToReminder();
      expect(await remind(parts())).toBe(1);
      expect(await mailsOf('validity_ends')).toHaveLength(2);
      expect(await mailsOf('user_validity_ends')).toEqual([]);
    });

    test('do not go out after it, of disabled users, or where the contract wants none', async () => {
      await create({ userId: 'past', active: true, validUntil: END });
      desk.advance(END_MS - START);
      expect(await remind(parts())).toBe(0);
      await create({ userId: 'off', active: true, validUntil: '2027-01-02' });
      await disableUser(desk.context, 'acme', 'off');
      expect(await remind(parts())).toBe(0);
      await create({ userId: 'never', active: true, validUntil: '2027-01-02' });
      await setPolicy({ validity: { remind_days_before: 0 } });
      expect(await remind(parts())).toBe(0);
    });
  });

  test('stop in between when they are told to, and go on later', async () => {
    for (const userId of ['p-01', 'p-02', 'p-03']) await create({ userId });
    desk.advance(11 * DAY + HOUR);
    let turns = 0;
    expect(await remind(parts(), () => ++turns <= 2)).toBe(2);
    desk.advance(MINUTE);
    expect(await remind(parts())).toBe(1);
  });

  test('commit nothing when nothing is due', async () => {
    await create({ validUntil: '2027-12-31' });
    const { commits } = db.database.counters;
    await remind(parts());
    expect(db.database.counters.commits).toBe(commits);
  });
});
