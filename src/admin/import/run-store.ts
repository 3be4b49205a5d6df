/** Imports under way in the database: who works on which contract's, and how far it has come. */
import type { Writer } from '../../database/database.ts';
import { statement } from '../../database/statement.ts';
import { type Stored, table } from '../../database/table.ts';

/**
 * `reading`: rows are checked and kept aside, nobody sees any of it. `moving`: accepted, every row kept aside becomes a
 * user whatever happens to the process. `clearing`: what was kept aside is deleted.
 */
export type RunState = 'reading' | 'moving' | 'clearing';

export interface RunSettings {
  /** As the audit trail names who asked for it. */
  readonly actor: string;
  /** 0: no invitations are mailed. */
  readonly mailsPerMinute: number;
}

export interface RunCounts {
  /** Rows of the file, without its header and without blank ones. */
  readonly rows: number;
  readonly bad: number;
  readonly imported: number;
  /** Rows whose user ID was taken. */
  readonly alreadyThere: number;
  /** Rows that will be users whose last day of login is over: they are not invited. */
  readonly pastDate: number;
  /** Users to whom an invitation shall go. */
  readonly toInvite: number;
  /** Imported users to whom an invitation goes. */
  readonly invited: number;
  readonly mails: number;
  /** When the next mail's turn is (ms); null: no mail has had one. */
  readonly nextMailAt: number | null;
}

export interface ImportRun {
  readonly id: string;
  readonly contractId: string;
  readonly state: RunState;
  /** The process at work: a random name. */
  readonly holder: string;
  /** When it was last known to be (ms). */
  readonly aliveAt: number;
  /** Up to this user ID key rows have become users. */
  readonly movedTo: string;
  readonly settings: RunSettings;
  readonly counts: RunCounts;
  readonly createdAt: number;
}

export interface ImportRunStore {
  /** @returns false when another import into the contract is under way */
  open(run: ImportRun): Promise<boolean>;
  ofContract(contractId: string): Promise<ImportRun | undefined>;
  /** Those whose process was last known to be at work before, the oldest first. */
  abandoned(before: number): Promise<ImportRun[]>;
  /** Takes a run over whose process shows no life. @param seen its `aliveAt` as it was read @returns true for one caller only */
  take(id: string, seen: number, holder: string, now: number): Promise<boolean>;
  /** Writes state, progress and counts, and that the process lives. @returns false when the run is another's by now */
  save(run: ImportRun): Promise<boolean>;
  close(id: string): Promise<void>;
}

type StoredRun = Stored<ImportRun, 'settings' | 'counts'>;
const runs = table<StoredRun>('import_runs', {
  id: 'id',
  contractId: 'contract_id',
  state: 'state',
  holder: 'holder',
  aliveAt: 'alive_at',
  movedTo: 'moved_to',
  settings: 'settings',
  counts: 'counts',
  createdAt: 'created_at',
});

const openRun = statement<StoredRun>((knex, p) => runs.insert(knex, p).onConflict('contract_id').ignore());
const findRun = statement<{ contractId: string }, StoredRun>((knex, p) =>
  runs.select(knex).where({ contract_id: p.contractId }),
);
const abandonedRuns = statement<{ before: number }, StoredRun>((knex, p) =>
  runs.select(knex).where('alive_at', '<', p.before).orderBy('alive_at'),
);
const takeRun = statement<{ id: string; seen: number; holder: string; now: number }>((knex, p) =>
  knex('import_runs').where({ id: p.id, alive_at: p.seen }).update({ holder: p.holder, alive_at: p.now }),
);
const saveRun = statement<{
  id: string;
  holder: string;
  state: string;
  aliveAt: number;
  movedTo: string;
  counts: string;
}>((knex, p) =>
  knex('import_runs')
    .where({ id: p.id, holder: p.holder })
    .update({ state: p.state, alive_at: p.aliveAt, moved_to: p.movedTo, counts: p.counts }),
);
const closeRun = statement<{ id: string }>((knex, { id }) => knex('import_runs').where({ id }).delete());

const toRun = (row: StoredRun): ImportRun => ({
  ...row,
  settings: JSON.parse(row.settings),
  counts: JSON.parse(row.counts),
});

export function importRunStore(db: Writer): ImportRunStore {
  return {
    open: async (run) => {
      const row = { ...run, settings: JSON.stringify(run.settings), counts: JSON.stringify(run.counts) };
      return (await db.run(openRun, row)) === 1;
    },
    ofContract: async (contractId) => {
      const row = await db.first(findRun, { contractId });
      return row && toRun(row);
    },
    abandoned: async (before) => (await db.all(abandonedRuns, { before })).map(toRun),
    take: async (id, seen, holder, now) => (await db.run(takeRun, { id, seen, holder, now })) === 1,
    save: async ({ id, holder, state, aliveAt, movedTo, counts }) => {
      const values = { id, holder, state, aliveAt, movedTo, counts: JSON.stringify(counts) };
      return (await db.run(saveRun, values)) === 1;
    },
    close: async (id) => {
      await db.run(closeRun, { id });
    },
  };
}
