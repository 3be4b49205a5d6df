import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';
import { sweep } from '../../src/database/sweeper.ts';
import { describeOnBothEngines, type TestDatabase } from '../support/stores.ts';

/** Windows of rate limits that have ended long ago. */
async function addEnded(db: TestDatabase, rows: number): Promise<void> {
  await db.database.write((writer) =>
    writer.query((knex) =>
      knex.raw(
        `insert into rate_limits (key, points, expires_at)
         with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < ?)
         select 'key ' || number, 1, 0 from numbers`,
        [rows],
      ),
    ),
  );
}

describeOnBothEngines('the sweeper', (open) => {
  test('deletes all that has ended in one sweep, however much it is', async () => {
    const db = await open();
    await addEnded(db, 30_000);
    expect(await sweep(db.uow, systemClock)).toBe(30_000);
    expect(await db.count('rate_limits')).toBe(0);
  });

  test('ends between two batches when it is told to', async () => {
    const db = await open();
    await addEnded(db, 3000);
    let turns = 0;
    const deleted = await sweep(db.uow, systemClock, () => ++turns < 12);
    expect(deleted).toBeGreaterThan(0);
    expect(await db.count('rate_limits')).toBe(3000 - deleted);
    expect(deleted).toBeLessThan(3000);
  });
});
