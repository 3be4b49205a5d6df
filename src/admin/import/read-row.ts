/** One row of the file as a user: checked by the rules of `user create`, and by those for what comes from elsewhere. */
import type { z } from 'zod';
import type { Contract } from '../../contracts/contract.ts';
import { hasPassword, type LoginMethod } from '../../contracts/login-methods.ts';
import { foreignHashFault } from '../../credentials/foreign-hash.ts';
import { userIdKey } from '../../users/user-id.ts';
import { checkInput, type Fault, InputError } from '../input.ts';
import { newUserSchema } from '../user-input.ts';
import { type Column, type Header, meaning, quoted, readDay, wordsOf } from './columns.ts';
import type { CsvRecord } from './csv-file.ts';

type CheckedUser = z.output<ReturnType<typeof newUserSchema>>;

/** A user as the file has it, with nothing wrong in itself. */
export interface GoodRow {
  readonly line: number;
  readonly userIdKey: string;
  readonly userId: string;
  readonly method: LoginMethod;
  readonly state: 'active' | 'invited';
  readonly validUntil: number | null;
  readonly locale: 'ja' | 'en' | null;
  readonly passwordHash: string | null;
  readonly devices: CheckedUser['devices'];
}

/** A row that cannot be imported. */
export interface BadRow {
  readonly line: number;
  /** As the file has it. */
  readonly userId: string;
  /** Sentences for administrators, without anything secret. */
  readonly reasons: readonly string[];
}

export type Row = { readonly good: GoodRow } | { readonly bad: BadRow };

/** @param timeZone IANA name: the zone in which a day without a time ends */
export function rowReader(
  { policy }: Contract,
  header: Header,
  timeZone: string,
): (record: CsvRecord) => Row {
  const schema = newUserSchema(timeZone);
  return ({ line, cells }) => {
    const row = new Cells(header, cells);
    try {
      const hash = row.get('password_hash').trim();
      const { input, names } = inputOf(row, hash, policy.login_methods);
      const told = (path: string, message: string) =>
        inWords(row, policy.login_methods, names(path), message);
      const user = checked(schema, input, told);
      row.refuseNameless();
      const method = methodOf(user, policy.login_methods);
      const state = stateOf(row, method, hash);
      const { userId, devices, validUntil = null, locale = null } = user;
      const key = userIdKey(userId, policy.user_id.case_sensitive);
      const passwordHash = hash === '' ? null : hash;
      return {
        good: { line, userIdKey: key, userId, method, state, validUntil, locale, passwordHash, devices },
      };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const reasons = error.faults.map(({ path, message }) =>
        path === '' ? message : `${path}: ${message}`,
      );
      return { bad: { line, userId: row.get('user_id').trim(), reasons: [...new Set(reasons)] } };
    }
  };
}

/** The cells of a row by their columns. */
class Cells {
  readonly #header: Header;
  readonly #cells: readonly string[];

  constructor(header: Header, cells: readonly string[]) {
    this.#header = header;
    this.#cells = cells;
  }

  /** '' where there is no such column, or the row ends before it. */
  get(column: Column): string {
    return this.#cells[this.#header.indexOf(column)] ?? '';
  }

  has(column: Column): boolean {
    return this.#header.includes(column);
  }

  /** The numbers of the columns for addresses in which there is something. */
  addresses(): number[] {
    return this.#header
      .flatMap((column) => (column?.startsWith('email') && this.get(column).trim() !== '' ? column : []))
      .map((column) => Number(column.slice('email'.length)))
      .sort((a, b) => a - b);
  }

  /** A row that is longer than the header is one in which a comma is too many. @throws InputError */
  refuseNameless(): void {
    const at = this.#cells.findIndex(
      (cell, index) => (this.#header[index] ?? null) === null && cell.trim() !== '',
    );
    if (at >= 0) throw fault('', `cell ${at + 1} is not empty, and its column has no name`);
  }
}

const fault = (path: string, message: string) => new InputError('row', [{ path, message }]);

