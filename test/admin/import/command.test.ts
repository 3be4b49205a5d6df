/** `user import` as operators run it: what it prints, its memory, and its end by signals. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { progressLine } from '../../../src/admin/commands/import-progress.ts';
import { tidyImports } from '../../../src/admin/import/open-run.ts';
import { SECOND } from '../../../src/clock.ts';
import { describeOnBothEngines, type TestDatabase } from '../../support/stores.ts';
import { deskOf } from '../desk.ts';
import { runHere } from '../sekisho.ts';
import { startSekisho } from './child.ts';

const SECRETS = 'a secret of thirty-two characters';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sekisho-import-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function fileOf(lines: readonly string[]): Promise<string> {
  files += 1;
  const name = join(folder, `${files}.csv`);
  await writeFile(name, `${lines.join('\r\n')}\r\n`);
  return name;
}

const people = (count: number) => Array.from({ length: count }, (_, at) => `u${at},u${at}@user.example,有効`);
const HEAD = 'ユーザID,メールアドレス,状態';

describeOnBothEngines('sekisho user import', (open) => {
  let db: TestDatabase;
  let env: Record<string, string>;
  beforeEach(async () => {
    db = await open();
    env = { DATABASE_URL: db.url, SECRETS };
    await runHere(env, ['contract', 'create', 'acme', '--name', '関所']);
  });
  const run = (...args: string[]) => runHere(env, ['user', 'import', 'acme', ...args]);

  test('prints what it has done, as one JSON value or in lines', async () => {
    const file = await fileOf([HEAD, ...people(3), 'u3,u3@user.example,']);
    const args = ['user', 'import', 'acme', file, '--mails-per-minute', '6', '--json'];
    const ended = await startSekisho(env, args).ended;
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(ended.out)).toEqual({
      ...{ contract: 'acme', file, encoding: 'utf-8', outcome: 'imported', rows: 4, imported: 4 },
      ...{ already_there: 0, bad: 0, past_valid_until: 0, invited: 1, mails: 1, completed_before: null },
      ...{ mails_until: expect.stringMatching(/^\d{4}-.*Z$/), bad_rows: [], bad_rows_left_out: 0 },
    });
    const again = await run(file);
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toMatch(/^imported +0$/m);
    expect(again.out).toMatch(/^already_there +4$/m);
  });

  test('names the bad rows, some on the screen and all in the report', async () => {
    const bad = Array.from({ length: 30 }, (_, at) => `=b${at},nowhere,`);
    const file = await fileOf([HEAD, ...people(2), ...bad]);
    const report = join(folder, `report-${files}.csv`);
    const refused = await run(file, '--report', report);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^line 4 \(=b0\): email: must be a mail address/m);
    expect(refused.err).toContain('… and 10 more bad rows: --report <file.csv> lists all');
    expect(refused.err).toMatch(/^error: 30 of 32 rows are bad: nothing was imported; .*--skip-bad$/m);
    expect(refused.err).not.toContain('(=b20)');
    expect(refused.out).toMatch(/^imported +0$/m);
    const lines = (await readFile(report, 'utf8')).split('\r\n');
    expect(lines).toHaveLength(32);
    expect(lines[0]).toBe('\uFEFF"line","user_id","reasons"');
    expect(lines[30]).toMatch(/^"33","'=b29","email: must be a mail address, such as .*"$/);
    expect((await run(file, '--report', report)).err).toBe(
      `error: --report: ${report} exists already: name another\n`,
    );

    const json = await run(file, '--json', '--skip-bad');
    expect(json).toMatchObject({ code: 0, err: '' });
    expect(json.json()).toMatchObject({ outcome: 'imported', imported: 2, bad: 30, bad_rows_left_out: 0 });
    expect(json.json().bad_rows[29]).toEqual({ line: 33, user_id: '=b29', reasons: [expect.any(String)] });
  });

  test('only checks: exit code 1 when the import would be refused', async () => {
    const file = await fileOf([HEAD, ...people(2), 'x,nowhere,']);
    const check = await run(file, '--dry-run', '--json');
    expect([check.code, check.json()]).toMatchObject([1, { outcome: 'refused', imported: 0, bad: 1 }]);
    const skipping = await run(file, '--dry-run', '--skip-bad', '--json');
    expect([skipping.code, skipping.json()]).toMatchObject([0, { outcome: 'checked', imported: 2, bad: 1 }]);
    expect(await db.count('users')).toBe(0);
  });

  test.each([
    [['--encoding', 'euc-jp'], /^error: --encoding: must be utf-8 or shift_jis/],
    [['--mails-per-minute', 'many'], /^error: import: --mails-per-minute: must be a whole number/],
    [['--report', '/nowhere/report.csv'], /^error: --report: /],
  ])('%j is refused', async (options, message) => {
    const ended = await run(await fileOf([HEAD, ...people(1)]), ...options);
    expect(ended).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
    expect([await db.count('users'), await db.count('import_runs')]).toEqual([0, 0]);
  });

  test('takes an encoding that it is told, in any spelling', async () => {
    const file = join(folder, 'short.csv');
    // Both UTF-8 (ﾃｱ) and Shift_JIS.
    await writeFile(file, Buffer.from('user_id,email\n\xc3\xb1,a@b.example\n', 'latin1'));
    await run(file, '--encoding', 'Shift-JIS', '--mails-per-minute', '0');
    expect((await runHere(env, ['user', 'list', 'acme'])).out).toContain('テア');
  });

  test('needs no more memory for more rows', async () => {
    const file = await fileOf([HEAD, ...people(40_000)]);
    const small = { ...env, NODE_OPTIONS: '--max-old-space-size=24' };
    const ended = await startSekisho(small, ['user', 'import', 'acme', file, '--json', '--progress']).ended;
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(JSON.parse(ended.out)).toMatchObject({ imported: 40_000 });
    expect(ended.err).toMatch(/^checked 40,000 rows \(100 %\), [\d,]+ rows\/s, about 0 s left$/m);
    expect(ended.err).toMatch(/^imported 40,000 rows \(100 %\)/m);
    expect(await db.count('import_rows')).toBe(0);
  });

  describe('ended while it works', () => {
    /** Starts an import and waits until this many rows of a table can be seen. */
    async function startUntil(table: string, count: number): Promise<ReturnType<typeof startSekisho>> {
      const child = startSekisho(env, ['user', 'import', 'acme', await fileOf([HEAD, ...people(count)])]);
      while ((await db.count(table)) === 0 && child.process.exitCode === null);
      return child;
    }
    const tidy = (seconds: number) => {
      const clock = { now: () => Date.now() + seconds * SECOND };
      return tidyImports({ ...deskOf(db).context, clock });
    };

    test('by SIGKILL before it is accepted: nothing of it is left', async () => {
      const child = await startUntil('import_rows', 40_000);
      child.process.kill('SIGKILL');
      expect((await child.ended).signal).toBe('SIGKILL');
      expect([await db.count('users'), await db.count('devices')]).toEqual([0, 0]);
      expect(await db.count('import_rows')).toBeGreaterThan(0);
      await tidy(31);
      expect([await db.count('users'), await db.count('import_rows'), await db.count('import_runs')]).toEqual(
        [0, 0, 0],
      );
    });

    test('by SIGKILL after it was accepted: it is completed', async () => {
      const COUNT = 12_000;
      const child = await startUntil('users', COUNT);
      child.process.kill('SIGKILL');
      expect((await child.ended).signal).toBe('SIGKILL');
      await tidy(31);
      expect([await db.count('users'), await db.count('devices')]).toEqual([COUNT, COUNT]);
      expect([await db.count('import_rows'), await db.count('import_runs')]).toEqual([0, 0]);
    });

    test.each(['SIGINT', 'SIGTERM'] as const)('by %s: it clears away what it has begun', async (signal) => {
      const child = await startUntil('import_rows', 40_000);
      child.process.kill(signal);
      expect(await child.ended).toMatchObject({ code: 1, err: 'error: stopped; nothing was imported\n' });
      expect([await db.count('users'), await db.count('import_rows'), await db.count('import_runs')]).toEqual(
        [0, 0, 0],
      );
    });
  });
});

describe('progress', () => {
  test.each([
    ['checking', 0, 0, 0, 'checked 0 rows (0 %)'],
    ['checking', 0.25, 50_000, 5000, 'checked 50,000 rows (25 %), 10,000 rows/s, about 15 s left'],
    ['importing', 0.01, 2000, 6000, 'imported 2,000 rows (1 %), 333 rows/s, about 10 min left'],
    ['importing', 1, 9, 3, 'imported 9 rows (100 %), 3,000 rows/s, about 0 s left'],
  ] as const)('%s %d', (step, done, rows, ms, line) => {
    expect(progressLine(step, done, rows, ms)).toBe(line);
  });
});
