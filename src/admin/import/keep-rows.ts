/** Keeps the rows of a file aside, in small units of work, and finds what is wrong with a row because of others. */
import { accountScope, mailBudgetPrefix } from '../../credentials/account-scope.ts';
import type { Stores } from '../../database/stores.ts';
import { newId } from '../../secrets.ts';
import type { AdminContext } from '../context.ts';
import type { BadRow, GoodRow, Row } from './read-row.ts';
import type { ImportRow } from './row-store.ts';
import { keep } from './run.ts';
import type { ImportRun } from './run-store.ts';

/** What became of some rows. */
export interface Kept {
  /** Rows that will be users. */
  readonly fresh: readonly GoodRow[];
  /** Rows whose user ID is taken in the contract. */
  readonly alreadyThere: number;
  /** In the order of the file. */
  readonly bad: readonly BadRow[];
}

/** One unit of work. @param some few enough for it @throws SekishoError busy */
export function keepRows(context: AdminContext, run: ImportRun, some: readonly Row[]): Promise<Kept> {
  const good = some.flatMap((row) => ('good' in row ? [row.good] : []));
  const bad = some.flatMap((row) => ('bad' in row ? [row.bad] : []));
  return context.uow.write(async (stores) => {
    await keep(stores, { ...run, aliveAt: context.clock.now() });
    const { single, repeated } = await withoutRepeated(stores, run.id, good);
    const keys = single.map(({ userIdKey }) => userIdKey);
    const taken = new Set(await stores.users.taken(run.contractId, keys));
    const accounts = await triedAccounts(stores, context, run.contractId, keys);
    await stores.importRows.add(
      single.flatMap((row) =>
        taken.has(row.userIdKey)
          ? [{ ...NOTHING, runId: run.id, userIdKey: row.userIdKey, line: row.line }]
          : rowsOf(run.id, row, accounts.get(row.userIdKey) ?? null),
      ),
    );
    const fresh = single.filter(({ userIdKey }) => !taken.has(userIdKey));
    return {
      fresh,
      alreadyThere: single.length - fresh.length,
      bad: [...bad, ...repeated].sort((a, b) => a.line - b.line),
    };
  });
}

/** Of several rows with one user ID the first counts. */
async function withoutRepeated(
  { importRows }: Stores,
  runId: string,
  rows: readonly GoodRow[],
): Promise<{ single: GoodRow[]; repeated: BadRow[] }> {
  const keys = rows.map(({ userIdKey }) => userIdKey);
  const before = await importRows.lines(runId, keys);
  const lines = new Map(before.map(({ userIdKey, line }) => [userIdKey, line]));
  const single: GoodRow[] = [];
  const repeated: BadRow[] = [];
  for (const row of rows) {
    const first = lines.get(row.userIdKey);
    if (first === undefined) {
      lines.set(row.userIdKey, row.line);
      single.push(row);
    } else {
      const reasons = [`user_id: is that of line ${first}`];
      repeated.push({ line: row.line, userId: row.userId, reasons });
    }
  }
  return { single, repeated };
}

/** The accounts, by user ID key, under which strangers' tries or mails are counted. */
async function triedAccounts(
  { tries, rates }: Stores,
  { secrets }: AdminContext,
  contractId: string,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const all = keys.map((key) => [key, accountScope(secrets, contractId, key)] as const);
  const counted = new Set(await tries.counted(all.map(([, account]) => account)));
  const mailed = new Set(await rates.counted(all.map(([, account]) => mailBudgetPrefix(account))));
  return new Map(all.filter(([, account]) => counted.has(account) || mailed.has(mailBudgetPrefix(account))));
}

const NOTHING = {
  ...{ number: 1, sub: null, userId: null, loginMethod: null, state: null, validUntil: null, locale: null },
  ...{ passwordHash: null, account: null, address: null, type: null },
};

function rowsOf(runId: string, row: GoodRow, account: string | null): ImportRow[] {
  const sub = newId();
  const { userIdKey, line, userId, method, state, validUntil, locale, passwordHash } = row;
  const own = { userId, loginMethod: method, state, validUntil, locale, passwordHash, account };
  return row.devices.map((device, index) => ({
    ...NOTHING,
    ...(index === 0 ? own : {}),
    ...{ ...device, runId, userIdKey, line, sub, number: index + 1 },
  }));
}
