import { beforeEach, expect, test } from '@jest/globals';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { NOW } from './samples.ts';

const FIVE_A_MINUTE = { points: 5, seconds: 60 };

describeOnBothEngines('the store of rate limits', (open) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await open();
  });
  const take = (key: string, now = NOW) => db.write(({ rates }) => rates.take(key, FIVE_A_MINUTE, now));

  test('allows as many as it says in a window, tells when it ends, then begins anew', async () => {
    for (let number = 0; number < 5; number += 1) expect(await take('k', NOW + number)).toBeNull();
    expect(await take('k', NOW + 10)).toBe(NOW + 60_000);
    expect(await take('k', NOW + 59_999)).toBe(NOW + 60_000);
    expect(await take('k', NOW + 60_000)).toBeNull();
    expect(await take('other')).toBeNull();
  });

  test('of 20 at once exactly five are allowed', async () => {
    const answers = await atOnce(20, () => take('k'));
    expect(answers.filter((answer) => answer === null)).toHaveLength(5);
    expect(answers.filter((answer) => answer === NOW + 60_000)).toHaveLength(15);
  });

  test('of 20 at once at the turn of a window exactly five are allowed', async () => {
    await atOnce(20, () => take('k'));
    const answers = await atOnce(20, () => take('k', NOW + 60_000));
    expect(answers.filter((answer) => answer === null)).toHaveLength(5);
  });

  test('a flood does not make the window longer or the number grow', async () => {
    for (let number = 0; number < 50; number += 1) await take('k', NOW + number);
    const rows = await db.database.read((reader) => reader.query((knex) => knex('rate_limits')));
    expect(rows).toEqual([{ key: 'k', points: 6, expires_at: NOW + 60_000 }]);
  });

  test('a limit that was lowered holds at once', async () => {
    await atOnce(4, () => take('k'));
    const lowered = await db.write(({ rates }) => rates.take('k', { points: 2, seconds: 60 }, NOW));
    expect(lowered).toBe(NOW + 60_000);
  });

  test('is cleared by key and by what keys begin with, taken literally', async () => {
    for (const key of ['mails:a:', 'mails:a:b', 'mails:ab:', 'mails:_:', 'mails:%']) {
      await atOnce(6, () => take(key));
    }
    await db.write(({ rates }) => rates.clear('mails:ab:'));
    expect(await take('mails:ab:')).toBeNull();
    await db.write(({ rates }) => rates.clearAll('mails:a:'));
    expect([await take('mails:a:'), await take('mails:a:b')]).toEqual([null, null]);
    await db.write(({ rates }) => rates.clearAll('mails:%'));
    expect(await take('mails:_:')).not.toBeNull();
    expect(await take('mails:%')).toBeNull();
  });

  test('sweeps windows that have ended, a batch at a time', async () => {
    for (let number = 0; number < 5; number += 1) await take(`k${number}`);
    await take('new', NOW + 30_000);
    const sweep = () => db.write(({ rates }) => rates.sweep(NOW + 60_001, 3));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 2, 0]);
    expect(await db.count('rate_limits')).toBe(1);
  });
});
