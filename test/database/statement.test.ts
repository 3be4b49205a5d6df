import { afterAll, describe, expect, test } from '@jest/globals';
import knexFactory from 'knex';
import { compile, statement } from '../../src/database/statement.ts';

const engines = {
  sqlite: knexFactory({ client: 'sqlite3', useNullAsDefault: true }),
  postgres: knexFactory({ client: 'pg' }),
};
afterAll(async () => {
  for (const knex of Object.values(engines)) await knex.destroy();
});

describe.each(Object.entries(engines))('a statement for %s', (_engine, knex) => {
  test('binds parameters by name in the order in which the text wants them', () => {
    const find = statement<{ id: string; at: number }>((build, p) =>
      build('t').where('at', '>', p.at).where({ id: p.id }).whereRaw('other <> ?', [p.id]),
    );
    const { bind } = compile(knex, find);
    expect(bind({ id: 'a', at: 7 })).toEqual([7, 'a', 'a']);
    expect(bind({ at: 8, id: 'b' })).toEqual([8, 'b', 'b']);
  });

  test('takes a parameter as a limit', () => {
    const list = statement<{ limit: number }>((build, p) => build('t').where({ fixed: 5 }).limit(p.limit));
    expect(compile(knex, list).bind({ limit: 3 })).toEqual([5, 3]);
  });

  test('knows null from missing', () => {
    const find = statement<{ id: string | null }>((build, p) => build('t').insert({ id: p.id }));
    const { bind } = compile(knex, find);
    expect(bind({ id: null })).toEqual([null]);
    expect(() => bind({} as never)).toThrow('id is missing');
  });

  test('refuses parameters that are spread', () => {
    const add = statement<{ id: string }>((build, p) => build('t').insert({ ...p }));
    expect(() => compile(knex, add)).toThrow('cannot be spread');
  });

  test('has the same text whatever the values are', () => {
    const find = statement<{ id: string }>((build, p) => build('t').where({ id: p.id }));
    expect(compile(knex, find).sql).toMatch(/where .id. = (\?|\$1)$/);
  });
});
