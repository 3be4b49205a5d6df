/**
 * The first tables. Times are milliseconds since the epoch in bigint columns named `…_at`; enumerations are words in
 * text columns; structured values are JSON in text columns. What is looked up by its value is kept as a hash.
 */
import type { Knex } from 'knex';

export const foundation = { name: '0001-foundation', up, down };

async function up(knex: Knex): Promise<void> {
  await contracts(knex);
  await users(knex);
  await credentials(knex);
  await login(knex);
  await mail(knex);
  await audit(knex);
  await provider(knex);
}

async function contracts(knex: Knex): Promise<void> {
  /** Operators of relying sites and their rules. */
  await knex.schema.createTable('contracts', (table) => {
    table.text('id').primary();
    table.text('name').notNullable();
    /** What the contract sets apart from the defaults: JSON of src/contracts/policy.ts. */
    table.text('policy').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('updated_at').notNullable();
  });
  /** Relying sites: OpenID Connect clients of one contract. */
  await knex.schema.createTable('clients', (table) => {
    table.text('client_id').primary();
    table.text('contract_id').notNullable().references('id').inTable('contracts').onDelete('CASCADE');
    table.text('name').notNullable();
    /** Client metadata of OpenID Connect Registration 1.0 as JSON, without the secret. */
    table.text('metadata').notNullable();
    /** SHA-256 of the client secret; null for clients without one. */
    table.text('secret_hash');
    table.bigInteger('created_at').notNullable();
    table.bigInteger('updated_at').notNullable();
    table.index(['contract_id']);
  });
}

async function users(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', (table) => {
    /** The subject identifier: opaque, stable, never reused. */
    table.text('sub').primary();
    table.text('contract_id').notNullable().references('id').inTable('contracts').onDelete('CASCADE');
    /** As the administrator entered it. */
    table.text('user_id').notNullable();
    /** As it is compared: src/users/user-id.ts. */
    table.text('user_id_key').notNullable();
    table.text('login_method').notNullable();
    /** invited, active, locked, disabled */
    table.text('state').notNullable();
    /** When a lock opens by itself; null: the support desk opens it. */
    table.bigInteger('unlock_at');
    /** Login is possible until then; null: without end. */
    table.bigInteger('valid_until_at');
    /** Language of mails; null: the contract's. */
    table.text('locale');
    table.bigInteger('created_at').notNullable();
    table.bigInteger('updated_at').notNullable();
    table.unique(['contract_id', 'user_id_key']);
  });
  /** Where a user receives mail. */
  await knex.schema.createTable('devices', (table) => {
    table.text('user_sub').notNullable().references('sub').inTable('users').onDelete('CASCADE');
    /** 端末No, from 1 within its user. */
    table.integer('number').notNullable();
    table.text('address').notNullable();
    /** pc, mobile, smartphone */
    table.text('type').notNullable();
    /** Since when mail goes there; null: not confirmed yet. */
    table.bigInteger('confirmed_at');
    table.bigInteger('created_at').notNullable();
    table.primary(['user_sub', 'number']);
  });
  /** Browsers from which a user has logged in: they keep their own count of wrong tries. */
  await knex.schema.createTable('browsers', (table) => {
    table.text('user_sub').notNullable().references('sub').inTable('users').onDelete('CASCADE');
    /** Hash of the token in the device cookie. */
    table.text('browser').notNullable();
    table.bigInteger('first_seen_at').notNullable();
    table.bigInteger('last_seen_at').notNullable();
    table.primary(['user_sub', 'browser']);
    table.index(['last_seen_at']);
  });
}

async function credentials(knex: Knex): Promise<void> {
  /** One-time codes. The code itself is nowhere: it is derived from SECRETS and the id when it is needed. */
  await knex.schema.createTable('one_time_codes', (table) => {
    table.text('id').primary();
    /** Which of SECRETS it is derived from. */
    table.text('secret_id').notNullable();
    table.integer('digits').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at').notNullable().index();
    table.bigInteger('spent_at');
  });
  /**
   * Wrong tries since the last login, per account and browser. `account` is a keyed hash of contract and user ID, so
   * that an unknown ID can be counted like a known one and cannot be read here.
   */
  await knex.schema.createTable('try_counters', (table) => {
    table.text('account').notNullable();
    /** Hash of the device cookie of a known browser, or '' for all others together. */
    table.text('browser').notNullable();
    table.integer('tries').notNullable();
    table.bigInteger('locked_at');
    /** When the lock opens by itself; null: the support desk opens it. */
    table.bigInteger('unlock_at');
    table.bigInteger('updated_at').notNullable();
    table.primary(['account', 'browser']);
  });
}

