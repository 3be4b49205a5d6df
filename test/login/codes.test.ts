import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { begin, completes, expectProblem, post, rows, wrong } from './steps.ts';

const TABLES = [
  'contracts',
  'clients',
  'users',
  'devices',
  'browsers',
  'one_time_codes',
  'try_counters',
  'login_attempts',
  'rate_limits',
  'mails',
  'login_events',
  'audit_events',
  'provider_models',
  'keys',
];

describe.each(ENGINES)('one-time codes on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
  });
  afterAll(() => at.close());

  test('another browser with the address and the code gets nowhere', async () => {
    await at.addUser('overheard');
    const { page, code } = await begin(at, site, new Agent(), 'overheard');
    const thief = new Agent();
    expectProblem(await thief.open(page.url), 'expired_page', 410);
    const stolen = await thief.submit(page.form({ code: '' }), { code }, page.url);
    expectProblem(stolen, 'expired_page', 410);
    // Nor with a login of its own going on, under the same user ID.
    const own = await begin(at, site, thief, 'overheard');
    if (own.code !== code) {
      expectProblem(await own.page.submit({ code }), 'authentication_failed', 400);
    }
    const crossed = await thief.post(page.form({ code: '' }).action, {
      ...own.page.form({ code: '' }).fields,
      code,
    });
    expect(crossed.status).toBe(410);
    expect(completes(await post(page, { code }))).toBe(true);
  });

  test('a browser that brings the cookie of one login to the address of another gets nowhere', async () => {
    await at.addUser('mixed-up');
    const [one, two] = [new Agent(), new Agent()];
    const victim = await begin(at, site, one, 'mixed-up');
    const attacker = await site.begin(two);
    const { pathname } = new URL(victim.page.url.replace(/\/code$/, ''));
    for (const cookie of two.jar.all().filter(({ path }) => path.startsWith('/interaction/'))) {
      two.jar.set({ ...cookie, path: pathname });
    }
    expect(attacker.status).toBe(200);
    const answer = await two.submit(victim.page.form({ code: '' }), { code: victim.code }, victim.page.url);
    expectProblem(answer, 'expired_page', 410);
  });

  test('two attempts have two codes, each good for its own only', async () => {
    await at.addUser('both');
    const codes = new Set<string>();
    for (let attempt = 0; attempt < 4; attempt += 1)
      codes.add((await begin(at, site, new Agent(), 'both')).code);
    // Two of four agree by chance once in 170,000 runs.
    expect(codes.size).toBe(4);
  });

  test('has as many digits as the contract says', async () => {
    await at.setPolicy('shop', { code: { digits: 8 } });
    await at.addUser('eight');
    const { page, code } = await begin(at, site, new Agent(), 'eight');
    expect(code).toMatch(/^\d{8}$/);
    expect(page.html).toContain('8桁');
    expectProblem(await page.submit({ code: code.slice(0, 6) }), 'authentication_failed', 400);
    expect(completes(await post(page, { code }))).toBe(true);
    await at.setPolicy('shop', {});
  });

  test('the mail says what it must, and the code is not in its subject', async () => {
    await at.addUser('reader');
    const { mail, code } = await begin(at, site, new Agent(), 'reader');
    expect(mail.subject).not.toMatch(/\d{6}/);
    expect(mail.envelope.from).toBe('login@sekisho.example');
    for (const body of [mail.text, mail.html]) {
      expect(body).toContain(code);
      expect(body).toContain('見本サイト');
      expect(body).toContain('Firefox 140 (Linux)');
      expect(body).toContain('127.0.0.1');
      expect(body).toMatch(/\d{4}\/\d\d\/\d\d \d\d:\d\d/);
      expect(body).not.toContain('http://');
      expect(body).not.toContain('reader');
    }
  });

  test('is in no table and in no line of the log, before, during and after its use', async () => {
    await at.addUser('secretive');
    const codes: string[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const { page, code } = await begin(at, site, new Agent(), 'secretive');
      codes.push(code);
      if (attempt === 0) await page.submit({ code: wrong(code) });
      if (attempt === 1) await page.submit({ code });
      await expectNowhere([code]);
    }
    await at.server.mailer.idle();
    await expectNowhere(codes);
  });

  async function expectNowhere(codes: string[]): Promise<void> {
    const texts = at.logged.map((line) => JSON.stringify(line));
    for (const table of TABLES) {
      for (const row of await rows(at, table)) texts.push(...Object.values(row).map(readable));
    }
    // A code could stand by chance within a long number or a random id, so it must stand for itself.
    for (const code of codes) {
      const alone = new RegExp(`(?<![\\w-])${code}(?![\\w-])`);
      expect(texts.filter((text) => alone.test(text))).toEqual([]);
    }
  }
});

function readable(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}
