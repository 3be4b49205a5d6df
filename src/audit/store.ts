/** Append-only records: the login history, and what administrators, commands and the system did. */
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import { type Stored, table } from '../database/table.ts';

/** How a login attempt, or a step of one, ended. */
export type LoginResult =
  | 'signed_in'
  | 'wrong_code'
  | 'wrong_password'
  | 'wrong_answer'
  /** All was right, but the site insists on more than the user can prove. */
  | 'unmet_demand'
  | 'recovered'
  | 'locked'
  | 'code_expired'
  | 'code_used'
  | 'code_not_sent'
  | 'too_many_mails';

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
  /** What the page of a lock showed for the support desk; null with every other result. */
  readonly errorCode: string | null;
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
  /** The event whose page showed this error code, in its contract. */
  loginByErrorCode(contractId: string, errorCode: string): Promise<LoginEvent | undefined>;
  /** Deletes logins of a contract from before. @returns how many, `limit` at most */
  sweepLogins(contractId: string, before: number, limit: number): Promise<number>;
  add(event: AuditEvent): Promise<void>;
  /** The newest, `limit` at most. */
  list(limit: number): Promise<AuditEvent[]>;
}

const logins = table<LoginEvent>('login_events', {
  id: 'id',
  contractId: 'contract_id',
  clientId: 'client_id',
  userSub: 'user_sub',
  method: 'method',
  result: 'result',
  address: 'address',
  browser: 'browser',
  errorCode: 'error_code',
  at: 'at',
});

type StoredEvent = Stored<AuditEvent, 'details'>;
const events = table<StoredEvent>('audit_events', {
  id: 'id',
  actor: 'actor',
  action: 'action',
  contractId: 'contract_id',
  subject: 'subject',
  details: 'details',
  at: 'at',
});

const addLogin = statement<Stored<LoginEvent>>((knex, p) => logins.insert(knex, p));
const loginsOf = statement<{ userSub: string; since: number; limit: number }, LoginEvent>((knex, p) =>
  logins
    .select(knex)
    .where({ user_sub: p.userSub })
    .whereNotNull('user_sub')
    .where('at', '>=', p.since)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit),
);
const loginByErrorCode = statement<{ contractId: string; errorCode: string }, LoginEvent>((knex, p) =>
  logins
    .select(knex)
    .where({ error_code: p.errorCode, contract_id: p.contractId })
    .whereNotNull('error_code'),
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
const addEvent = statement<StoredEvent>((knex, p) => events.insert(knex, p));
const listEvents = statement<{ limit: number }, StoredEvent>((knex, p) =>
  events.select(knex).orderBy('at', 'desc').orderBy('id', 'desc').limit(p.limit),
);

export function auditStore(db: Writer): AuditStore {
  return {
    addLogin: async (event) => {
      await db.run(addLogin, event);
    },
    loginsOf: (userSub, since, limit) => db.all(loginsOf, { userSub, since, limit }),
    loginByErrorCode: (contractId, errorCode) => db.first(loginByErrorCode, { contractId, errorCode }),
    sweepLogins: (contractId, before, limit) => db.run(sweepLogins, { contractId, before, limit }),
    add: async (event) => {
      await db.run(addEvent, { ...event, details: JSON.stringify(event.details) });
    },
    list: async (limit) =>
      (await db.all(listEvents, { limit })).map((row) => ({ ...row, details: JSON.parse(row.details) })),
  };
}
