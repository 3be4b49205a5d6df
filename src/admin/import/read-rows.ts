/** The rows of a file, some at a time. */
import type { Contract } from '../../contracts/contract.ts';
import { SekishoError } from '../../errors.ts';
import { readHeader } from './columns.ts';
import { type CsvFile, readRecords } from './csv-file.ts';
import { type Row, rowReader } from './read-row.ts';

/** As many as one unit of work keeps aside without keeping others waiting. */
const BATCH = 250;

/**
 * @param timeZone IANA name: the zone in which a day without a time ends
 * @param progress told how many bytes have been read so far
 * @throws SekishoError invalid_input when the file as a whole cannot be used
 */
export async function* readRows(
  csv: CsvFile,
  contract: Contract,
  timeZone: string,
  progress: (bytes: number) => void,
): AsyncGenerator<Row[]> {
  let read: ReturnType<typeof rowReader> | undefined;
  let batch: Row[] = [];
  for await (const record of readRecords(csv, progress)) {
    if (!read) {
      read = rowReader(contract, readHeader(record.cells, csv.name), timeZone);
      continue;
    }
    batch.push(read(record));
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (!read) throw new SekishoError('invalid_input', `${csv.name} is empty`);
  if (batch.length > 0) yield batch;
}
