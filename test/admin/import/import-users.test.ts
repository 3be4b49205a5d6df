/** What an import makes of a file, on both engines. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AdminContext } from '../../../src/admin/context.ts';
import { createContract } from '../../../src/admin/create-contract.ts';
import { createUser } from '../../../src/admin/create-user.ts';
import { type ImportInput, type ImportWatch, importUsers } from '../../../src/admin/import/import-users.ts';
import { tidyImports } from '../../../src/admin/import/open-run.ts';
import type { BadRow } from '../../../src/admin/import/read-row.ts';
import { DAY, MINUTE, SECOND } from '../../../src/clock.ts';
import type { PolicyInput } from '../../../src/contracts/policy.ts';
import { mailBudgetKey } from '../../../src/credentials/account-scope.ts';
import { describeOnBothEngines, type TestDatabase } from '../../support/stores.ts';
import { type Desk, deskOf, START } from '../desk.ts';

const BCRYPT = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';
const ALL: PolicyInput = { login_methods: ['otp', 'password', 'password+otp'] };
const EXCEL = join(import.meta.dirname, 'files', 'excel-shift-jis.csv');
const TABLES = ['users', 'devices', 'passwords', 'invitations', 'one_time_codes', 'mails', 'audit_events'];

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

/** A file of users `u0000` and on, with an address each. */
const people = (count: number, from = 0, more = '') =>
  Array.from({ length: count }, (_, at) => {
    const id = `u${String(from + at).padStart(4, '0')}`;
    return `${id},${id}@user.example${more}`;
  });
const HEAD = 'user_id,email';

interface Asked extends Partial<ImportInput>, Partial<ImportWatch> {
  readonly context?: AdminContext;
}

