/** All stores over one transaction, and the units of work in which they are used. */
import { type ImportRowStore, importRowStore } from '../admin/import/row-store.ts';
import { type ImportRunStore, importRunStore } from '../admin/import/run-store.ts';
import { type AuditStore, auditStore } from '../audit/store.ts';
import { type ClientStore, type ContractStore, clientStore, contractStore } from '../contracts/store.ts';
import { type AnswerStore, answerStore } from '../credentials/answer-store.ts';
import { type InvitationStore, invitationStore } from '../credentials/invitation-store.ts';
import { type PasswordStore, passwordStore } from '../credentials/password-store.ts';
import { type CodeStore, codeStore, type TryStore, tryStore } from '../credentials/store.ts';
import { type RateStore, rateStore } from '../http/store.ts';
import { type AttemptStore, attemptStore } from '../login/store.ts';
import { type MailStore, mailStore } from '../mail/store.ts';
import { type KeyStore, keyStore } from '../oidc/key-store.ts';
import { type ModelStore, modelStore } from '../oidc/store.ts';
import { type BrowserStore, browserStore, type UserStore, userStore } from '../users/store.ts';
import type { Database, Writer } from './database.ts';

export interface Stores {
  readonly contracts: ContractStore;
  readonly clients: ClientStore;
  readonly users: UserStore;
  readonly browsers: BrowserStore;
  readonly codes: CodeStore;
  readonly tries: TryStore;
  readonly passwords: PasswordStore;
  readonly answers: AnswerStore;
  readonly invitations: InvitationStore;
  readonly attempts: AttemptStore;
  readonly mails: MailStore;
  readonly audit: AuditStore;
  readonly models: ModelStore;
  readonly keys: KeyStore;
  readonly rates: RateStore;
  readonly importRuns: ImportRunStore;
  readonly importRows: ImportRowStore;
}

/** How everything above the stores reaches the database. */
export interface UnitOfWork {
  /** Reads, each seeing what is committed. Writing here is an error. */
  read<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  /** See Database.write: all or nothing, durable when it resolves. */
  write<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
}

const cached = new WeakMap<Writer, Stores>();

function storesOf(db: Writer): Stores {
  let stores = cached.get(db);
  if (!stores) {
    stores = {
      contracts: contractStore(db),
      clients: clientStore(db),
      users: userStore(db),
      browsers: browserStore(db),
      codes: codeStore(db),
      tries: tryStore(db),
      passwords: passwordStore(db),
      answers: answerStore(db),
      invitations: invitationStore(db),
      attempts: attemptStore(db),
      mails: mailStore(db),
      audit: auditStore(db),
      models: modelStore(db),
      keys: keyStore(db),
      rates: rateStore(db),
      importRuns: importRunStore(db),
      importRows: importRowStore(db),
    };
    cached.set(db, stores);
  }
  return stores;
}

/** Units of work over a database. */
export function unitOfWork(database: Database): UnitOfWork {
  return {
    // Reads go through the same interface; the engine refuses writes there.
    read: (work) => database.read((reader) => work(storesOf(reader as Writer))),
    write: (work) => database.write((writer) => work(storesOf(writer))),
  };
}
