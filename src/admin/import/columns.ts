/** The columns of a CSV file of users, and the words in their cells, as people write them in English and Japanese. */
import { InputError } from '../input.ts';

/** Addresses that a row can hold: as many as a user can have devices. */
const MOST_ADDRESSES = 10;

export type Column =
  | 'user_id'
  | 'method'
  | 'password_hash'
  | 'valid_until'
  | 'locale'
  | 'state'
  | `email${number}`
  | `device_type${number}`;

/** A column of the file; null: it has no name, so its cells must be empty. */
export type Header = readonly (Column | null)[];

const NAMES: ReadonlyMap<string, Column | 'email' | 'device_type'> = new Map([
  ['userid', 'user_id'],
  ['ユーザid', 'user_id'],
  ['ユーザーid', 'user_id'],
  ['利用者id', 'user_id'],
  ['email', 'email'],
  ['mail', 'email'],
  ['メールアドレス', 'email'],
  ['devicetype', 'device_type'],
  ['端末種別', 'device_type'],
  ['method', 'method'],
  ['loginmethod', 'method'],
  ['ログイン方法', 'method'],
  ['passwordhash', 'password_hash'],
  ['パスワードハッシュ', 'password_hash'],
  ['validuntil', 'valid_until'],
  ['有効期限', 'valid_until'],
  ['locale', 'locale'],
  ['言語', 'locale'],
  ['state', 'state'],
  ['状態', 'state'],
]);

const KNOWN =
  'user_id (ユーザID), email (メールアドレス), email2 to email10, device_type (端末種別), device_type2 to device_type10, ' +
  'method (ログイン方法), password_hash (パスワードハッシュ), valid_until (有効期限), locale (言語), state (状態)';

/** What people's words in cells mean; other words stay as they are, and are refused where they mean nothing. */
const WORDS = {
  device_type: new Map([
    ['パソコン', 'pc'],
    ['携帯電話', 'mobile'],
    ['スマートフォン', 'smartphone'],
  ]),
  method: new Map([
    ['ワンタイムパスワード', 'otp'],
    ['パスワード', 'password'],
    ['パスワード+ワンタイムパスワード', 'password+otp'],
  ]),
  locale: new Map([
    ['日本語', 'ja'],
    ['japanese', 'ja'],
    ['英語', 'en'],
    ['english', 'en'],
  ]),
  state: new Map([
    ['招待', 'invited'],
    ['有効', 'active'],
  ]),
} as const satisfies Record<string, ReadonlyMap<string, string>>;

/**
 * What the first line of the file says.
 * @param file names it in the message
 * @throws InputError naming every column that is unknown, missing or there twice
 */
export function readHeader(cells: readonly string[], file: string): Header {
  refuseSeparator(cells, file);
  const header = cells.map(columnOf);
  const faults = header.flatMap((column, at) => {
    const name = (cells[at] ?? '').trim();
    if (column === undefined) return [`there is no column "${short(name)}"`];
    const again = column !== null && header.indexOf(column) < at;
    return again ? [`the column "${short(name)}" (${column}) is there twice`] : [];
  });
  for (const needed of ['user_id', 'email1'] as const) {
    if (!header.includes(needed)) faults.push(`the column ${needed.replace('1', '')} is missing`);
  }
  if (faults.length === 0) return header as Header;
  if (header.includes(undefined)) faults.push(`columns are ${KNOWN}`);
  throw new InputError(
    `${file}, first line`,
    faults.map((message) => ({ path: '', message })),
  );
}

/** Other programs, and Excel in other countries, separate cells otherwise: then the whole line is one cell. */
function refuseSeparator(cells: readonly string[], file: string): void {
  const found = cells.length === 1 && /[;\t]/.exec(cells[0] ?? '')?.[0];
  if (!found) return;
  const separators = found === ';' ? 'semicolons' : 'tabs';
  const message = `cells are separated by ${separators}: the separator must be a comma`;
  throw new InputError(`${file}, first line`, [{ path: '', message }]);
}

/** @returns null for an empty name, undefined for an unknown one */
function columnOf(name: string): Column | null | undefined {
  const folded = fold(name).replace(/[\s_-]/g, '');
  if (folded === '') return null;
  const [, word = '', digits = '1'] = /^(\D+?)(\d{0,2})$/.exec(folded) ?? [];
  const column = NAMES.get(word);
  const number = Number(digits || '1');
  if (column === 'email' || column === 'device_type') {
    return number >= 1 && number <= MOST_ADDRESSES ? `${column}${number}` : undefined;
  }
  return digits === '' ? column : undefined;
}

/** What a word of a cell means. */
export function meaning(kind: keyof typeof WORDS, cell: string): string {
  const folded = fold(cell);
  return WORDS[kind].get(folded) ?? folded;
}

/** What a cell may hold: each value with its first word in Japanese. @param allowed values; absent: all */
export function wordsOf(kind: keyof typeof WORDS, allowed?: readonly string[]): string {
  const said = new Map<string, string>();
  for (const [word, value] of WORDS[kind]) {
    if (!said.has(value) && (allowed?.includes(value) ?? true)) said.set(value, `${value} (${word})`);
  }
  const all = [...said.values()];
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} or ${last}`;
}

/** ` "ガラケー"` for a message; '' where a cell is so long that it may be something secret which slipped there. */
export function quoted(cell: string): string {
  const text = cell.trim().replace(/\p{Cc}+/gu, ' ');
  return text.length > MOST_SHOWN ? '' : ` "${text}"`;
}

/** A day as Excel writes it in Japan (2027/3/31, 2027年3月31日) in the form 2027-03-31; anything else as it is. */
export function readDay(cell: string): string {
  const text = cell.normalize('NFKC').trim();
  const found =
    /^(\d{4})[/-](\d{1,2})[/-](\d{1,2})$/.exec(text) ?? /^(\d{4})年(\d{1,2})月(\d{1,2})日$/.exec(text);
  if (!found) return text;
  const [, year = '', month = '', day = ''] = found;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function fold(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

const MOST_SHOWN = 40;

function short(name: string): string {
  const text = name.replace(/\p{Cc}+/gu, ' ');
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
