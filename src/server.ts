/** Puts the parts together and runs them; also what tests start. */
import { createServer } from 'node:http';
import { type Logger, pino } from 'pino';
import { tidyImports } from './admin/import/open-run.ts';
import { createApp } from './app.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { createHasher, type RunningHasher } from './credentials/argon2-hasher.ts';
import type { Database } from './database/database.ts';
import { openDatabase } from './database/open.ts';
import { readiness } from './database/readiness.ts';
import { startRounds } from './database/rounds.ts';
import { type UnitOfWork, unitOfWork } from './database/stores.ts';
import { startSweeper } from './database/sweeper.ts';
import { listen } from './http/listener.ts';
import type { Metric } from './http/operations.ts';
import { createInbox, type Inbox } from './inbox/inbox.ts';
import { createMailer, type Mailer } from './mail/mailer.ts';
import { smtpTransport } from './mail/smtp-transport.ts';
import { startReminders } from './notices/reminders.ts';
import { type Contracts, contractsOf } from './oidc/contracts.ts';
import { CookieSigner } from './oidc/cookie-signer.ts';
import { loadPepper } from './oidc/keys.ts';
import { type RunningProvider, startProvider } from './oidc/provider.ts';
import { newId, Secrets } from './secrets.ts';

export interface RunningServer {
  readonly uow: UnitOfWork;
  readonly database: Database;
  readonly mailer: Mailer;
  readonly running: RunningProvider;
  readonly contracts: Contracts;
  readonly secrets: Secrets;
  readonly hasher: RunningHasher;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** @param config with its secrets filled in @throws SekishoError database_unavailable */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<RunningServer> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? pino({ level: config.logLevel });
  const secrets = new Secrets(config.secrets);
  const database = await openDatabase(config.databaseUrl);
  const closing: (() => Promise<void> | void)[] = [() => database.close()];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    await database.ping();
    await database.migrate();
    const uow = unitOfWork(database);
    const { mailer, inbox } = startMail(config, { uow, clock, secrets, log });
    closing.push(() => mailer.stop());
    const cookies = new CookieSigner();
    const contracts = contractsOf(uow, clock);
    const parts = { issuer: config.issuer, uow, secrets, clock, contracts, cookies };
    const running = await startProvider(parts, {
      fault: (error, request) => log.error({ err: error, request }, 'provider fault'),
      keysUnreadable: (error) => log.error({ err: error }, 'keys cannot be read'),
    });
    closing.push(() => running.stop());
    const hasher = createHasher({
      pepper: await loadPepper(uow, secrets, clock),
      fault: (error) => log.error({ err: error }, 'imported hash cannot be computed'),
    });
    closing.push(() => hasher.stop());
    closing.push(startSweeper(uow, clock, (error) => log.error({ err: error }, 'sweep failed')));
    const reminding = { uow, clock, installation: config };
    closing.push(startReminders(reminding, (error) => log.error({ err: error }, 'reminders failed')));
    const importing = { uow, clock, secrets, installation: config, actor: 'system' };
    closing.push(
      startRounds(
        (goOn) => tidyImports(importing, goOn),
        (error) => log.error({ err: error }, 'import cannot be completed'),
      ),
    );
    const app = createApp({
      config,
      log,
      cookies,
      inbox,
      operations: {
        ready: readiness(database, uow, clock),
        metrics: metrics(database, mailer, running, hasher, { uow, clock }),
      },
      protocol: { running, contracts, uow, clock },
      login: { ...parts, running, mailer, hasher, ...presentation(config) },
      registration: { ...parts, running, mailer, hasher, ...presentation(config) },
    });
    closing.push(await listen(createServer(app.callback()), config));
    log.info({ issuer: config.issuer, port: config.port, database: database.dialect }, 'listening');
    return { uow, database, mailer, running, contracts, secrets, hasher, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function presentation({ mailFrom, defaultLocale, timeZone }: Config) {
  return { mailFrom, defaultLocale, timeZone };
}

function startMail(
  config: Config,
  { uow, clock, secrets, log }: { uow: UnitOfWork; clock: Clock; secrets: Secrets; log: Logger },
): { mailer: Mailer; inbox: Inbox | null } {
  const smtp = config.smtpUrl === null ? null : smtpTransport(config.smtpUrl);
  const inbox = config.mode === 'trial' ? createInbox(clock, smtp) : null;
  const transport = inbox ?? smtp;
  if (!transport) throw new Error('real mode has a mail server');
  const mailer = createMailer({
    work: uow,
    transport,
    clock,
    secrets,
    logger: log,
    processId: newId(),
    from: config.mailFrom,
    issuer: config.issuer,
  });
  mailer.start();
  return { mailer, inbox };
}

function metrics(
  database: Database,
  mailer: Mailer,
  running: RunningProvider,
  hasher: RunningHasher,
  { uow, clock }: { uow: UnitOfWork; clock: Clock },
): Metric[] {
  return [
    { name: 'sekisho_db_queries_total', help: 'Queries since start', value: () => database.counters.queries },
    { name: 'sekisho_db_commits_total', help: 'Commits since start', value: () => database.counters.commits },
    { name: 'sekisho_signatures_total', help: 'Signatures since start', value: () => running.signatures },
    { name: 'sekisho_hashes_total', help: 'Slow hashes since start', value: () => hasher.computed },
    { name: 'sekisho_hashes_waiting', help: 'Slow hashes that wait for a core', value: () => hasher.waiting },
    {
      name: 'sekisho_mails_total',
      help: 'Mails since start, by what became of them',
      value: () => ({ ...mailer.counters }),
    },
    {
      name: 'sekisho_mails_waiting',
      help: 'Mails that wait to be sent',
      value: async () => (await uow.read(({ mails }) => mails.backlog(clock.now()))).waiting,
    },
  ];
}
