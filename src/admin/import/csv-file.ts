/** CSV files as Excel and other programs write them, read as streams. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import { SekishoError } from '../../errors.ts';

export const ENCODINGS = ['utf-8', 'shift_jis'] as const;
/** shift_jis as Windows has it (CP932, Windows-31J). */
export type Encoding = (typeof ENCODINGS)[number];

export interface CsvFile {
  readonly name: string;
  readonly encoding: Encoding;
  /** Bytes. */
  readonly size: number;
}

export interface CsvRecord {
  /** On which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A record longer than this (characters) is none: a quote was not closed. */
const LONGEST_RECORD = 128_000;

/**
 * Finds out how a file is encoded: UTF-8 when all of it is, else Shift_JIS.
 * @param encoding given: believed @throws SekishoError invalid_input when it cannot be read
 */
export async function openCsv(name: string, encoding?: Encoding): Promise<CsvFile> {
  try {
    const file = await open(name);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new SekishoError('invalid_input', `${name} is not a file`);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      const begins = buffer.toString('hex', 0, bytesRead);
      if (/^(fffe|feff)/.test(begins)) {
        throw new SekishoError('invalid_input', `${name} is UTF-16: save it as "CSV UTF-8" or as CSV`);
      }
      if (/^(504b0304|d0cf11e0)$/.test(begins)) {
        throw new SekishoError('invalid_input', `${name} is an Excel workbook: save it as CSV`);
      }
      const size = stats.size;
      return { name, size, encoding: encoding ?? ((await isUtf8(name)) ? 'utf-8' : 'shift_jis') };
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof SekishoError) throw cause;
    throw new SekishoError('invalid_input', `${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function isUtf8(name: string): Promise<boolean> {
  try {
    for await (const _ of decoded(name, 'utf-8', () => {}));
    return true;
  } catch (error) {
    if (isUndecodable(error)) return false;
    throw error;
  }
}

/**
 * The records of a file, the header included; lines without any content are passed over.
 * @param progress told how many bytes have been read so far
 * @throws SekishoError invalid_input where the file is no CSV, or is in another encoding
 */
export async function* readRecords(
  { name, encoding }: CsvFile,
  progress: (bytes: number) => void,
): AsyncGenerator<CsvRecord> {
  const lines = new Lines();
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
    // Its type knows no records of another form.
    on_record: ((cells: string[], info: InfoRecord) => ({
      line: lines.of(cells, info.lines),
      cells,
    })) as never,
  });
  // Its failure is the parser's, too, and comes out below.
  const reading = pipeline(Readable.from(decoded(name, encoding, progress)), parser).catch(() => {});
  try {
    for await (const record of parser as AsyncIterable<CsvRecord>) {
      if (record.cells.some((cell) => cell.trim() !== '')) yield record;
    }
  } catch (cause) {
    throw new SekishoError('invalid_input', faultOf(cause, name, encoding, lines.last), { cause });
  } finally {
    parser.destroy();
    await reading;
  }
}

async function* decoded(
  name: string,
  encoding: Encoding,
  progress: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let bytes = 0;
  for await (const chunk of createReadStream(name)) {
    bytes += chunk.length;
    progress(bytes);
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

/** The parser says on which line a record ends, and counts CR and LF within quotes as two. */
class Lines {
  #tooMany = 0;
  /** On which the last record ended. */
  last = 0;

  /** @returns on which the record begins */
  of(cells: readonly string[], parserLine: number): number {
    let within = 0;
    for (const cell of cells) {
      if (!/[\r\n]/.test(cell)) continue;
      const pairs = cell.match(/\r\n/g)?.length ?? 0;
      this.#tooMany += pairs;
      within += (cell.match(/[\r\n]/g)?.length ?? 0) - pairs;
    }
    this.last = parserLine - this.#tooMany;
    return this.last - within;
  }
}

function isUndecodable(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
}

const FAULTS: ReadonlyMap<string, string> = new Map([
  ['CSV_QUOTE_NOT_CLOSED', 'a quotation mark is opened and never closed'],
  ['CSV_MAX_RECORD_SIZE', 'a quotation mark is opened and not closed for very long'],
  [
    'CSV_INVALID_CLOSING_QUOTE',
    'there is something behind a closing quotation mark (one inside of a cell is written twice; the separator must be a comma)',
  ],
  ['INVALID_OPENING_QUOTE', 'there is a quotation mark inside of a cell that does not begin with one'],
]);

/** @param last line of the last record that could be read */
function faultOf(cause: unknown, name: string, encoding: Encoding, last: number): string {
  if (isUndecodable(cause)) {
    const [is, other] =
      encoding === 'utf-8'
        ? ['UTF-8', 'Shift_JIS (--encoding shift_jis)']
        : ['Shift_JIS', 'UTF-8 (--encoding utf-8)'];
    return `${name} is not ${is} somewhere behind line ${last}: is it ${other}, or something else?`;
  }
  if (!(cause instanceof CsvError)) return `${name} cannot be read: ${(cause as Error).message}`;
  return `${name}, line ${last + 1}: ${FAULTS.get(cause.code) ?? cause.message}`;
}
