import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../src/clock.ts';
import type { Claim, Settlement } from '../../src/mail/mail.ts';
import { ENGINES, type Outbox, Outboxes } from './outbox.ts';

const accepted = (at: number): Settlement => ({ state: 'handed_over', tried: true, reply: '250 ok', at });

describe.each(ENGINES)('the outbox on %s', (engine) => {
  const outboxes = new Outboxes(engine);
  let outbox: Outbox;
  let now: number;
  const claimOf = (by: string): Claim => ({ by, until: now + 15 * SECOND });
  const claimDue = (by: string, at = now, limit = 10) =>
    outbox.work.write(({ mails }) => mails.claimDue({ by, until: at + 15 * SECOND }, at, limit));

  beforeEach(async () => {
    outbox = await outboxes.open();
    now = outbox.clock.now();
  });
  afterEach(() => outbox.close());
  afterAll(() => outboxes.close());

  test('gives a mail back as it was added', async () => {
    const { mails } = await outbox.ask(['taro@example.com']);
    expect(await claimDue('one')).toEqual([{ ...mails[0], state: 'waiting', tries: 0, lastReply: null }]);
  });

  test('claims each due mail once, the longest due first', async () => {
    const { mails: first } = await outbox.ask(['a@example.com']);
    outbox.clock.advance(1);
    const { mails: second } = await outbox.ask(['b@example.com', 'c@example.com']);
    const taken = await Promise.all(['x', 'y', 'z'].map((by) => claimDue(by, now + 1, 1)));
    const ids = taken.flat().map(({ id }) => id);
    expect(ids).toHaveLength(new Set(ids).size);
    expect(ids).toContain(first[0]?.id);
    await claimDue('x', now + 1);
    expect(await claimDue('y', now + 1)).toEqual([]);
    expect(second).toHaveLength(2);
  });

  test('many processes that claim at once never get the same mail', async () => {
    await outbox.ask(Array.from({ length: 60 }, (_, number) => `u${number}@example.com`));
    const taken = await Promise.all(
      Array.from({ length: 12 }, (_, number) => claimDue(`p${number}`, now, 10)),
    );
    const ids = taken.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    while ((await claimDue('last')).length > 0);
    expect(await outbox.work.read(({ mails }) => mails.hasDue(now))).toBe(false);
  });

  test('a claim keeps others away until it runs out, and is prolonged only by its holder', async () => {
    const { mails } = await outbox.ask(['a@example.com']);
    const ids = mails.map(({ id }) => id);
    const hasDue = (at: number) => outbox.work.read((stores) => stores.mails.hasDue(at));
    expect(await hasDue(now)).toBe(true);
    await claimDue('one');
    expect(await hasDue(now + 14 * SECOND)).toBe(false);
    expect(await hasDue(now + 15 * SECOND)).toBe(true);
    const prolong = (by: string) =>
      outbox.work.write((stores) => stores.mails.extend(ids, { by, until: now + MINUTE }));
    expect(await prolong('two')).toBe(0);
    expect(await prolong('one')).toBe(1);
    expect(await hasDue(now + 59 * SECOND)).toBe(false);
    expect(await claimDue('two', now + MINUTE)).toHaveLength(1);
    expect(await prolong('one')).toBe(0);
  });

  test('only the holder of the claim settles, once', async () => {
    const { mails } = await outbox.ask(['a@example.com']);
    const id = mails[0]?.id ?? '';
    const settle = (by: string) =>
      outbox.work.write((stores) => stores.mails.settle(id, by, accepted(now + 1)));
    expect(await settle('one')).toBe(false);
    await claimDue('one');
    await claimDue('two', now + 15 * SECOND);
    expect(await settle('one')).toBe(false);
    expect(await settle('two')).toBe(true);
    expect(await settle('two')).toBe(false);
    expect(await outbox.row(id)).toMatchObject({
      state: 'handed_over',
      tries: 1,
      last_reply: '250 ok',
      settled_at: now + 1,
      claimed_by: null,
      claimed_until_at: null,
    });
  });

  test('a postponed mail waits for its time, and keeps the last answer', async () => {
    const { mails } = await outbox.ask(['a@example.com']);
    const id = mails[0]?.id ?? '';
    const settle = (settlement: Settlement) =>
      outbox.work.write((stores) => stores.mails.settle(id, 'one', settlement));
    await claimDue('one');
    expect(await settle({ state: 'waiting', tried: true, reply: '451 later', at: now + 5000 })).toBe(true);
    expect(await claimDue('one', now + 4999)).toEqual([]);
    const [again] = await claimDue('one', now + 5000);
    expect(again).toMatchObject({
      id,
      state: 'waiting',
      tries: 1,
      lastReply: '451 later',
      dueAt: now + 5000,
    });
    expect(await settle({ state: 'given_up', tried: false, reply: null, at: now + 6000 })).toBe(true);
    expect(await outbox.row(id)).toMatchObject({ state: 'given_up', tries: 1, last_reply: '451 later' });
  });

  test('tells the states of an attempt, oldest mail first', async () => {
    const { mails, code } = await outbox.ask(['a@example.com', 'b@example.com']);
    outbox.clock.advance(MINUTE);
    const resent = outbox.codeMail('a@example.com', code);
    await outbox.work.write((stores) => stores.mails.add(resent, claimOf('one')));
    await outbox.work.write((stores) => stores.mails.settle(resent.id, 'one', accepted(now)));
    const [first] = mails;
    const statesOf = (attemptId: string, codeId: string) =>
      outbox.work.read((stores) => stores.mails.statesOf(attemptId, codeId));
    const states = await statesOf(first?.attemptId ?? '', first?.codeId ?? '');
    expect(
      states
        .slice(0, 2)
        .map(({ recipient }) => recipient)
        .sort(),
    ).toEqual(['a@example.com', 'b@example.com']);
    expect(states).toMatchObject([
      { state: 'waiting', tries: 0 },
      { state: 'waiting', tries: 0 },
      { state: 'handed_over', tries: 1, recipient: 'a@example.com' },
    ]);
    expect(await statesOf(first?.attemptId ?? '', 'of another user ID before')).toEqual([]);
    expect(await statesOf('another', first?.codeId ?? '')).toEqual([]);
  });

  test('counts what waits and sweeps what no longer does, a batch at a time', async () => {
    const backlog = () => outbox.work.read(({ mails }) => mails.backlog(now));
    expect(await backlog()).toEqual({ waiting: 0, oldestAt: null });
    const { mails } = await outbox.ask(['a@example.com', 'b@example.com', 'c@example.com', 'd@example.com']);
    expect(await backlog()).toEqual({ waiting: 4, oldestAt: now });
    const planned = await outbox.work.read((stores) => stores.mails.backlog(now - 1));
    expect(planned).toEqual({ waiting: 0, oldestAt: null });
    await claimDue('one');
    for (const { id } of mails.slice(0, 3)) {
      await outbox.work.write((stores) => stores.mails.settle(id, 'one', accepted(now)));
    }
    const sweep = (before: number) => outbox.work.write((stores) => stores.mails.sweep(before, 2));
    expect(await sweep(now)).toBe(0);
    expect([await sweep(now + 1), await sweep(now + 1), await sweep(now + 1)]).toEqual([2, 1, 0]);
    expect(await backlog()).toEqual({ waiting: 1, oldestAt: now });
  });

  test('takes no more than it is asked to', async () => {
    await outbox.ask(Array.from({ length: 5 }, (_, number) => `u${number}@example.com`));
    expect(await claimDue('one', now, 2)).toHaveLength(2);
    expect(await claimDue('one', now, 2)).toHaveLength(2);
    expect(await claimDue('one', now, 2)).toHaveLength(1);
  });
});