describeOnBothEngines('an import', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  beforeEach(async () => {
    db = await open();
    desk = deskOf(db);
    await createContract(desk.context, { id: 'acme', name: '関所', policy: ALL });
  });

  async function run(lines: readonly string[] | string, asked: Asked = {}) {
    const bad: BadRow[] = [];
    const { context = desk.context, progress = () => {}, stop, ...options } = asked;
    const file = typeof lines === 'string' ? lines : await fileOf(lines);
    const input = { contractId: 'acme', mailsPerMinute: 0, file, ...options };
    const watch = { bad: (row: BadRow) => bad.push(row), progress, ...(stop ? { stop } : {}) };
    const result = await importUsers(context, input, watch);
    return { ...result, bad };
  }
  const rows = (table: string): Promise<Record<string, unknown>[]> =>
    db.database.read((reader) => reader.query((knex) => knex(table).select('*').orderBy(1)));
  const everything = async () =>
    Object.fromEntries(await Promise.all(TABLES.map(async (name) => [name, await rows(name)])));
  const nothingLeft = async () => {
    expect([await db.count('import_runs'), await db.count('import_rows')]).toEqual([0, 0]);
  };
  const find = (userId: string) => db.read(({ users }) => users.findByUserId('acme', userId));

  test('makes users with their addresses, passwords and dates', async () => {
    const result = await run([
      'user_id,email,device_type,email2,device_type2,method,password_hash,valid_until,locale',
      `P-01,taro@example.co.jp,パソコン,a..b@docomo.ne.jp,携帯電話,password+otp,${BCRYPT},2027/3/31,en`,
      'P-02,hanako@example.co.jp,smartphone,,,otp,,,',
    ]);
    const none = {
      bad: 0,
      alreadyThere: 0,
      pastDate: 0,
      toInvite: 0,
      invited: 0,
      mails: 0,
      nextMailAt: null,
    };
    expect(result).toEqual({
      ...{ outcome: 'imported', encoding: 'utf-8', completed: null, bad: [] },
      counts: { rows: 2, imported: 2, ...none },
    });
    const taro = await find('p-01');
    expect(taro).toEqual({
      ...{ sub: expect.stringMatching(/^[\w-]{22}$/), contractId: 'acme', userId: 'P-01', unlockAt: null },
      ...{
        loginMethod: 'password+otp',
        state: 'active',
        locale: 'en',
        signOuts: 0,
        createdAt: START,
        updatedAt: START,
      },
      validUntil: Date.parse('2027-04-01T00:00:00+09:00'),
    });
    const sub = taro?.sub ?? '';
    const times = { confirmedAt: START, createdAt: START };
    expect(await db.read(({ users }) => users.devices(sub))).toEqual([
      { number: 1, address: 'taro@example.co.jp', type: 'pc', ...times },
      { number: 2, address: 'a..b@docomo.ne.jp', type: 'mobile', ...times },
    ]);
    const password = { userSub: sub, hash: BCRYPT, createdAt: START, updatedAt: START };
    expect(await db.read(({ passwords }) => passwords.find(sub))).toEqual(password);
    expect(await find('p-02')).toMatchObject({ state: 'invited', loginMethod: 'otp', validUntil: null });
    expect([await db.count('devices'), await db.count('passwords')]).toEqual([3, 1]);
    await nothingLeft();
  });

  test('reads what Excel in Japan saves', async () => {
    const { encoding, counts } = await run(EXCEL);
    expect([encoding, counts.rows, counts.imported]).toEqual(['shift_jis', 3, 3]);
    const found = await find('関所1髙~');
    expect(found).toMatchObject({ userId: '関所1髙~', state: 'invited' });
    const devices = await db.read(({ users }) => users.devices(found?.sub ?? ''));
    expect(devices.map(({ address, type }) => [address, type])).toEqual([
      ['taro@example.co.jp', 'pc'],
      ['a..b@docomo.ne.jp', 'mobile'],
    ]);
    expect(await find('p-02')).toMatchObject({ state: 'active' });
  });

  test('leaves one event in the audit trail, with numbers and nothing personal', async () => {
    await run([HEAD, ...people(3)], { mailsPerMinute: 60 });
    const [event, ...more] = (await desk.trail()).filter(({ action }) => action === 'user.import');
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      ...{ actor: 'command', contractId: 'acme', at: START },
      details: { rows: 3, imported: 3, already_there: 0, bad: 0, invited: 3, mails: 3, mails_per_minute: 60 },
    });
    expect(JSON.stringify(event)).not.toContain('u000');
  });

  describe('with bad rows', () => {
    const lines = [HEAD, ...people(3), 'x,nowhere', ...people(1, 9), ',a@b.example', 'U0001 ,c@d.example'];
    const bad = [
      { line: 5, userId: 'x', reasons: [expect.stringMatching(/^email: must be a mail address/)] },
      { line: 7, userId: '', reasons: [expect.stringMatching(/^user_id: /)] },
      { line: 8, userId: 'U0001', reasons: ['user_id: is that of line 3'] },
    ];

    test('changes nothing and names them all', async () => {
      const before = await everything();
      const result = await run(lines);
      expect(result).toMatchObject({ outcome: 'refused', counts: { rows: 7, bad: 3 }, bad });
      expect(await everything()).toEqual(before);
      await nothingLeft();
    });

    test('of bad rows alone imports nobody', async () => {
      const { counts, outcome } = await run([HEAD, 'x,nowhere', 'y,nowhere'], { skipBad: true });
      expect([outcome, counts]).toMatchObject(['imported', { rows: 2, bad: 2, imported: 0 }]);
    });

    test('leaves them out where it is told to', async () => {
      const result = await run(lines, { skipBad: true });
      expect(result).toMatchObject({ outcome: 'imported', counts: { rows: 7, bad: 3, imported: 4 }, bad });
      expect((await rows('users')).map(({ user_id }) => user_id).sort()).toEqual([
        'u0000',
        'u0001',
        'u0002',
        'u0009',
      ]);
    });
  });

  test('finds user IDs that are there twice, however far apart', async () => {
    const { bad, outcome } = await run([HEAD, ...people(600), 'Ｕ0000,a@b.example', 'u0599,a@b.example,']);
    expect(outcome).toBe('refused');
    expect(bad.map(({ line, reasons }) => [line, ...reasons])).toEqual([
      [602, 'user_id: is that of line 2'],
      [603, 'user_id: is that of line 601'],
    ]);
  });

  test('of the same file a second time changes nothing', async () => {
    const lines = [`${HEAD},password_hash`, ...people(300, 0, `,${BCRYPT}`), 'again,a@b.example,'];
    await run(lines, { mailsPerMinute: 60 });
    const before = await everything();
    desk.advance(DAY);
    const again = await run(
      [...lines.slice(0, 5).map((line) => line.replace('@user', '@other')), ...lines.slice(5)],
      {
        mailsPerMinute: 60,
      },
    );
    expect(again.counts).toMatchObject({ rows: 301, imported: 0, alreadyThere: 301, invited: 0, bad: 0 });
    const { audit_events: events, ...after } = await everything();
    expect({ ...after, audit_events: events?.slice(0, -1) }).toEqual({
      ...before,
      audit_events: expect.anything(),
    });
    await nothingLeft();
  });

  test('adds what is new to what is there', async () => {
    await run([HEAD, ...people(2)]);
    const { counts } = await run([HEAD, ...people(4)]);
    expect(counts).toMatchObject({ imported: 2, alreadyThere: 2 });
  });

  test('lets stand a user who is created while it runs', async () => {
    let created: Promise<unknown> | undefined;
    const { outcome, counts } = await run([HEAD, ...people(300)], {
      progress: (step) => {
        if (step !== 'checking') return;
        const devices = [{ address: 'other@user.example' }];
        created ??= createUser(desk.context, { contractId: 'acme', userId: 'u0299', devices, active: true });
      },
    });
    // Either may be the first; the other is told.
    const first = await created?.then(
      () => true,
      () => false,
    );
    expect([outcome, counts.imported + counts.alreadyThere]).toEqual(['imported', 300]);
    expect(counts.alreadyThere).toBe(first ? 1 : 0);
    expect(await find('u0299')).toMatchObject({ state: first ? 'active' : 'invited' });
    expect([await db.count('users'), await db.count('devices')]).toEqual([300, 300]);
  });

  test('does not hold against users what strangers tried before', async () => {
    const scopes = ['u0000', 'u0001', 'other'].map((id) => ({ account: desk.accountOf(id), browser: '' }));
    const [tried, mailed, other] = scopes as [(typeof scopes)[0], (typeof scopes)[0], (typeof scopes)[0]];
    const MAILS = { points: 1, seconds: 3600 };
    await db.write(async ({ tries, rates }) => {
      for (const scope of [tried, other]) {
        await tries.count(scope, 5, START);
        await tries.lock(scope, null, START);
      }
      for (const scope of [mailed, other]) await rates.take(mailBudgetKey(scope), MAILS, START);
    });
    await run([HEAD, ...people(3)], { dryRun: true });
    expect(await db.read(({ tries }) => tries.find(tried))).toMatchObject({ lockedAt: START });
    await run([HEAD, ...people(3)]);
    await db.write(async ({ tries, rates }) => {
      expect([await tries.find(tried), (await tries.find(other))?.lockedAt]).toEqual([undefined, START]);
      expect(await rates.take(mailBudgetKey(mailed), MAILS, START)).toBeNull();
      expect(await rates.take(mailBudgetKey(other), MAILS, START)).not.toBeNull();
    });
  });

  test('only to see what would be: says it and changes nothing', async () => {
    await createUser(desk.context, {
      contractId: 'acme',
      userId: 'u0000',
      devices: [{ address: 'a@b.example' }],
      active: true,
    });
    const before = await everything();
    const result = await run([HEAD, ...people(3)], { dryRun: true, mailsPerMinute: 60 });
    const counts = { rows: 3, imported: 2, alreadyThere: 1, invited: 2, mails: 2 };
    expect(result).toMatchObject({ outcome: 'checked', counts });
    expect(await everything()).toEqual(before);
    await nothingLeft();
  });

  test('that is stopped has changed nothing', async () => {
    const before = await everything();
    const stop = new AbortController();
    const progress = () => stop.abort();
    await expect(run([HEAD, ...people(300)], { stop: stop.signal, progress })).rejects.toThrow(
      'nothing was imported',
    );
    expect(await everything()).toEqual(before);
    await nothingLeft();
  });

  test.each<[lines: string[], asked: Asked, message: RegExp]>([
    [[''], {}, /is empty/],
    [['user_id;email'], {}, /cells are separated by semicolons: the separator must be a comma/],
    [[HEAD, 'a,"b'], {}, /line 2: a quotation mark is opened/],
    [[HEAD, ...people(1)], { contractId: 'nobody' }, /there is no contract "nobody"/],
    [[HEAD, ...people(1)], { mailsPerMinute: -1 }, /must be a whole number from 0 to 10000/],
    [[HEAD, ...people(1)], { mailsPerMinute: 1.5 }, /must be a whole number/],
    [[HEAD, ...people(1)], { mailsPerMinute: Number.NaN }, /must be a whole number/],
  ])('of what cannot be used as a whole is refused: %j %j', async (lines, asked, message) => {
    const before = await everything();
    await expect(run(lines, asked)).rejects.toThrow(message);
    expect(await everything()).toEqual(before);
    await nothingLeft();
  });

  test('of a header alone is one of nobody', async () => {
    expect(await run([HEAD])).toMatchObject({ outcome: 'imported', counts: { rows: 0, imported: 0 } });
  });

  describe('invites', () => {
    const mails = async () =>
      (await rows('mails'))
        .map(
          (mail) =>
            ({ ...mail, due: (Number(mail.due_at) - START) / SECOND }) as Record<string, unknown> & {
              due: number;
            },
        )
        .sort((a, b) => a.due - b.due || String(a.kind).localeCompare(String(b.kind)));
    const policyOf = (id: string, policy: PolicyInput) =>
      createContract(desk.context, { id, name: id, policy });

    test('so many a minute, and each invitation lasts as long as the others', async () => {
      const { counts } = await run([HEAD, ...people(4)], { mailsPerMinute: 6 });
      expect(counts).toMatchObject({ invited: 4, mails: 4, nextMailAt: START + 40 * SECOND });
      const sent = await mails();
      expect(sent.map(({ due, recipient, kind }) => [due, recipient, kind])).toEqual(
        [0, 10, 20, 30].map((due, at) => [due, `u000${at}@user.example`, 'invitation']),
      );
      for (const { due, invitation_id: id, code_id: codeId, give_up_at: end } of sent) {
        const invitation = await db.read(({ invitations }) => invitations.find(String(id)));
        const at = START + due * SECOND;
        expect(invitation).toMatchObject({ createdAt: at, expiresAt: at + 14 * DAY, codeId, spentAt: null });
        expect(invitation?.remindAt).toBe(at + 11 * DAY);
        expect(end).toBe(at + 14 * DAY);
      }
    });

    test('counts every mail, of all addresses and of two mails each', async () => {
      await policyOf('two', { registration: { delivery: 'two_mails' } });
      const lines = [
        'user_id,email,email2',
        'a,a1@b.example,a2@b.example',
        'b,b1@b.example,',
        'c,c1@b.example,',
      ];
      const dry = await run(lines, { contractId: 'two', mailsPerMinute: 60, dryRun: true });
      const { counts } = await run(lines, { contractId: 'two', mailsPerMinute: 60 });
      expect([counts.mails, dry.counts.mails]).toEqual([8, 8]);
      expect((await mails()).map(({ due }) => due)).toEqual([0, 0, 0, 0, 4, 4, 6, 6]);
    });

    test('at one rate over many units of work', async () => {
      await run([HEAD, ...people(600)], { mailsPerMinute: 600 });
      const due = (await mails()).map(({ due_at: at }) => Number(at) - START);
      expect(due).toEqual(Array.from({ length: 600 }, (_, at) => at * 100));
    });

    test('nobody where the rate is nothing, nobody who is active, nobody who is past the date', async () => {
      await run([HEAD, ...people(1)], { mailsPerMinute: 0 });
      const file = [
        `${HEAD},state,valid_until`,
        ...people(1, 1, ',active,'),
        ...people(1, 2, ',,2026-01-01'),
      ];
      for (const dryRun of [true, false]) {
        const { counts } = await run(file, { mailsPerMinute: 60, dryRun });
        expect(counts).toMatchObject({ imported: 2, pastDate: 1, invited: 0, mails: 0 });
      }
      expect([await db.count('users'), await db.count('mails'), await db.count('invitations')]).toEqual([
        3, 0, 0,
      ]);
    });

    test('by the administrator where the contract wants it, and not at all where nobody would get it', async () => {
      const registration = { delivery: 'administrator' } as const;
      await policyOf('told', {
        registration,
        administrator: { name: '山田', emails: ['admin@example.co.jp'] },
      });
      const { counts } = await run([HEAD, ...people(2)], { contractId: 'told', mailsPerMinute: 60 });
      expect(counts).toMatchObject({ invited: 2, mails: 4 });
      expect((await mails()).map(({ kind }) => kind)).toEqual([
        ...['handover', 'invitation_notice', 'handover', 'invitation_notice'],
      ]);
      await policyOf('untold', { registration });
      const before = await everything();
      const asked = { contractId: 'untold', mailsPerMinute: 60 };
      await expect(run([HEAD, ...people(2)], asked)).rejects.toThrow(/administrator\.emails/);
      expect(await everything()).toEqual(before);
      await nothingLeft();
      await run([HEAD, ...people(2)], { ...asked, mailsPerMinute: 0 });
    });
  });

  describe('beside another', () => {
    test('into the same contract: one of the two is refused', async () => {
      const runs = await Promise.allSettled([run([HEAD, ...people(300)]), run([HEAD, ...people(300, 300)])]);
      const refused = runs.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      expect(refused).toMatchObject([
        { code: 'busy', message: expect.stringContaining('try again in 30 s') },
      ]);
      expect(await db.count('users')).toBe(300);
      await nothingLeft();
    });

    test('into another contract: both are done', async () => {
      await createContract(desk.context, { id: 'other', name: 'x' });
      await Promise.all([run([HEAD, ...people(300)]), run([HEAD, ...people(300)], { contractId: 'other' })]);
      expect(await db.count('users')).toBe(600);
      await nothingLeft();
    });
  });

  describe('that is broken off', () => {
    const lines = [`${HEAD},state`, ...people(260, 0, ','), ...people(20, 900, ',active')];

    /** A process that dies: of what it does only so many units of work reach the database. */
    function dying(units: number): { context: AdminContext; died(): boolean } {
      let left = units;
      const { uow } = desk.context;
      const write: typeof uow.write = async (work) => {
        left -= 1;
        if (left < 0) throw new Error('killed');
        return uow.write(work);
      };
      return { context: { ...desk.context, uow: { read: uow.read, write } }, died: () => left < 0 };
    }
    const state = async () => {
      const [users, devices, invitations, codes, mails] = await Promise.all(
        ['users', 'devices', 'invitations', 'one_time_codes', 'mails'].map((table) => db.count(table)),
      );
      return { users, devices, invitations, codes, mails };
    };
    const NOBODY = { users: 0, devices: 0, invitations: 0, codes: 0, mails: 0 };
    const ALL_OF_THEM = { users: 280, devices: 280, invitations: 260, codes: 260, mails: 260 };

    test('wherever that happens: everybody is there in the end, or nobody', async () => {
      const ends: ('nobody' | 'everybody')[] = [];
      for (let died = true; died; ) {
        db = await open();
        desk = deskOf(db);
        await createContract(desk.context, { id: 'acme', name: '関所', policy: ALL });
        const process = dying(ends.length);
        await run(lines, { context: process.context, mailsPerMinute: 60 }).catch(() => {});
        died = process.died();
        // Too early to be sure that it is dead.
        desk.advance(29 * SECOND);
        const before = await state();
        await tidyImports(desk.context);
        expect(await state()).toEqual(before);
        desk.advance(2 * SECOND);
        await Promise.all([tidyImports(desk.context), tidyImports(desk.context)]);
        const after = await state();
        expect([NOBODY, ALL_OF_THEM]).toContainEqual(after);
        await nothingLeft();
        const events = (await desk.trail()).filter(({ action }) => action === 'user.import');
        expect(events).toHaveLength(after.users === 0 ? 0 : 1);
        ends.push(after.users === 0 ? 'nobody' : 'everybody');
        await db.close();
      }
      // Beginning, two pieces of the file, acceptance; two pieces of users, the end, clearing, closing.
      expect(ends).toEqual([...Array(4).fill('nobody'), ...Array(6).fill('everybody')]);
    });

    test('is completed, or cleared away, by the next import into the contract', async () => {
      await expect(run(lines, { context: dying(2).context, mailsPerMinute: 60 })).rejects.toThrow('killed');
      await expect(run([HEAD, ...people(1)])).rejects.toThrow('if it was broken off, try again in 30 s');
      desk.advance(31 * SECOND);
      expect(await run([HEAD, ...people(1, 5000)])).toMatchObject({
        completed: null,
        counts: { imported: 1 },
      });
      expect(await db.count('users')).toBe(1);
      await expect(run(lines, { context: dying(5).context, mailsPerMinute: 60 })).rejects.toThrow(
        /was accepted and then broken off: killed; a running server, or the next import into the contract, completes it/,
      );
      desk.advance(31 * SECOND);
      expect(await run(lines)).toMatchObject({
        completed: { imported: 280, invited: 260 },
        counts: { imported: 0, alreadyThere: 280 },
      });
      expect(await db.count('users')).toBe(281);
    });

    test.each([
      ['reading', 2, 0],
      ['reading', 3, 0],
      ['accepting', 4, 0],
      ['importing', 5, 260],
      ['importing', 6, 260],
      ['ending', 7, 260],
    ])(
      'while %s (%d), and goes on after that: it ends, and nobody is there twice',
      async (_, unit, users) => {
        let left = unit;
        const { uow } = desk.context;
        const write: typeof uow.write = async (work) => {
          left -= 1;
          if (left === 0) {
            desk.advance(MINUTE);
            await tidyImports(desk.context);
          }
          return uow.write(work);
        };
        const context = { ...desk.context, uow: { read: uow.read, write } };
        await expect(run([HEAD, ...people(260)], { context, mailsPerMinute: 60 })).rejects.toThrow(
          'taken for broken off, and was ended',
        );
        expect(await state()).toEqual({
          users,
          devices: users,
          invitations: users,
          codes: users,
          mails: users,
        });
        await nothingLeft();
      },
    );
  });
});
