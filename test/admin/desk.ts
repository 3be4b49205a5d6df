/** An administrator at work: the verbs' context over a test database, with a clock that stands still. */

import type { AdminContext } from '../../src/admin/context.ts';
import { createContract } from '../../src/admin/create-contract.ts';
import type { AuditEvent } from '../../src/audit/store.ts';
import { accountScope } from '../../src/credentials/account-scope.ts';
import { Secrets } from '../../src/secrets.ts';
import type { Open, TestDatabase } from '../support/stores.ts';

export const secrets = new Secrets(['the secret of this test, long enough']);
/** What the settings say. */
export const installation = {
  issuer: 'https://login.sekisho.example',
  defaultLocale: 'ja',
  timeZone: 'Asia/Tokyo',
} as const;
export const START = Date.UTC(2026, 10, 21, 4, 5, 9);

export interface Desk {
  readonly context: AdminContext;
  advance(ms: number): void;
  /** What the audit trail says, oldest first. */
  trail(): Promise<AuditEvent[]>;
  /** The account under which tries and mails of a user ID (in lower case) of the contract `acme` count. */
  accountOf(userId: string): string;
}

export function deskOf(db: TestDatabase): Desk {
  let now = START;
  return {
    context: { uow: db.uow, clock: { now: () => now }, secrets, installation, actor: 'command' },
    advance: (ms) => {
      now += ms;
    },
    trail: async () => (await db.read(({ audit }) => audit.list(100))).sort((a, b) => a.at - b.at),
    accountOf: (userId) => accountScope(secrets, 'acme', userId),
  };
}

/** A database of its own with the contract `acme`, and a desk for it. */
export async function openDesk(open: Open): Promise<{ db: TestDatabase; desk: Desk }> {
  const db = await open();
  const desk = deskOf(db);
  await createContract(desk.context, { id: 'acme', name: '関所' });
  return { db, desk };
}