async function login(knex: Knex): Promise<void> {
  /** What one interaction has come to: who says to be there, and which code proves it. */
  await knex.schema.createTable('login_attempts', (table) => {
    /** Hash of the interaction's uid. */
    table.text('id').primary();
    table.text('contract_id').notNullable();
    table.text('client_id').notNullable();
    /** null: nobody can log in by this attempt; it only looks like one (silent mode). */
    table.text('user_sub');
    table.text('user_id').notNullable();
    table.text('account').notNullable();
    table.text('code_id').notNullable();
    table.integer('mails').notNullable();
    table.bigInteger('last_mail_at').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at').notNullable().index();
  });
  /** Counters of rate limits, shared by all processes. */
  await knex.schema.createTable('rate_limits', (table) => {
    table.text('key').primary();
    table.integer('points').notNullable();
    table.bigInteger('expires_at').notNullable().index();
  });
}

async function mail(knex: Knex): Promise<void> {
  /** The outbox: written in the transaction of what it announces. It holds a code's id, never a code. */
  await knex.schema.createTable('mails', (table) => {
    table.text('id').primary();
    table.text('contract_id').notNullable();
    /** login_code, new_browser */
    table.text('kind').notNullable();
    table.text('recipient').notNullable();
    table.text('locale').notNullable();
    /** What the words need: JSON, no secrets. */
    table.text('params').notNullable();
    table.text('code_id');
    /** The login attempt that shows this mail's state. */
    table.text('attempt_id');
    /** waiting, handed_over, refused, given_up */
    table.text('state').notNullable();
    table.integer('tries').notNullable();
    table.bigInteger('due_at').notNullable();
    table.bigInteger('give_up_at').notNullable();
    /** The process that sends it now, and until when nobody else may. */
    table.text('claimed_by');
    table.bigInteger('claimed_until_at');
    /** The mail server's last answer, without addresses. */
    table.text('last_reply');
    table.bigInteger('created_at').notNullable().index();
    table.bigInteger('settled_at');
    table.index(['due_at'], 'mails_due', { predicate: knex.whereRaw("state = 'waiting'") });
    table.index(['attempt_id'], 'mails_attempt', { predicate: knex.whereNotNull('attempt_id') });
  });
}

async function audit(knex: Knex): Promise<void> {
  /** Login history: one row for each result of a login attempt. Append-only. */
  await knex.schema.createTable('login_events', (table) => {
    table.text('id').primary();
    table.text('contract_id').notNullable();
    table.text('client_id').notNullable();
    /** null: no such user. */
    table.text('user_sub');
    table.text('method').notNullable();
    table.text('result').notNullable();
    table.text('address').notNullable();
    /** The browser in words. */
    table.text('browser').notNullable();
    table.bigInteger('at').notNullable();
    table.index(['user_sub', 'at', 'id'], 'login_events_user', { predicate: knex.whereNotNull('user_sub') });
    table.index(['at']);
  });
  /** What administrators, commands and the system did. Append-only. */
  await knex.schema.createTable('audit_events', (table) => {
    table.text('id').primary();
    table.text('actor').notNullable();
    table.text('action').notNullable();
    table.text('contract_id');
    table.text('subject');
    table.text('details').notNullable();
    table.bigInteger('at').notNullable().index();
  });
}

async function provider(knex: Knex): Promise<void> {
  /** Signing and cookie keys, sealed by SECRETS. */
  await knex.schema.createTable('keys', (table) => {
    table.text('id').primary();
    /** RS256, ES256, EdDSA, cookie, pairwise */
    table.text('kind').notNullable();
    table.binary('sealed').notNullable();
    table.bigInteger('created_at').notNullable();
    /** Signs from then on; published since created_at. */
    table.bigInteger('active_at').notNullable();
    /** Not published and not accepted from then on; null while it is the newest of its kind. */
    table.bigInteger('ends_at');
  });
  /** What oidc-provider keeps: sessions, interactions, grants, codes, tokens. Payloads are sealed. */
  await knex.schema.createTable('provider_models', (table) => {
    table.text('kind').notNullable();
    /** Hash of the identifier that the browser or the site holds. */
    table.text('id').notNullable();
    table.binary('payload');
    table.text('grant_id');
    table.text('uid');
    table.text('client_id');
    table.text('account_id');
    table.bigInteger('consumed_at');
    table.bigInteger('expires_at').notNullable().index();
    table.primary(['kind', 'id']);
    table.index(['grant_id'], 'provider_models_grant', { predicate: knex.whereNotNull('grant_id') });
    table.index(['uid'], 'provider_models_uid', { predicate: knex.whereNotNull('uid') });
    table.index(['expires_at'], 'provider_models_remembered', {
      predicate: knex.whereRaw(
        "kind || '' in ('Interaction', 'PushedAuthorizationRequest') and payload is not null",
      ),
    });
    table.index(['account_id'], 'provider_models_account', { predicate: knex.whereRaw("kind = 'Session'") });
  });
}

async function down(knex: Knex): Promise<void> {
  for (const table of [
    'provider_models',
    'keys',
    'audit_events',
    'login_events',
    'mails',
    'rate_limits',
    'login_attempts',
    'try_counters',
    'one_time_codes',
    'browsers',
    'devices',
    'users',
    'clients',
    'contracts',
  ]) {
    await knex.schema.dropTable(table);
  }
}
