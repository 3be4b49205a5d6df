import { beforeEach, describe, expect, test } from '@jest/globals';
import { DAY } from '../../src/clock.ts';
import type { Invitation } from '../../src/credentials/invitation-store.ts';
import { newId } from '../../src/secrets.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { addContract, addUser, NOW } from './samples.ts';

describeOnBothEngines('what a registration leaves', (open) => {
  let db: TestDatabase;
  let sub: string;
  beforeEach(async () => {
    db = await open();
    await addContract(db);
    sub = await addUser(db);
  });

  describe('passwords', () => {
    const password = (hash: string, at = NOW) => ({ userSub: sub, hash, createdAt: at, updatedAt: at });

    test('a user has one, the last that was set', async () => {
      expect(await db.read(({ passwords }) => passwords.find(sub))).toBeUndefined();
      await db.write(({ passwords }) => passwords.set(password('one')));
      await db.write(({ passwords }) => passwords.set(password('two', NOW + 1)));
      expect(await db.read(({ passwords }) => passwords.find(sub))).toEqual(password('two', NOW + 1));
      await db.write(({ passwords }) => passwords.remove(sub));
      expect(await db.count('passwords')).toBe(0);
    });

    test('a hash is made anew only for the password that was verified', async () => {
      await db.write(({ passwords }) => passwords.set(password('old')));
      const rehash = (from: string, to: string) =>
        db.write(({ passwords }) => passwords.rehash(sub, from, to, NOW + 5));
      expect(await rehash('another', 'new')).toBe(false);
      const all = await atOnce(10, (index) => rehash('old', `new ${index}`));
      expect(all.filter(Boolean)).toHaveLength(1);
      const kept = await db.read(({ passwords }) => passwords.find(sub));
      expect(kept).toMatchObject({ createdAt: NOW, updatedAt: NOW + 5 });
    });

    test('goes with its user', async () => {
      await db.write(({ passwords }) => passwords.set(password('one')));
      await db.write(({ users }) => users.delete(sub));
      expect(await db.count('passwords')).toBe(0);
    });
  });

  test('a secret answer keeps the words of its question', async () => {
    const question = { id: 'first_pet', ja: '最初に飼ったペットの名前は？', en: 'Your first pet?' };
    const answer = { userSub: sub, question, hash: 'one', createdAt: NOW, updatedAt: NOW };
    await db.write(({ answers }) => answers.set(answer));
    expect(await db.read(({ answers }) => answers.find(sub))).toEqual(answer);
    const other = { ...answer, question: { ...question, id: 'first_school' }, hash: 'two' };
    await db.write(({ answers }) => answers.set(other));
    expect(await db.read(({ answers }) => answers.find(sub))).toEqual(other);
    await db.write(({ users }) => users.delete(sub));
    expect(await db.count('secret_answers')).toBe(0);
  });

  test('a secret answer is replaced only in place of the one that was read, by one of many', async () => {
    const question = { id: 'first_pet', ja: '最初に飼ったペットの名前は？', en: 'Your first pet?' };
    const answer = { userSub: sub, question, hash: 'old', createdAt: NOW, updatedAt: NOW };
    const replace = (from: string, hash: string) =>
      db.write(({ answers }) => answers.replace({ ...answer, hash, createdAt: NOW + 5 }, from));
    expect(await replace('old', 'new')).toBe(false);
    await db.write(({ answers }) => answers.set(answer));
    expect(await replace('another', 'new')).toBe(false);
    const all = await atOnce(10, (index) => replace('old', `new ${index}`));
    expect(all.filter(Boolean)).toHaveLength(1);
    const kept = await db.read(({ answers }) => answers.find(sub));
    expect(kept).toMatchObject({ question, hash: `new ${all.indexOf(true)}`, createdAt: NOW + 5 });
  });

  describe('invitations', () => {
    async function issue(changes: Partial<Invitation> = {}): Promise<Invitation> {
      const invitation: Invitation = {
        id: newId(),
        userSub: sub,
        contractId: 'acme',
        tokenHash: newId(),
        secretId: 'secret',
        codeId: newId(),
        createdAt: NOW,
        expiresAt: NOW + 14 * DAY,
        remindAt: NOW + 11 * DAY,
        spentAt: null,
        ...changes,
      };
      await db.write(({ invitations }) => invitations.issue(invitation));
      return invitation;
    }

    test('are found by id, by token and by user', async () => {
      const invitation = await issue();
      const found = await db.read(async ({ invitations }) => [
        await invitations.find(invitation.id),
        await invitations.findByToken(invitation.tokenHash),
        await invitations.ofUser(sub),
      ]);
      expect(found).toEqual([invitation, invitation, invitation]);
      expect(await db.read(({ invitations }) => invitations.findByToken('guess'))).toBeUndefined();
    });

    test('a new one ends the old', async () => {
      const old = await issue();
      const renewed = await issue({ createdAt: NOW + 1 });
      expect(await db.read(({ invitations }) => invitations.findByToken(old.tokenHash))).toBeUndefined();
      expect(await db.read(({ invitations }) => invitations.ofUser(sub))).toEqual(renewed);
      expect(await db.write(({ invitations }) => invitations.spend(old.id, NOW + 2))).toBe(false);
    });

    test('one of many at once spends it, and only before it ends', async () => {
      const late = await issue();
      expect(await db.write(({ invitations }) => invitations.spend(late.id, late.expiresAt))).toBe(false);
      const all = await atOnce(20, () => db.write(({ invitations }) => invitations.spend(late.id, NOW + 1)));
      expect(all.filter(Boolean)).toHaveLength(1);
      expect(await db.read(({ invitations }) => invitations.find(late.id))).toMatchObject({
        spentAt: NOW + 1,
      });
    });

    test('an unused one is reminded of by one of many, once', async () => {
      const { id, remindAt } = await issue();
      const due = (now: number) => db.read(({ invitations }) => invitations.dueReminders(now, 10));
      const take = (now: number) => db.write(({ invitations }) => invitations.takeReminder(id, now));
      expect(await due((remindAt ?? 0) - 1)).toEqual([]);
      expect(await take((remindAt ?? 0) - 1)).toBe(false);
      expect((await due(remindAt ?? 0)).map((each) => each.id)).toEqual([id]);
      const taken = await atOnce(10, () => take(remindAt ?? 0));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await due(remindAt ?? 0)).toEqual([]);
    });

    test('a used one is not', async () => {
      const { id, remindAt } = await issue();
      await db.write(({ invitations }) => invitations.spend(id, NOW));
      expect(await db.read(({ invitations }) => invitations.dueReminders(remindAt ?? 0, 10))).toEqual([]);
      expect(await db.write(({ invitations }) => invitations.takeReminder(id, remindAt ?? 0))).toBe(false);
    });

    test('are withdrawn, and swept some time after their end', async () => {
      await issue();
      await db.write(({ invitations }) => invitations.withdraw(sub));
      expect(await db.count('invitations')).toBe(0);
      const { expiresAt } = await issue();
      const sweep = (before: number) => db.write(({ invitations }) => invitations.sweep(before, 10));
      expect(await sweep(expiresAt)).toBe(0);
      expect(await sweep(expiresAt + 1)).toBe(1);
    });
  });
});

describeOnBothEngines('tries that were right', (open) => {
  const scope = { account: 'account', browser: '' };
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });
  const count = () => db.write(({ tries }) => tries.count(scope, 3, NOW));
  const giveBack = () => db.write(({ tries }) => tries.giveBack(scope));

  test('are taken back, so that only wrong ones add up', async () => {
    await count();
    await count();
    await giveBack();
    expect(await count()).toBe(2);
  });

  test('never below none, and never of a lock', async () => {
    await count();
    await atOnce(5, giveBack);
    expect(await count()).toBe(1);
    await count();
    await count();
    await db.write(({ tries }) => tries.lock(scope, null, NOW));
    await giveBack();
    expect(await db.read(({ tries }) => tries.find(scope))).toMatchObject({ tries: 3, lockedAt: NOW });
    expect(await count()).toBeUndefined();
  });
});
