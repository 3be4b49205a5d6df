import { beforeEach, describe, expect, test } from '@jest/globals';
import { createContract } from '../../src/admin/create-contract.ts';
import { createUser } from '../../src/admin/create-user.ts';
import { disableUser } from '../../src/admin/disable-user.ts';
import { supportView } from '../../src/admin/support-view.ts';
import { updateUser } from '../../src/admin/update-user.ts';
import type { UserChangesInput } from '../../src/admin/user-input.ts';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { newCode } from '../../src/credentials/one-time-code.ts';
import { newId } from '../../src/secrets.ts';
import type { User } from '../../src/users/user.ts';
import { describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { type Desk, deskOf, START, secrets } from './desk.ts';
import { sampleMail } from './sample-mail.ts';

const OLD = 'taro@example.co.jp';

describeOnBothEngines('updating a user', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  let before: User;
  const create = async (userId: string, active = true) =>
    (
      await createUser(desk.context, {
        contractId: 'acme',
        userId,
        devices: [{ address: OLD }, { address: 'a..b@docomo.ne.jp', type: 'mobile' }],
        validUntil: '2027-03-31',
        locale: 'en',
        active,
      })
    ).user;
  const update = (changes: UserChangesInput, userId = 'p-01-USR007') =>
    updateUser(desk.context, 'acme', userId, changes);
  const show = (userId = 'p-01-usr007') => supportView(desk.context, 'acme', userId);
  const updates = async () => (await desk.trail()).filter(({ action }) => action === 'user.update');

  beforeEach(async () => {
    db = await open();
    desk = deskOf(db);
    await createContract(desk.context, { id: 'acme', name: '関所' });
    before = await create('P-01-usr007');
    desk.advance(SECOND);
  });

  /** As a login does it: a code is on its way to these addresses. @returns the code's id */
  async function mailCode(sub: string, recipients: string[], age = 0): Promise<string> {
    const [at, attemptId] = [START + SECOND - age, newId()];
    const code = newCode(secrets, 6, 10 * MINUTE, at);
    await db.write(async ({ codes, attempts, mails }) => {
      await codes.add(code);
      await attempts.begin({
        id: attemptId,
        contractId: 'acme',
        clientId: 'client',
        userSub: sub,
        userId: 'x',
        account: 'x',
        method: 'otp',
        needs: ['otp'],
        held: [],
        passwordAt: null,
        codeAt: null,
        answerAt: null,
        codeId: code.id,
        mails: 1,
        lastMailAt: at,
        createdAt: at,
        expiresAt: code.expiresAt,
      });
      for (const recipient of recipients)
        await mails.add(sampleMail({ recipient, attemptId, codeId: code.id, createdAt: at }), null);
    });
    return code.id;
  }
  const spentAt = async (id: string) => (await db.read(({ codes }) => codes.find(id)))?.spentAt;

  test('replaces the devices, the date and the language, and keeps the rest', async () => {
    const { user, devices } = await update({
      devices: [
        { address: 'ｊｉｒｏ＠example.co.jp', type: 'smartphone' },
        { address: 'b@example.jp' },
        { address: OLD },
      ],
      validUntil: '2028-03-31',
      locale: 'ja',
    });
    expect(user).toEqual({
      ...before,
      validUntil: Date.parse('2028-04-01T00:00:00+09:00'),
      locale: 'ja',
      updatedAt: START + SECOND,
    });
    const times = { confirmedAt: START + SECOND, createdAt: START + SECOND };
    expect(devices).toEqual([
      { number: 1, address: 'jiro@example.co.jp', type: 'smartphone', ...times },
      { number: 2, address: 'b@example.jp', type: 'pc', ...times },
      { number: 3, address: OLD, type: 'pc', ...times },
    ]);
    expect(await show()).toMatchObject({ user, devices });
    expect(await updates()).toMatchObject([
      {
        actor: 'command',
        contractId: 'acme',
        subject: before.sub,
        details: { user_id: 'P-01-usr007', changed: ['devices', 'valid_until', 'locale'] },
      },
    ]);
    expect(JSON.stringify(await updates())).not.toMatch(/jiro|example/);
  });

  test('changes only what is named, and takes away what is null', async () => {
    const { devices } = await show();
    expect(await update({ validUntil: null })).toMatchObject({
      user: { validUntil: null, locale: 'en' },
      devices,
    });
    desk.advance(SECOND);
    expect(await update({ locale: null })).toMatchObject({
      user: { validUntil: null, locale: null },
      devices,
    });
    expect((await updates()).map(({ details }) => details.changed)).toEqual([['valid_until'], ['locale']]);
  });

  test('leaves no trace where all is as it was to be', async () => {
    const code = await mailCode(before.sub, [OLD]);
    const { user } = await update({
      devices: [{ address: OLD }, { address: 'a..b@docomo.ne.jp', type: 'mobile' }],
      validUntil: '2027-03-31',
      locale: 'en',
      active: true,
    });
    expect([user, await updates(), await spentAt(code)]).toEqual([before, [], null]);
  });

  test('lets an invited user log in', async () => {
    await create('invited', false);
    expect((await update({ active: true }, 'invited')).user.state).toBe('active');
    expect((await updates()).map(({ details }) => details.changed)).toEqual([['state']]);
  });

  describe('codes on their way', () => {
    test('to the old addresses are worth nothing, wherever else they went', async () => {
      const codes = [
        await mailCode(before.sub, [OLD, 'a..b@docomo.ne.jp'], 9 * MINUTE),
        await mailCode(before.sub, ['a..b@docomo.ne.jp']),
      ];
      await update({ devices: [{ address: OLD }] });
      for (const code of codes) expect(await spentAt(code)).toBe(START + SECOND);
    });

    test('of others at the same address stay good', async () => {
      const other = await create('other');
      const code = await mailCode(other.sub, [OLD]);
      await update({ devices: [{ address: 'b@example.jp' }] });
      expect(await spentAt(code)).toBeNull();
    });

    test('stay good when no device changes', async () => {
      const code = await mailCode(before.sub, [OLD]);
      await update({ locale: 'ja' });
      expect(await spentAt(code)).toBeNull();
    });

    test('are either used or ended, never both', async () => {
      const code = await mailCode(before.sub, [OLD]);
      const [used] = await Promise.all([
        db.write(({ codes }) => codes.spend(code, START + 5)),
        update({ devices: [{ address: 'b@example.jp' }] }),
      ]);
      expect(await spentAt(code)).toBe(used ? START + 5 : START + SECOND);
    });
  });

  test('of two at once the result is one of the two, whole', async () => {
    const wanted = (number: number): UserChangesInput => ({
      devices: [{ address: `first${number}@example.jp` }, { address: `second${number}@example.jp` }],
      validUntil: `2030-01-0${number + 1}`,
      locale: number % 2 === 0 ? 'ja' : null,
    });
    const results = await Promise.allSettled([0, 1, 2, 3].map((number) => update(wanted(number))));
    const refused = results.filter((each) => each.status === 'rejected').map(({ reason }) => reason.message);
    expect(refused.length).toBeLessThan(4);
    for (const message of refused) expect(message).toContain('was changed by someone else meanwhile');
    const { user, devices } = await show();
    const number = Number(/\d/.exec(devices[0]?.address ?? '')?.[0]);
    expect(devices.map(({ address }) => address)).toEqual([
      `first${number}@example.jp`,
      `second${number}@example.jp`,
    ]);
    expect(user.validUntil).toBe(Date.parse(`2030-01-0${number + 2}T00:00:00+09:00`));
    expect(user.locale).toBe(number % 2 === 0 ? 'ja' : null);
    expect(await updates()).toHaveLength(4 - refused.length);
  });

  test('does not undo a disabling at the same time', async () => {
    await Promise.allSettled([
      ...[0, 1, 2, 3, 4, 5].map((number) => update({ locale: number % 2 === 0 ? 'ja' : 'en' })),
      disableUser(desk.context, 'acme', 'p-01-usr007'),
    ]);
    expect((await show()).user.state).toBe('disabled');
  });

  test('is refused when anything is wrong, and nothing is changed', async () => {
    const code = await mailCode(before.sub, [OLD]);
    const found = await show();
    const devices = [{ address: 'b@example.jp' }];
    const wrong: [message: string, changes: object][] = [
      ['nothing to change', {}],
      ['devices[0].address: ', { devices: [{ address: 'b' }], locale: 'ja' }],
      ['devices: ', { devices: [] }],
      ['validUntil: ', { devices, validUntil: '2027-02-30' }],
      ['locale: ', { devices, locale: 'fr' }],
    ];
    for (const [message, changes] of wrong) {
      await expect(update(changes)).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining(message),
      });
    }
    await expect(update({ devices }, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    for (const state of ['locked', 'disabled'] as const) {
      await db.write(({ users }) => users.setState(before.sub, state, null, before.updatedAt));
      await expect(update({ devices, active: true })).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining(`is ${state} and not invited`),
      });
    }
    await db.write(({ users }) => users.setState(before.sub, 'active', null, before.updatedAt));
    expect(await show()).toEqual(found);
    expect([await spentAt(code), await updates()]).toEqual([null, []]);
  });

  test('and its trace are one', async () => {
    const found = await show();
    const broken = {
      ...desk.context,
      uow: {
        read: db.uow.read,
        write: <T>(work: Parameters<typeof db.uow.write<T>>[0]) =>
          db.uow.write((stores) =>
            work({ ...stores, audit: { ...stores.audit, add: () => Promise.reject(new Error('full')) } }),
          ),
      },
    };
    const changes = { devices: [{ address: 'b@example.jp' }], locale: 'ja' as const };
    await expect(updateUser(broken, 'acme', 'p-01-usr007', changes)).rejects.toThrow('full');
    expect(await show()).toEqual(found);
  });
});
