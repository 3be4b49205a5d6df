/** What a `user import` keeps until its users are where they belong. */
import type { Knex } from 'knex';

export const imports = { name: '0003-imports', up, down };

async function up(knex: Knex): Promise<void> {
  /** One for each import under way, and at most one for each contract. */
  await knex.schema.createTable('import_runs', (table) => {
    table.text('id').primary();
    table
      .text('contract_id')
      .notNullable()
      .unique()
      .references('id')
      .inTable('contracts')
      .onDelete('CASCADE');
    /** reading: nothing is imported yet. moving: accepted, every row becomes a user. clearing: done, or given up. */
    table.text('state').notNullable();
    /** The process at work. */
    table.text('holder').notNullable();
    /** When it was last known to be. */
    table.bigInteger('alive_at').notNullable().index();
    /** Up to this user_id_key rows have become users. */
    table.text('moved_to').notNullable();
    /** JSON of src/admin/import/store.ts: what was asked for, and what was counted. */
    table.text('settings').notNullable();
    table.text('counts').notNullable();
    table.bigInteger('created_at').notNullable();
  });
  /** The rows of the file: one for each address of a user, the user's own data with the first. */
  await knex.schema.createTable('import_rows', (table) => {
    table.text('run_id').notNullable();
    table.text('user_id_key').notNullable();
    /** 端末No */
    table.integer('number').notNullable();
    /** Of the file. */
    table.integer('line').notNullable();
    /** The user's sub; null: there was such a user already. */
    table.text('sub');
    table.text('user_id');
    table.text('login_method');
    table.text('state');
    table.bigInteger('valid_until_at');
    table.text('locale');
    table.text('password_hash');
    /** The account (try_counters), where strangers have tried the user ID before. */
    table.text('account');
    table.text('address');
    table.text('type');
    table.primary(['run_id', 'user_id_key', 'number']);
  });
}

async function down(knex: Knex): Promise<void> {
  for (const table of ['import_rows', 'import_runs']) await knex.schema.dropTable(table);
}
