import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MINUTE } from '../../src/clock.ts';
import { expectProblem, later, post } from '../login/steps.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';

const THREE = { points: 3, seconds: 600 };
const MANY = { points: 1000 };

describe.each(ENGINES)('limits on requests on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({
      engine,
      env: { TRUST_PROXY: '1' },
      policy: { rates: { code_requests_per_address: THREE, tries_per_address: MANY } },
    });
    site = await at.addClient();
  });
  afterAll(() => at.close());

  /** One request for a code by a browser whose way here reads like this. */
  const ask = async (forwarded: string, userId = 'nobody', rp = site) => {
    const agent = new Agent({ headers: { 'x-forwarded-for': forwarded } });
    return (await rp.begin(agent)).submit({ user_id: userId });
  };
  const statuses = async (addresses: string[]) => {
    const all: number[] = [];
    for (const address of addresses) all.push((await ask(address)).status);
    return all;
  };

  test('an address has so many requests, told with the time when it goes on, and then as many again', async () => {
    expect(await statuses(Array(3).fill('198.51.100.1'))).toEqual([400, 400, 400]);
    const full = await ask('198.51.100.1');
    expectProblem(full, 'too_many_requests', 429);
    expect(full.html).toMatch(/\d\d:\d\d/);
    expect((await ask('198.51.100.2')).status).toBe(400);
    await later(at, 10 * MINUTE);
    expect(await statuses(Array(4).fill('198.51.100.1'))).toEqual([400, 400, 400, 429]);
  });

  test('what a client writes into X-Forwarded-For itself does not make it another', async () => {
    const forged = [
      '1.1.1.1, 198.51.100.9',
      '2.2.2.2, 3.3.3.3, 198.51.100.9',
      'x, 198.51.100.9:4711',
      ' 198.51.100.9',
    ];
    expect(await statuses(forged)).toEqual([400, 400, 400, 429]);
  });

  test('an IPv6 network of 64 bits is one address', async () => {
    const one = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '[2001:db8:0:1::3]:443', '2001:DB8::1:0:0:0:4'];
    expect(await statuses(one)).toEqual([400, 400, 400, 429]);
    expect((await ask('2001:db8:0:2::1')).status).toBe(400);
  });

  test('exactly so many at once', async () => {
    const firsts = await Promise.all(
      Array.from({ length: 10 }, () =>
        site.begin(new Agent({ headers: { 'x-forwarded-for': '198.51.100.77' } })),
      ),
    );
    const answers = await Promise.all(firsts.map((first) => post(first, { user_id: 'nobody' })));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
  });

  test('tries of an address, over all accounts, and the page of the code leads on when it is over', async () => {
    await at.setPolicy('shop', { rates: { code_requests_per_address: MANY, tries_per_address: THREE } });
    for (const number of [1, 2, 3, 4]) {
      await at.addUser(`target-${number}`);
      const page = await ask('203.0.113.1', `target-${number}`);
      const tried = await page.submit({ code: '000000' });
      if (number < 4) expectProblem(tried, 'authentication_failed', 400);
      else expectProblem(tried, 'too_many_requests', 429);
    }
  });

  test('a whole contract, and no other contract with it', async () => {
    await at.addContract('small', { rates: { code_requests_per_contract: THREE } });
    const small = await at.addClient({ contract: 'small' });
    const all: number[] = [];
    for (let number = 0; number < 5; number += 1)
      all.push((await ask(`192.0.2.${number}`, 'nobody', small)).status);
    expect(all).toEqual([400, 400, 400, 429, 429]);
    expect((await ask('192.0.2.1')).status).toBe(400);
  });
});

describe('without a trusted proxy', () => {
  test('X-Forwarded-For is nothing, and the history has the real address', async () => {
    const at = await startInstallation({ policy: { rates: { code_requests_per_address: THREE } } });
    try {
      const site = await at.addClient();
      const all: number[] = [];
      for (let number = 0; number < 4; number += 1) {
        const agent = new Agent({
          localAddress: '127.0.0.7',
          headers: { 'x-forwarded-for': `192.0.2.${number}` },
        });
        all.push((await (await site.begin(agent)).submit({ user_id: 'nobody' })).status);
      }
      expect(all).toEqual([400, 400, 400, 429]);
      const events = await at.server.database.read((reader) =>
        reader.query<{ address: string }>((knex) => knex('login_events')),
      );
      expect(new Set(events.map(({ address }) => address))).toEqual(new Set(['127.0.0.7']));
    } finally {
      await at.close();
    }
  });
});
