/** Invitations, passwords and secret answers, and logins that take more than one step. */
import type { Knex } from 'knex';

export const credentials = { name: '0002-credentials', up, down };

async function up(knex: Knex): Promise<void> {
  await registration(knex);
  await login(knex);
  await knex.schema.alterTable('users', (table) => {
    /** The end of validity of which user and administrator were reminded. */
    table.bigInteger('reminded_of_at');
    /** How often all that the user was signed in by was ended. */
    table.integer('sign_outs').notNullable().defaultTo(0);
  });
  await knex.schema.alterTable('users', (table) => {
    table.index(['valid_until_at'], 'users_valid_until', { predicate: knex.whereNotNull('valid_until_at') });
  });
  await knex.schema.alterTable('mails', (table) => {
    /** The invitation whose registration URL the mail carries; the URL itself is not kept. */
    table.text('invitation_id');
    table.index(['recipient', 'created_at'], 'mails_recipient');
  });
  await knex.schema.alterTable('login_events', (table) => {
    /** What the page of a lock showed for the support desk. */
    table.text('error_code');
    table.index(['error_code'], 'login_events_error_code', { predicate: knex.whereNotNull('error_code') });
  });
  await knex.schema.alterTable('provider_models', (table) => {
    table.dropIndex([], 'provider_models_account');
  });
  await knex.schema.alterTable('provider_models', (table) => {
    // By the bare `kind` SQLite would rather go through all rows of these kinds by the primary key.
    table.index(['account_id'], 'provider_models_account', {
      predicate: knex.whereRaw("kind || '' in ('Session', 'Grant', 'Interaction')"),
    });
  });
}

async function registration(knex: Knex): Promise<void> {
  await knex.schema.createTable('passwords', (table) => {
    table.text('user_sub').primary().references('sub').inTable('users').onDelete('CASCADE');
    /** src/credentials/hasher.ts: our own form, or one that came with an import. */
    table.text('hash').notNullable();
    table.bigInteger('created_at').notNullable();
    /** When the hash was made anew, with newer parameters. */
    table.bigInteger('updated_at').notNullable();
  });
  await knex.schema.createTable('secret_answers', (table) => {
    table.text('user_sub').primary().references('sub').inTable('users').onDelete('CASCADE');
    /** The question as the user chose it: JSON of id, ja, en. The contract's list may change. */
    table.text('question').notNullable();
    table.text('hash').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('updated_at').notNullable();
  });
  /** The right to register credentials. One for each user: a new one takes the place of the old. */
  await knex.schema.createTable('invitations', (table) => {
    table.text('id').primary();
    table.text('user_sub').notNullable().unique().references('sub').inTable('users').onDelete('CASCADE');
    table.text('contract_id').notNullable();
    /** Hash of the token in the registration URL, which is derived from SECRETS and the id. */
    table.text('token_hash').notNullable().unique();
    /** Which of SECRETS it is derived from. */
    table.text('secret_id').notNullable();
    /** The initial OTP, in one_time_codes. */
    table.text('code_id').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at').notNullable().index();
    /** When the user is reminded; null: not, or not any more. */
    table.bigInteger('remind_at');
    table.bigInteger('spent_at');
    table.index(['remind_at'], 'invitations_remind', { predicate: knex.whereNotNull('remind_at') });
  });
}

/** Attempts live for minutes: those of the moment of the upgrade begin anew. */
async function login(knex: Knex): Promise<void> {
  await knex.schema.alterTable('one_time_codes', (table) => {
    /** For whose login or recovery it was made, as in login_attempts; null: an initial OTP. */
    table.text('account');
  });
  await knex.schema.dropTable('login_attempts');
  /** What one interaction has come to: who says to be there, what is proven, and which code proves the rest. */
  await knex.schema.createTable('login_attempts', (table) => {
    /** Hash of the interaction's uid; of a recovery: src/login/forgotten/. */
    table.text('id').primary();
    table.text('contract_id').notNullable();
    table.text('client_id').notNullable();
    /** null: nobody can log in by this attempt; it only looks like one (silent mode). */
    table.text('user_sub');
    table.text('user_id').notNullable();
    table.text('account').notNullable();
    /** The user's login method, or the one that is pretended for nobody. */
    table.text('method').notNullable();
    /** Factors to prove in this attempt, separated by spaces. */
    table.text('needs').notNullable();
    /** Factors that the session had proven before (step-up), separated by spaces. */
    table.text('held').notNullable();
    table.bigInteger('password_at');
    /** Of a recovery: when the mailed code was right. */
    table.bigInteger('code_at');
    /** Of a recovery: when the secret answer was right. */
    table.bigInteger('answer_at');
    /** null: no code was made yet. */
    table.text('code_id');
    table.integer('mails').notNullable();
    table.bigInteger('last_mail_at').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at').notNullable().index();
  });
}

async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('provider_models', (table) => {
    table.dropIndex([], 'provider_models_account');
  });
  await knex.schema.alterTable('provider_models', (table) => {
    table.index(['account_id'], 'provider_models_account', { predicate: knex.whereRaw("kind = 'Session'") });
  });
  await knex.schema.alterTable('login_events', (table) => {
    table.dropIndex([], 'login_events_error_code');
    table.dropColumn('error_code');
  });
  await knex.schema.alterTable('mails', (table) => {
    table.dropIndex([], 'mails_recipient');
    table.dropColumn('invitation_id');
  });
  await knex.schema.alterTable('one_time_codes', (table) => {
    table.dropColumn('account');
  });
  await knex.schema.alterTable('users', (table) => {
    table.dropIndex([], 'users_valid_until');
    table.dropColumn('reminded_of_at');
  });
  for (const table of ['invitations', 'secret_answers', 'passwords']) await knex.schema.dropTable(table);
}
