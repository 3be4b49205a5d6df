import { afterAll, describe, expect, test } from '@jest/globals';
import knexFactory from 'knex';
import { compile, type Params, statement } from '../../src/database/statement.ts';
import { type Stored, sweepOf, table } from '../../src/database/table.ts';

interface Parcel {
  readonly id: string;
  readonly sentAt: number | null;
  readonly contents: readonly string[];
}
type StoredParcel = Stored<Parcel, 'contents'>;
const parcels = table<StoredParcel>('parcels', { id: 'id', sentAt: 'sent_at', contents: 'json' });

const engines = {
  sqlite: knexFactory({ client: 'sqlite3', useNullAsDefault: true }),
  postgres: knexFactory({ client: 'pg' }),
};
afterAll(async () => {
  for (const knex of Object.values(engines)) await knex.destroy();
});

describe.each(Object.entries(engines))('a table on %s', (_engine, knex) => {
  /** The text without what engines write differently, and the values that go with it. */
  const compiled = <P extends Params>(params: P, build: Parameters<typeof statement<P>>[0]) => {
    const { sql, bind } = compile(knex, statement<P>(build));
    return [sql.replace(/[`"]/g, '').replace(/\$\d+/g, '?'), ...bind(params)];
  };

  test('names every column as the program does', () => {
    const found = compiled({ id: 'a' }, (build, p) => parcels.select(build).where({ id: p.id }));
    expect(found).toEqual([
      'select id as id, sent_at as sentAt, json as contents from parcels where id = ?',
      'a',
    ]);
  });

  test('returns rows by the same names', () => {
    const [text] = compiled({}, (build) => build('parcels').update({ id: 'b' }).returning(parcels.returned));
    expect(text).toMatch(/ returning id as id, sent_at as sentAt, json as contents$/);
  });

  test('takes one value for each property, and columns that are never read', () => {
    const [text, ...values] = compiled({ id: 'a', sentAt: null, contents: '[]', by: 'air' }, (build, p) =>
      parcels.insert(build, p, { carrier: p.by }),
    );
    expect(text).toBe('insert into parcels (carrier, id, json, sent_at) values (?, ?, ?, ?)');
    expect(values).toEqual(['air', 'a', '[]', null]);
  });

  test('does not compile where a property is missing', () => {
    // @ts-expect-error: no contents
    const build = () => parcels.insert(knex, { id: 'a', sentAt: null });
    expect(build).not.toThrow();
  });

  test('inserts several rows by one statement', () => {
    const two = ['a', 'b'].map((id, at) => ({ id, sentAt: at, contents: '[]' }));
    const [, ...values] = compiled(parcels.numbered(two), (build, p) => parcels.insertMany(build, p, 2));
    expect(values).toEqual(['a', '[]', 0, 'b', '[]', 1]);
  });

  test('is swept by its key, some rows at a time', () => {
    const { sql, bind } = compile(knex, sweepOf('parcels', ['id', 'sent_at'], 'sent_at'));
    expect(sql).toMatch(/^delete from .parcels. where \(.id., .sent_at.\) in \(select .* limit (\?|\$2)\)$/);
    expect(bind({ before: 7, limit: 3 })).toEqual([7, 3]);
  });
});
