/** Append-only records: the login history, and what administrators, commands and the system did. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';

/** How a login attempt, or a step of one, ended. */
export const LOGIN_RESULTS = [
  'signed_in',
  'wrong_code',
  'locked',
  'code_expired',
  'code_used',
  'code_not_sent',
  'too_many_mails',
] as const;
export type LoginResult = (typeof LOGIN_RESULTS)[number];

export interface LoginEvent {
  readonly id: string;
  readonly contractId: string;
  readonly clientId: string;
  /** null: there is no such user. */
  readonly userSub: string | null;
  readonly method: string;
  readonly result: LoginResult;
  /** Where the request came from (IP address). */
  readonly address: string;
  /** The browser in words. */
  readonly browser: string;
  readonly at: number;
}

export interface AuditEvent {
  readonly id: string;
  /** `command`, `system`, or an administrator. */
  readonly actor: string;
  /** What was done: `user.unlock`, `key.rotate`, … */
  readonly action: string;
  readonly contractId: string | null;
  readonly subject: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly at: number;
}

export interface AuditStore {
  addLogin(event: LoginEvent): Promise<void>;
  /** A user's logins since `since`, newest first, `limit` at most. */
  loginsOf(userSub: string, since: number, limit: number): Promise<LoginEvent[]>;
  /** Deletes logins of a contract from before. @returns how many, `limit` at most */
  sweepLogins(contractId: string, before: number, limit: number): Promise<number>;
  add(event: AuditEvent): Promise<void>;
  /** The newest, `limit` at most. */
  list(limit: number): Promise<AuditEvent[]>;
}

interface LoginRow {
  id: string;
  contract_id: string;
  client_id: string;
  user_sub: string | null;
  method: string;
  result: LoginResult;
  address: string;
  browser: string;
  at: number;
}

interface AuditRow {
  id: string;
  actor: string;
  action: string;
  contract_id: string | null;
  subject: string | null;
  details: string;
  at: number;
}

const addLogin = statement<{
  id: string;
  contractId: string;
  clientId: string;
  userSub: string | null;
  method: string;
  result: string;
  address: string;
  browser: string;
  at: number;
}>((knex, p) =>
  knex('login_events').insert({
    id: p.id,
    contract_id: p.contractId,
    client_id: p.clientId,
    user_sub: p.userSub,
    method: p.method,
    result: p.result,
    address: p.address,
    browser: p.browser,
    at: p.at,
  }),
);
const loginsOf = statement<{ userSub: string; since: number; limit: number }, LoginRow>((knex, p) =>
  knex('login_events')
    .where({ user_sub: p.userSub })
    .whereNotNull('user_sub')
    .where('at', '>=', p.since)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit),
);
const sweepLogins = statement<{ contractId: string; before: number; limit: number }>((knex, p) =>
  knex('login_events')
    .whereIn(
      'id',
      knex('login_events')
        .select('id')
        .where('at', '<', p.before)
        .where({ contract_id: p.contractId })
        .limit(p.limit),
    )
    .delete(),
);
const addEvent = statement<{
  id: string;
  actor: string;
  action: string;
  contractId: string | null;
  subject: string | null;
  details: string;
  at: number;
}>((knex, p) =>
  knex('audit_events').insert({
    id: p.id,
    actor: p.actor,
    action: p.action,
    contract_id: p.contractId,
    subject: p.subject,
    details: p.details,
    at: p.at,
  }),
);
const listEvents = statement<{ limit: number }, AuditRow>((knex, p) =>
  knex('audit_events').orderBy('at', 'desc').orderBy('id', 'desc').limit(p.limit),
);

export function auditStore(db: Writer): AuditStore {
  return {
    addLogin: async (event) => {
      await db.run(addLogin, { ...event });
    },
    loginsOf: async (userSub, since, limit) =>
      (await db.all(loginsOf, { userSub, since, limit })).map((row) => ({
        id: row.id,
        contractId: row.contract_id,
        clientId: row.client_id,
        userSub: row.user_sub,
        method: row.method,
        result: row.result,
        address: row.address,
        browser: row.browser,
        at: row.at,
      })),
    sweepLogins: (contractId, before, limit) => db.run(sweepLogins, { contractId, before, limit }),
    add: async (event) => {
      await db.run(addEvent, { ...event, details: JSON.stringify(event.details) });
    },
    list: async (limit) =>
      (await db.all(listEvents, { limit })).map((row) => ({
        id: row.id,
        actor: row.actor,
        action: row.action,
        contractId: row.contract_id,
        subject: row.subject,
        details: JSON.parse(row.details),
        at: row.at,
      })),
  };
}
