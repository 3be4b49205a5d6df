/** Files as programs write them: encodings, line ends, quotes, and what is no CSV at all. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Encoding, openCsv, readRecords } from '../../../src/admin/import/csv-file.ts';

const EXCEL = join(import.meta.dirname, 'files', 'excel-shift-jis.csv');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sekisho-csv-'));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
async function fileOf(content: string | Buffer): Promise<string> {
  count += 1;
  const name = join(folder, `${count}.csv`);
  await writeFile(name, content);
  return name;
}

async function read(name: string, encoding?: Encoding) {
  const csv = await openCsv(name, encoding);
  const records: { line: number; cells: readonly string[] }[] = [];
  let bytes = 0;
  for await (const record of readRecords(csv, (sum) => {
    bytes = sum;
  })) {
    records.push(record);
  }
  expect(bytes).toBe(csv.size);
  return { encoding: csv.encoding, records };
}
const cellsOf = async (content: string | Buffer) =>
  (await read(await fileOf(content))).records.map(({ cells }) => cells);

describe('encodings', () => {
  test.each([
    ['without its mark', 'ユーザID,髙\n'],
    ['with its mark', '\uFEFFユーザID,髙\n'],
  ])('UTF-8 %s', async (_, content) => {
    const { encoding, records } = await read(await fileOf(content));
    expect([encoding, records[0]?.cells]).toEqual(['utf-8', ['ユーザID', '髙']]);
  });

  test('Shift_JIS as Excel in Japan saves it, letters of Windows included', async () => {
    const { encoding, records } = await read(EXCEL);
    expect(encoding).toBe('shift_jis');
    expect(records.map(({ cells: [first, second, third] }) => [first, second, third])).toEqual([
      ['ユーザーID', 'メールアドレス', '端末種別'],
      ['関所①髙～', 'taro@example.co.jp', 'パソコン'],
      ['P-02', 'hanako@example.co.jp', 'ｽﾏｰﾄﾌｫﾝ'],
      ['P-03', 'jiro@example.co.jp', 'スマートフォン'],
    ]);
  });

  test('a letter of several bytes may be cut by the end of a piece that is read', async () => {
    const content = `x,${'関'.repeat(30_000)}\n${'a'.repeat(65_533)}関,1\n`;
    expect(await cellsOf(content)).toEqual([
      ['x', '関'.repeat(30_000)],
      [`${'a'.repeat(65_533)}関`, '1'],
    ]);
  });

  test('one letter far behind tells that the file is not UTF-8', async () => {
    const name = await fileOf(
      Buffer.concat([Buffer.from('a,b\n'.repeat(50_000)), Buffer.from([0x83, 0x86])]),
    );
    expect((await read(name)).records.at(-1)).toEqual({ line: 50_001, cells: ['ユ'] });
  });

  test.each([
    [
      'utf-8',
      Buffer.from('a\nb\n\x83\x86,c\n', 'latin1'),
      /is not UTF-8 .*Shift_JIS \(--encoding shift_jis\)/,
    ],
    ['shift_jis', Buffer.from('a\n\u{1F600}関所\n'), /is not Shift_JIS .*UTF-8 \(--encoding utf-8\)/],
    ['utf-8', Buffer.from('a\n\xe3\x81', 'latin1'), /is not UTF-8/],
  ] as const)('%s that was said and is not true', async (encoding, content, message) => {
    await expect(read(await fileOf(content), encoding)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(message),
    });
  });

  test('UTF-16 is named as what it is', async () => {
    for (const content of [Buffer.from('\uFEFFa', 'utf16le'), Buffer.from([0xfe, 0xff, 0, 0x61])]) {
      await expect(openCsv(await fileOf(content))).rejects.toThrow(/is UTF-16: save it as/);
    }
  });
});

test.each(['504b0304', 'd0cf11e0'])('a workbook (%s…) is named as what it is', async (begins) => {
  const name = await fileOf(Buffer.from(`${begins}1400`, 'hex'));
  await expect(openCsv(name)).rejects.toThrow(`${name} is an Excel workbook: save it as CSV`);
});

describe('rows', () => {
  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('end with %s', async (_, end) => {
    expect(await cellsOf(['a,b', '1,2', ''].join(end))).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  test('quotes, commas and line ends inside of cells, and no end of the last line', async () => {
    expect(await cellsOf('"a ""b"", c","line\r\nline"\r\n"",x')).toEqual([
      ['a "b", c', 'line\r\nline'],
      ['', 'x'],
    ]);
  });

  test('are numbered by the line on which they begin; blank ones are passed over', async () => {
    const content = 'a,b\r\n"x\r\ny\nz",2\r\n\r\n,,,\r\n  , \r\n7,7\r\n"8\r\n9",9\r\n10,10';
    const { records } = await read(await fileOf(content));
    expect(records.map(({ line, cells }) => [line, cells[1]])).toEqual([
      [1, 'b'],
      [2, '2'],
      [8, '7'],
      [9, '9'],
      [11, '10'],
    ]);
  });

  test('may be shorter or longer than others', async () => {
    expect(await cellsOf('a,b\n1\n1,2,3,\n')).toEqual([['a', 'b'], ['1'], ['1', '2', '3', '']]);
  });
});

describe('what is no CSV', () => {
  test.each([
    ['a,b\n1,"2\n3,4\n', /line 2: a quotation mark is opened and never closed/],
    [
      `a,b\n1,"2\n${'3,4\n'.repeat(50_000)}`,
      /line 2: a quotation mark is opened and not closed for very long/,
    ],
    ['a,b\n1,2\n"3"4,5\n', /line 3: there is something behind a closing quotation mark/],
    ['a,b\n1,2"3\n', /line 2: there is a quotation mark inside of a cell/],
  ])('%j', async (content, message) => {
    const name = await fileOf(content);
    await expect(read(name)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(message),
    });
    await expect(read(name)).rejects.toThrow(name);
  });

  test('a file that is not there, a folder', async () => {
    await expect(openCsv(join(folder, 'none.csv'))).rejects.toThrow(/none.csv cannot be read/);
    await expect(openCsv(folder)).rejects.toThrow(/is not a file|cannot be read/);
  });
});
