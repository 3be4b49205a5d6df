/** What somebody has who has got hold of the database. */
import type { Database } from '../../src/database/database.ts';

/** Every value of every table as text; bytes in each of the ways in which text could hide in them. */
export async function dump(database: Database): Promise<string> {
  const names = await database.read((reader) =>
    reader.query<{ name: string }>((knex) =>
      database.dialect === 'sqlite'
        ? knex('sqlite_master').select('name').where({ type: 'table' })
        : knex('information_schema.tables').select('table_name as name').where({ table_schema: 'public' }),
    ),
  );
  const lines: string[] = [];
  for (const { name } of names) {
    const rows = await database.read((reader) =>
      reader.query<Record<string, unknown>>((knex) => knex(name).select()),
    );
    for (const value of rows.flatMap((row) => Object.values(row))) {
      if (Buffer.isBuffer(value)) lines.push(value.toString('hex'), value.toString('latin1'));
      else lines.push(String(value));
    }
  }
  return lines.join('\n');
}

/** The ways in which a secret could stand there. */
export function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const raw = /^[\w-]{16,}$/.test(secret) ? Buffer.from(secret, 'base64url') : bytes;
  return [bytes, raw].flatMap((one) => [
    one.toString('latin1'),
    one.toString('hex'),
    one.toString('base64').replace(/=+$/, ''),
    one.toString('base64url'),
  ]);
}