/** What newUserSchema takes, and the column of each of its paths. */
function inputOf(row: Cells, hash: string, allowed: readonly LoginMethod[]) {
  const numbers = row.addresses();
  const columnOf = (kind: string, number: number) => (number === 1 ? kind : `${kind}${number}`);
  const devices = numbers.map((number) => {
    const own: Column = `device_type${number}`;
    const type = meaning('device_type', row.get(row.has(own) ? own : 'device_type1'));
    return { address: row.get(`email${number}`), ...(type === '' ? {} : { type }) };
  });
  const method =
    meaning('method', row.get('method')) || (hash === '' ? undefined : allowed.find(hasPassword));
  const input = {
    userId: row.get('user_id'),
    devices,
    method,
    validUntil: readDay(row.get('valid_until')) || undefined,
    locale: meaning('locale', row.get('locale')) || undefined,
  };
  const names = (path: string): string => {
    const device = /^devices\[(\d+)\]\.(address|type)$/.exec(path);
    if (!device) return PATHS.get(path) ?? path;
    return columnOf(device[2] === 'address' ? 'email' : 'device_type', numbers[Number(device[1])] ?? 1);
  };
  return { input, names };
}

const PATHS: ReadonlyMap<string, string> = new Map([
  ['userId', 'user_id'],
  ['devices', 'email'],
  ['validUntil', 'valid_until'],
]);

function checked(
  schema: ReturnType<typeof newUserSchema>,
  input: unknown,
  told: (path: string, message: string) => Fault,
): CheckedUser {
  try {
    return checkInput(schema, input, 'row');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      'row',
      error.faults.map(({ path, message }) => told(path, message)),
    );
  }
}

const DAYS =
  'must be a day (2027-03-31, 2027/3/31 or 2027年3月31日) or a date-time with its offset (2027-03-31T17:00:00+09:00)';
const EXCEL_DAY = "looks like Excel's number of a day: format the column as text";

/** A fault of a column as whoever fills a table in understands it: what stands there, and what may. */
function inWords(row: Cells, allowed: readonly LoginMethod[], column: string, message: string): Fault {
  const kind = column.replace(/\d+$/, '');
  const cell = row.get(row.has(column as Column) ? (column as Column) : (`${kind}1` as Column));
  switch (kind) {
    case 'user_id':
      return { path: column, message: cell.trim() === '' ? 'is missing' : message };
    case 'device_type':
    case 'locale':
    case 'method': {
      const words = wordsOf(kind, kind === 'method' ? allowed : undefined);
      return { path: `${column}${quoted(cell)}`, message: `must be ${words}` };
    }
    case 'valid_until': {
      const number = /^\d{5}(\.\d+)?$/.test(cell.normalize('NFKC').trim());
      return { path: `${column}${quoted(cell)}`, message: number ? EXCEL_DAY : DAYS };
    }
    default:
      return { path: column, message };
  }
}

function methodOf({ method: given }: CheckedUser, allowed: readonly LoginMethod[]): LoginMethod {
  const method = given ?? allowed[0];
  if (method !== undefined && allowed.includes(method)) return method;
  throw fault('method', `the contract allows ${allowed.join(', ')}`);
}

/** Whoever brings what the login method asks for may log in; everybody else registers first. @throws InputError */
function stateOf(row: Cells, method: LoginMethod, hash: string): 'active' | 'invited' {
  const given = meaning('state', row.get('state'));
  const faults: Fault[] = [];
  if (!/^(|active|invited)$/.test(given))
    faults.push({ path: `state${quoted(row.get('state'))}`, message: `must be ${wordsOf('state')}` });
  if (hash !== '') {
    const wrong = hasPassword(method)
      ? foreignHashFault(hash)
      : 'goes with the methods password and password+otp';
    if (wrong !== null) faults.push({ path: 'password_hash', message: wrong });
    if (given === 'invited') faults.push({ path: 'state', message: 'whoever has a password_hash is active' });
  } else if (given === 'active' && method !== 'otp') {
    const message = 'without a password_hash only users of the method otp need no registration';
    faults.push({ path: 'state', message });
  }
  if (faults.length > 0) throw new InputError('row', faults);
  return hash !== '' || given === 'active' ? 'active' : 'invited';
}
