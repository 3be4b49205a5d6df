/** Languages: which one to answer in, its words, and how dates and times are written for people. */
import { DAY } from '../clock.ts';
import { en } from './messages/en.ts';
import { ja } from './messages/ja.ts';

export type Locale = 'ja' | 'en';
export type MessageKey = keyof typeof ja;

/** Turns a key into words; `{name}` in the message is replaced by `params.name`. */
export type Translate = (key: MessageKey, params?: Record<string, string | number>) => string;

/** All languages that pages and mails exist in, the default first. */
export const LOCALES: readonly Locale[] = ['ja', 'en'];

/** What is known about the reader's language, in falling order of weight. */
export interface LocaleWishes {
  /** The `ui_locales` parameter: BCP 47 tags separated by spaces, best first (OpenID Connect Core 3.1.2.1). */
  uiLocales?: string | undefined;
  /** The Accept-Language header (RFC 9110 section 12.5.4). */
  acceptLanguage?: string | undefined;
  contract?: Locale | undefined;
  fallback: Locale;
}

/** Longer wishes than any browser sends are cut here, so that a hostile header costs nothing. */
const MAX_WISH_LENGTH = 500;

/** The first supported language of: `ui_locales`, Accept-Language, the contract's, the fallback. Never throws. */
export function chooseLocale(wishes: LocaleWishes): Locale {
  const tags = [...spaceSeparated(wishes.uiLocales), ...byQuality(wishes.acceptLanguage)];
  for (const tag of tags) {
    const language = tag.toLowerCase().split(/[-_]/, 1)[0];
    const locale = LOCALES.find((candidate) => candidate === language);
    if (locale) return locale;
  }
  return wishes.contract ?? wishes.fallback;
}

function spaceSeparated(uiLocales = ''): string[] {
  return uiLocales.slice(0, MAX_WISH_LENGTH).split(/\s+/).filter(Boolean);
}

/** Language ranges of an Accept-Language header, best first; those with `q=0` are left out. */
function byQuality(header = ''): string[] {
  return header
    .slice(0, MAX_WISH_LENGTH)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const q = parameters.find((parameter) => /^q=/i.test(parameter));
      return { range, quality: q === undefined ? 1 : Number(q.slice(2)) || 0 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ range }) => range);
}

const catalogues: Record<Locale, Record<MessageKey, string>> = { ja, en };
const translators: Record<Locale, Translate> = { ja: translate('ja'), en: translate('en') };

/** The words of one language. The function throws on a key or placeholder that does not exist: that is a fault. */
export function translator(locale: Locale): Translate {
  return translators[locale];
}

function translate(locale: Locale): Translate {
  const messages = catalogues[locale];
  return (key, params) => {
    if (!Object.hasOwn(messages, key)) throw new Error(`No message ${key}`);
    return messages[key].replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = params?.[name];
      if (value === undefined) throw new Error(`The message ${key} needs ${name}`);
      return String(value);
    });
  };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Date and time for people, the same in both languages: `2026/11/21 13:05:09`. `ms` since 1970, IANA time zone. */
export function formatDateTime(ms: number, timeZone: string): string {
  const at = clockParts(ms, timeZone);
  return `${at.year}/${at.month}/${at.day} ${at.hour}:${at.minute}:${at.second}`;
}

/** Time of day for people: `13:05`. `ms` since 1970, IANA time zone. */
export function formatTime(ms: number, timeZone: string): string {
  const at = clockParts(ms, timeZone);
  return `${at.hour}:${at.minute}`;
}

/** A moment near `now` for people: the time of day, with the date from a day on. Both in ms, IANA time zone. */
export function formatMoment(ms: number, now: number, timeZone: string): string {
  return ms - now < DAY ? formatTime(ms, timeZone) : formatDateTime(ms, timeZone);
}

function clockParts(ms: number, timeZone: string): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  let clock = clocks.get(timeZone);
  if (!clock) {
    const two = '2-digit';
    const fields = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
    clock = new Intl.DateTimeFormat('en-GB', { ...fields, timeZone, hourCycle: 'h23' });
    clocks.set(timeZone, clock);
  }
  return Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
}
