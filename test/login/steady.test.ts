import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY } from '../../src/clock.ts';
import { sweep } from '../../src/database/sweeper.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { later, post, rows } from './steps.ts';

const TABLES = [
  'browsers',
  'one_time_codes',
  'try_counters',
  'login_attempts',
  'rate_limits',
  'mails',
  'login_events',
  'provider_models',
  'keys',
];
const USERS = ['ann', 'bob', 'cho', 'dai'];
/** Two days each: what is kept for a month has begun to go after half of them. */
const ROUNDS = 40;

describe.each(ENGINES)('tables under steady logins on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({
      engine,
      policy: { history_days: 31, lock: { unlock_after_minutes: 60 } },
    });
    site = await at.addClient();
    for (const userId of USERS) await at.addUser(userId);
  });
  afterAll(() => at.close());

  /** A few logins, a refresh, a wrong code, an unknown ID, a login that is left half-way. */
  async function aDay(browsers: Agent[]): Promise<void> {
    for (const [index, userId] of USERS.entries()) {
      const agent = browsers[index] ?? new Agent();
      const { tokens } = await signIn(at, site, agent, userId, { prompt: 'login' });
      await site.refresh(tokens.refresh_token ?? '');
    }
    await (await site.begin(new Agent())).submit({ user_id: `nobody-${at.clock.now()}` });
    const left = await (await site.begin(new Agent())).submit({ user_id: 'ann' });
    await post(left, { code: '00000000' });
  }

  async function sizes(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const table of TABLES) counts[table] = (await rows(at, table)).length;
    return counts;
  }

  test('stop growing when what they hold has ended', async () => {
    const browsers = USERS.map(() => new Agent());
    const history: Record<string, number>[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await aDay(browsers);
      await later(at, 2 * DAY);
      await sweep(at.server.uow, at.clock);
      history.push(await sizes());
    }
    const [half, end] = [history[ROUNDS / 2 - 1] ?? {}, history[ROUNDS - 1] ?? {}];
    for (const table of TABLES) expect({ table, rows: end[table] }).toEqual({ table, rows: half[table] });
    expect(end.browsers).toBe(USERS.length);
    expect((await rows(at, 'users')).length).toBe(USERS.length);

    // Nobody comes any more: nothing is left but users, their browsers, and the keys.
    await later(at, 60 * DAY);
    await sweep(at.server.uow, at.clock);
    expect(await sizes()).toMatchObject({
      one_time_codes: 0,
      try_counters: 0,
      login_attempts: 0,
      rate_limits: 0,
      mails: 0,
      login_events: 0,
      provider_models: 0,
    });
  });
});
