import { beforeEach, describe, expect, test } from '@jest/globals';
import { createContract } from '../../src/admin/create-contract.ts';
import { createUser, type NewUser } from '../../src/admin/create-user.ts';
import { deleteUser } from '../../src/admin/delete-user.ts';
import { disableUser } from '../../src/admin/disable-user.ts';
import { enableUser } from '../../src/admin/enable-user.ts';
import { listUsers } from '../../src/admin/find-user.ts';
import { supportView } from '../../src/admin/support-view.ts';
import { unlockUser } from '../../src/admin/unlock-user.ts';
import { MINUTE } from '../../src/clock.ts';
import { mailBudgetKey } from '../../src/credentials/account-scope.ts';
import { newId } from '../../src/secrets.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { type Desk, openDesk, START } from './desk.ts';

const MAILS = { points: 5, seconds: 3600 };

describeOnBothEngines('users', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  beforeEach(async () => {
    ({ db, desk } = await openDesk(open));
  });
  const create = (changes: Partial<NewUser> = {}) =>
    createUser(desk.context, {
      contractId: 'acme',
      userId: 'P-01-usr007',
      devices: [{ address: 'taro@example.co.jp' }],
      ...changes,
    });
  const show = (userId = 'p-01-usr007') => supportView(desk.context, 'acme', userId);
  /** Of users; invitations have tests of their own. */
  const trail = async () =>
    (await desk.trail()).filter(({ action }) => !/^(contract\.create|user\.invite)$/.test(action));

  /** As strangers' wrong codes do it: the account's scope is locked, and its mails are used up. */
  async function lock(unlockAt: number | null = null, browsers = ['']): Promise<void> {
    const account = desk.accountOf('p-01-usr007');
    await db.write(async ({ users, tries, rates }) => {
      for (const browser of browsers) {
        await tries.count({ account, browser }, 5, START);
        await tries.lock({ account, browser }, unlockAt, START);
        for (let number = 0; number < 6; number += 1)
          await rates.take(mailBudgetKey({ account, browser }), MAILS, START);
      }
      const user = await users.findByUserId('acme', 'p-01-usr007');
      if (user) await users.setState(user.sub, 'locked', unlockAt, START);
    });
  }

  async function isOpen(browser = ''): Promise<boolean> {
    const scope = { account: desk.accountOf('p-01-usr007'), browser };
    return db.write(async ({ tries, rates }) => {
      const counter = await tries.find(scope);
      return counter === undefined && (await rates.take(mailBudgetKey(scope), MAILS, START)) === null;
    });
  }

  describe('a new user', () => {
    test('is invited, and its addresses count as confirmed', async () => {
      const { user, devices } = await create({
        devices: [{ address: 'ｔａｒｏ＠example.co.jp' }, { address: 'a..b@docomo.ne.jp', type: 'mobile' }],
      });
      expect(user).toMatchObject({
        sub: expect.stringMatching(/^[\w-]{22}$/),
        contractId: 'acme',
        userId: 'P-01-usr007',
        loginMethod: 'otp',
        state: 'invited',
        unlockAt: null,
        validUntil: null,
        locale: null,
        createdAt: START,
      });
      const times = { confirmedAt: START, createdAt: START };
      expect(devices).toEqual([
        { number: 1, address: 'taro@example.co.jp', type: 'pc', ...times },
        { number: 2, address: 'a..b@docomo.ne.jp', type: 'mobile', ...times },
      ]);
      expect(await show(' ｐ-01-USR007')).toMatchObject({ user, devices });
      expect(await trail()).toMatchObject([
        {
          actor: 'command',
          action: 'user.create',
          contractId: 'acme',
          subject: user.sub,
          details: { user_id: 'P-01-usr007' },
        },
      ]);
      expect(JSON.stringify(await trail())).not.toContain('docomo');
    });

    test('can be active at once, with a last day and a language', async () => {
      const { user } = await create({ active: true, method: 'otp', validUntil: '2027-03-31', locale: 'en' });
      expect(user).toMatchObject({
        state: 'active',
        validUntil: Date.parse('2027-04-01T00:00:00+09:00'),
        locale: 'en',
      });
    });

    test("has its last day in the contract's time zone", async () => {
      await createContract(desk.context, { id: 'berlin', name: 'x', policy: { time_zone: 'Europe/Berlin' } });
      const { user } = await create({ contractId: 'berlin', validUntil: '2027-06-30' });
      expect(user.validUntil).toBe(Date.parse('2027-07-01T00:00:00+02:00'));
    });

    test('of several with one user ID at once, one wins and the others are told', async () => {
      const results = await Promise.allSettled(
        ['P-01', 'p-01', 'Ｐ-01', ' p-01'].map((userId) => create({ userId })),
      );
      const refused = results.filter((each) => each.status === 'rejected');
      expect(refused.map(({ reason }) => reason.code)).toEqual(Array(3).fill('already_exists'));
      expect([await db.count('users'), await db.count('devices'), (await trail()).length]).toEqual([1, 1, 1]);
    });

    test('may have the same user ID in another contract, and in another case where the contract says so', async () => {
      await createContract(desk.context, {
        id: 'strict',
        name: 'x',
        policy: { user_id: { case_sensitive: true } },
      });
      await create();
      for (const userId of ['P-01-usr007', 'p-01-usr007']) await create({ contractId: 'strict', userId });
      await expect(create({ contractId: 'strict' })).rejects.toMatchObject({ code: 'already_exists' });
    });

    test('does not answer for what strangers tried before', async () => {
      await lock();
      await create({ active: true });
      expect(await isOpen()).toBe(true);
    });

    test('is refused when anything is wrong with it, and nothing is changed', async () => {
      const wrong: [path: string, changes: object][] = [
        ['userId', { userId: ' ' }],
        ['userId', { userId: 'a\0b' }],
        ['devices[0].address', { devices: [{ address: 'taro' }] }],
        ['devices[1].address', { devices: [{ address: 'a@b.example' }, { address: 'a b@b.example' }] }],
        ['devices[0].type', { devices: [{ address: 'a@b.example', type: 'watch' }] }],
        ['devices', { devices: [] }],
        ['devices', { devices: [{ address: 'a@b.example' }, { address: 'A@B.example' }] }],
        [
          'devices',
          { devices: Array.from({ length: 11 }, (_, number) => ({ address: `a${number}@b.example` })) },
        ],
        ['method', { method: 'password' }],
        ['validUntil', { validUntil: '2027-02-30' }],
        ['locale', { locale: 'fr' }],
      ];
      for (const [path, changes] of wrong) {
        await expect(create(changes as Partial<NewUser>)).rejects.toMatchObject({
          code: 'invalid_input',
          message: expect.stringContaining(`${path}: `),
        });
      }
      expect([await db.count('users'), await db.count('devices'), (await trail()).length]).toEqual([0, 0, 0]);
    });

    test('needs a contract that exists', async () => {
      await expect(create({ contractId: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  test('a list goes by user ID, a page at a time', async () => {
    for (const userId of ['c', 'A', 'b', 'D']) await create({ userId });
    const page = async (after?: string, limit?: number) =>
      (await listUsers(desk.context, 'acme', { after, limit })).map(({ userId }) => userId);
    expect(await page()).toEqual(['A', 'b', 'c', 'D']);
    expect(await page(undefined, 2)).toEqual(['A', 'b']);
    expect(await page('B', 2)).toEqual(['c', 'D']);
    expect(await page('d', 2)).toEqual([]);
    await expect(listUsers(desk.context, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
      expect(() => listUsers(desk.context, 'acme', { limit })).toThrow('from 1 to 1000');
    }
  });

  describe('unlocking', () => {
    beforeEach(() => create({ active: true }));

    test('opens the account in every browser, with all of its tries and mails', async () => {
      await lock(null, ['', 'known']);
      expect((await show()).user.state).toBe('locked');
      const { user } = await unlockUser(desk.context, 'acme', 'p-01-usr007');
      expect(user).toMatchObject({ state: 'active', unlockAt: null });
      expect([await isOpen(''), await isOpen('known')]).toEqual([true, true]);
      expect((await trail()).find(({ action }) => action === 'user.unlock')).toMatchObject({
        action: 'user.unlock',
        subject: user.sub,
        details: { was: 'locked' },
      });
    });

    test('leaves other accounts locked', async () => {
      await lock();
      const other = { account: desk.accountOf('other'), browser: '' };
      await db.write(async ({ tries }) => {
        await tries.count(other, 5, START);
        await tries.lock(other, null, START);
      });
      await unlockUser(desk.context, 'acme', 'p-01-usr007');
      expect(await db.read(({ tries }) => tries.find(other))).toMatchObject({ lockedAt: START });
    });

    test('does not give access to those who have none', async () => {
      await disableUser(desk.context, 'acme', 'p-01-usr007');
      expect((await unlockUser(desk.context, 'acme', 'p-01-usr007')).user.state).toBe('disabled');
      await create({ userId: 'invited' });
      expect((await unlockUser(desk.context, 'acme', 'invited')).user.state).toBe('invited');
    });
  });

  test('a lock whose time has passed shows as none', async () => {
    await create({ active: true });
    await lock(START + MINUTE);
    expect((await show()).user).toMatchObject({ state: 'locked', unlockAt: START + MINUTE });
    desk.advance(MINUTE);
    expect((await show()).user).toMatchObject({ state: 'active', unlockAt: null });
    expect(await listUsers(desk.context, 'acme')).toMatchObject([{ state: 'active', unlockAt: null }]);
  });

  describe('disabling and enabling', () => {
    beforeEach(() => create({ active: true }));
    const disable = () => disableUser(desk.context, 'acme', 'p-01-usr007');
    const enable = () => enableUser(desk.context, 'acme', 'p-01-usr007');

    test('takes access away and gives it back; twice is the same as once', async () => {
      for (let twice = 0; twice < 2; twice += 1) expect((await disable()).user.state).toBe('disabled');
      for (let twice = 0; twice < 2; twice += 1) expect((await enable()).user.state).toBe('active');
      const actions = (await trail()).map(({ action }) => action).sort();
      expect(actions).toEqual(['user.create', 'user.disable', 'user.enable']);
    });

    test('does not open a lock', async () => {
      await lock(START + MINUTE);
      expect((await disable()).user).toMatchObject({ state: 'disabled', unlockAt: null });
      expect((await enable()).user).toMatchObject({ state: 'locked', unlockAt: START + MINUTE });
      await disable();
      desk.advance(MINUTE);
      expect((await enable()).user.state).toBe('active');
      await lock();
      await disable();
      expect((await enable()).user).toMatchObject({ state: 'locked', unlockAt: null });
    });

    test('enabling is no registration', async () => {
      await create({ userId: 'invited' });
      await expect(enableUser(desk.context, 'acme', 'invited')).rejects.toMatchObject({
        code: 'invalid_input',
      });
    });
  });

  test('deleting removes devices and browsers and keeps the login history', async () => {
    const { user } = await create({ active: true });
    await db.write(async ({ browsers, audit }) => {
      await browsers.remember(user.sub, 'browser', START);
      await audit.addLogin({
        id: newId(),
        contractId: 'acme',
        clientId: 'client',
        userSub: user.sub,
        method: 'otp',
        result: 'signed_in',
        address: '192.0.2.1',
        browser: 'Firefox',
        errorCode: null,
        at: START,
      });
    });
    const deleted = await Promise.allSettled(
      Array.from({ length: 3 }, () => deleteUser(desk.context, 'acme', 'P-01-USR007')),
    );
    expect(deleted.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))).toEqual([user]);
    expect([await db.count('users'), await db.count('devices'), await db.count('browsers')]).toEqual([
      0, 0, 0,
    ]);
    expect(await db.read(({ audit }) => audit.loginsOf(user.sub, 0, 10))).toHaveLength(1);
    const again = await create();
    expect(again.user.sub).not.toBe(user.sub);
  });

  test('verbs for nobody say so and change nothing', async () => {
    for (const verb of [supportView, unlockUser, enableUser, disableUser, deleteUser]) {
      await expect(verb(desk.context, 'acme', 'nobody')).rejects.toMatchObject({
        code: 'not_found',
        message: 'there is no user "nobody" in contract "acme"',
      });
      await expect(verb(desk.context, 'other', 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await trail()).toEqual([]);
  });

  test('a change and its trace are one', async () => {
    await create({ active: true });
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
    for (const verb of [disableUser, unlockUser, deleteUser]) {
      await expect(verb(broken, 'acme', 'p-01-usr007')).rejects.toThrow('full');
    }
    expect((await show()).user.state).toBe('active');
  });

  test('a user who is disabled while others unlock stays disabled', async () => {
    await create({ active: true });
    await lock();
    await atOnce(12, (number) =>
      (number % 2 === 0 ? disableUser : unlockUser)(desk.context, 'acme', 'p-01-usr007'),
    );
    expect((await show()).user.state).toBe('disabled');
  });
});
