import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createUser } from '../../src/admin/create-user.ts';
import { deleteUser } from '../../src/admin/delete-user.ts';
import { findError, readErrorCode } from '../../src/admin/find-error.ts';
import type { LoginEvent } from '../../src/audit/store.ts';
import { newErrorCode, newId } from '../../src/secrets.ts';
import { sampleClient } from '../stores/samples.ts';
import { describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { type Desk, openDesk, START } from './desk.ts';

test.each([
  ['7KQ2M0XR', '7KQ2M0XR'],
  ['7kq2m0xr', '7KQ2M0XR'],
  ['7KQ2MOXR', '7KQ2M0XR'],
  ['1il0o7kq', '111007KQ'],
  [' 7KQ2 - M0XR ', '7KQ2M0XR'],
  ['７ＫＱ２‐Ｍ０ＸＲ', '7KQ2M0XR'],
  ['7kq2ーm0xr', '7KQ2M0XR'],
  ['7KQ2M0X', null],
  ['7KQ2M0XRR', null],
  ['7KQ2M0XU', null],
  ['', null],
  ["'; drop table users; --", null],
])('%j read out is %j', (typed, code) => {
  expect(readErrorCode(typed)).toBe(code);
});

test('whatever is typed is a code or none, and a new code is itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      expect(readErrorCode(typed) ?? '00000000').toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    }),
  );
  for (let times = 0; times < 100; times += 1) {
    const code = newErrorCode();
    expect(readErrorCode(code.toLowerCase().replace('0', 'o'))).toBe(code);
  }
});

describeOnBothEngines('an error code', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  let sub: string;
  const find = (code: string, contract = 'acme') => findError(desk.context, contract, code);

  beforeEach(async () => {
    ({ db, desk } = await openDesk(open));
    const { user } = await createUser(desk.context, {
      contractId: 'acme',
      userId: 'P-01-usr007',
      devices: [{ address: 'taro@example.co.jp' }],
      active: true,
    });
    sub = user.sub;
    await db.write(({ clients }) =>
      clients.add(sampleClient({ clientId: 'portal', name: '電子調達ポータル' })),
    );
  });

  async function addLogin(changes: Partial<LoginEvent>): Promise<void> {
    const event: LoginEvent = {
      id: newId(),
      contractId: 'acme',
      clientId: 'portal',
      userSub: sub,
      method: 'password+otp',
      result: 'wrong_password',
      address: '192.0.2.1',
      browser: 'Firefox',
      errorCode: null,
      at: START,
      ...changes,
    };
    await db.write(({ audit }) => audit.addLogin(event));
  }

  test('leads to the user, the login, what was tried before it, and the lock', async () => {
    const account = desk.accountOf('p-01-usr007');
    await db.write(async ({ tries, users }) => {
      await tries.count({ account, browser: '' }, 5, START);
      await tries.lock({ account, browser: '' }, null, START);
      await users.lock(sub, null, START);
    });
    for (let number = 0; number < 12; number += 1) await addLogin({ at: START - 20 + number });
    await addLogin({ result: 'locked', errorCode: '7KQ2M0XR', address: '192.0.2.9' });
    await addLogin({ result: 'locked', errorCode: 'ZZZZZZZZ', at: START + 1 });
    const found = await find('7kq2-moxr');
    expect(found).toMatchObject({
      login: {
        site: '電子調達ポータル',
        result: 'locked',
        method: 'password+otp',
        address: '192.0.2.9',
        browser: 'Firefox',
        at: START,
      },
      user: { user: { sub, userId: 'P-01-usr007', state: 'locked' } },
      tries: [{ lastSeenAt: null, tries: 1, locked: true, unlockAt: null }],
      triesAllowed: 5,
    });
    expect(found.before.map(({ at }) => START - at)).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
  });

  test('of an unknown user ID leads to nobody', async () => {
    await addLogin({ result: 'locked', errorCode: '7KQ2M0XR', userSub: null });
    expect(await find('7KQ2M0XR')).toMatchObject({
      login: { userSub: null },
      user: null,
      before: [],
      tries: [],
    });
  });

  test('of a user who was deleted since still leads to the login', async () => {
    await addLogin({ result: 'locked', errorCode: '7KQ2M0XR' });
    await deleteUser(desk.context, 'acme', 'p-01-usr007');
    expect(await find('7KQ2M0XR')).toMatchObject({ login: { userSub: sub }, user: null, tries: [] });
  });

  describe('leads nowhere', () => {
    test('in another contract', async () => {
      await addLogin({ result: 'locked', errorCode: '7KQ2M0XR', contractId: 'other' });
      await expect(find('7KQ2M0XR')).rejects.toMatchObject({ code: 'not_found' });
      await expect(find('7KQ2M0XR', 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    });

    test('when it is none', async () => {
      await expect(find('7KQ2M0X')).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('8 digits and letters'),
      });
      await expect(find('\0\0\0\0\0\0\0\0')).rejects.toMatchObject({ code: 'invalid_input' });
    });
  });
});
