/** An outbox over a real database, with a clock that stands still until a test moves it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { type Clock, MINUTE } from '../../src/clock.ts';
import { newCode } from '../../src/credentials/one-time-code.ts';
import type { OneTimeCode } from '../../src/credentials/store.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { type UnitOfWork, unitOfWork } from '../../src/database/stores.ts';
import type { Mail, MailContent, NewMail } from '../../src/mail/mail.ts';
import { createMailer, type Mailer } from '../../src/mail/mailer.ts';
import { smtpTransport } from '../../src/mail/smtp-transport.ts';
import type { Transport } from '../../src/mail/transport.ts';
import { newId, Secrets } from '../../src/secrets.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

export const ENGINES = ['sqlite', 'postgres'] as const;
export type Engine = (typeof ENGINES)[number];

export const FROM = 'login@sekisho.example';
export const ISSUER = 'https://login.sekisho.example';
export const secrets = new Secrets(['a secret of this test, long enough for it']);

export class TestClock implements Clock {
  #now = Date.UTC(2026, 10, 21, 4, 5, 9);
  now(): number {
    return this.#now;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

/** A line of the log. */
export interface LogLine {
  level: number;
  msg: string;
  mail?: string;
  reply?: string | null;
  [key: string]: unknown;
}

/** Answers soon, whatever goes wrong. */
export function quickTransport(url: string): Transport {
  return smtpTransport(url, { connectMs: 400, silenceMs: 400 });
}

export class Outbox {
  readonly clock = new TestClock();
  readonly log: LogLine[] = [];
  readonly database: Database;
  readonly work: UnitOfWork;
  readonly #mailers: Mailer[] = [];

  constructor(database: Database) {
    this.database = database;
    this.work = unitOfWork(database);
  }

  get logger(): Logger {
    return pino({ level: 'debug' }, { write: (line: string) => void this.log.push(JSON.parse(line)) });
  }

  /** A mailer that looks for mail when the test calls `tick`. */
  mailer(transport: Transport, work: UnitOfWork = this.work): Mailer {
    const { clock, logger } = this;
    const processId = newId();
    const about = { work, transport, clock, secrets, logger, processId, from: FROM, issuer: ISSUER };
    const mailer = createMailer(about);
    this.#mailers.push(mailer);
    return mailer;
  }

  /** Adds mails that carry one new code, as a code request does, for the mailer to send at once or for anybody. */
  async ask(
    recipients: string[],
    mailer: Mailer | null = null,
  ): Promise<{ mails: NewMail[]; code: OneTimeCode }> {
    const code = newCode(secrets, 6, 10 * MINUTE, this.clock.now());
    const mails = recipients.map((recipient) => this.codeMail(recipient, code));
    await this.work.write(async (stores) => {
      await stores.codes.add(code);
      await stores.mails.addAll(mails, mailer?.claim() ?? null);
    });
    mailer?.deliver(mails, code);
    return { mails, code };
  }

  codeMail(recipient: string, code: OneTimeCode, changes: Partial<MailContent> = {}): NewMail {
    const now = this.clock.now();
    return {
      id: newId(),
      contractId: 'acme',
      recipient,
      locale: 'ja',
      content: { ...loginCodeContent(now), ...changes } as MailContent,
      codeId: code.id,
      invitationId: null,
      attemptId: `attempt of ${code.id}`,
      createdAt: now,
      dueAt: now,
      giveUpAt: code.expiresAt,
    };
  }

  /** One look and everything that follows from it. */
  async turn(mailer: Mailer): Promise<void> {
    await mailer.tick();
    await mailer.idle();
  }

  async row(id: string): Promise<Record<string, unknown>> {
    const rows = await this.database.read((db) =>
      db.query<Record<string, unknown>>((knex) => knex('mails').where({ id })),
    );
    return rows[0] ?? {};
  }

  async states(mails: readonly Pick<Mail, 'id'>[]): Promise<unknown[]> {
    return Promise.all(mails.map(async ({ id }) => (await this.row(id)).state));
  }

  async close(): Promise<void> {
    for (const mailer of this.#mailers) await mailer.stop();
    await this.database.close();
  }
}

export function loginCodeContent(at: number): Extract<MailContent, { kind: 'login_code' }> {
  return {
    kind: 'login_code',
    ...aboutContract,
    siteName: '電子調達ポータル',
    requestedAt: at,
    browser: 'Chrome 142 (Windows)',
    address: '203.0.113.7',
  };
}

export const aboutContract = {
  contractName: '関所システムズ',
  timeZone: 'Asia/Tokyo',
  senderName: '関所システムズ',
  support: { name: 'サポート窓口', phone: '03-1234-5678', email: 'support@example.com' },
};

/** Opens new outboxes on one engine. */
export class Outboxes {
  readonly #engine: Engine;
  #postgres: PostgresServer | undefined;
  #folder: string | undefined;
  #count = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async open(): Promise<Outbox> {
    const database = await openDatabase(await this.#newUrl());
    await database.migrate();
    return new Outbox(database);
  }

  async #newUrl(): Promise<string> {
    if (this.#engine === 'postgres') {
      this.#postgres ??= await startPostgres();
      return this.#postgres.newDatabase();
    }
    this.#folder ??= await mkdtemp(join(tmpdir(), 'sekisho-mail-'));
    this.#count += 1;
    return `sqlite:${this.#folder}/${this.#count}.db`;
  }

  async close(): Promise<void> {
    await this.#postgres?.close();
    if (this.#folder) await rm(this.#folder, { recursive: true });
  }
}
