import { beforeEach, expect, test } from '@jest/globals';
import type { AuditEvent, LoginEvent } from '../../src/audit/store.ts';
import { newId } from '../../src/secrets.ts';
import { describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { NOW } from './samples.ts';

function login(changes: Partial<LoginEvent> = {}): LoginEvent {
  return {
    id: newId(),
    contractId: 'acme',
    clientId: 'client',
    userSub: 'sub',
    method: 'otp',
    result: 'signed_in',
    address: '2001:db8::7',
    browser: 'Chrome 142 (Windows)',
    errorCode: null,
    at: NOW,
    ...changes,
  };
}

describeOnBothEngines('the store of records', (open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });

  test("gives a user's logins of a period, newest first, no more than asked for", async () => {
    const events = [NOW, NOW + 1, NOW + 2, NOW + 3].map((at) => login({ at }));
    const strangers = [login({ userSub: null }), login({ userSub: 'other', result: 'wrong_code' })];
    for (const event of [...events, ...strangers]) await db.write(({ audit }) => audit.addLogin(event));
    const logins = (since: number, limit: number) =>
      db.read(({ audit }) => audit.loginsOf('sub', since, limit));
    expect(await logins(NOW + 1, 10)).toEqual(events.slice(1).reverse());
    expect(await logins(0, 2)).toEqual([events[3], events[2]]);
    expect(await db.read(({ audit }) => audit.loginsOf('nobody', 0, 10))).toEqual([]);
  });

  test("sweeps one contract's old logins, a batch at a time", async () => {
    for (let number = 0; number < 5; number += 1) await db.write(({ audit }) => audit.addLogin(login()));
    await db.write(({ audit }) => audit.addLogin(login({ at: NOW + 1 })));
    await db.write(({ audit }) => audit.addLogin(login({ contractId: 'other' })));
    const sweep = () => db.write(({ audit }) => audit.sweepLogins('acme', NOW + 1, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 2, 0]);
    expect(await db.count('login_events')).toBe(2);
  });

  test('keeps what was done, the newest first', async () => {
    const events: AuditEvent[] = [0, 1, 2].map((number) => ({
      id: newId(),
      actor: 'command',
      action: 'user.unlock',
      contractId: number === 0 ? null : 'acme',
      subject: number === 0 ? null : 'sub',
      details: { user_id: '利用者', number },
      at: NOW + number,
    }));
    for (const event of events) await db.write(({ audit }) => audit.add(event));
    expect(await db.read(({ audit }) => audit.list(10))).toEqual([...events].reverse());
    expect(await db.read(({ audit }) => audit.list(1))).toEqual([events[2]]);
  });
});
