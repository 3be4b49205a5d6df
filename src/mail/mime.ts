/**
 * Internet messages (RFC 5322, MIME) as bytes. Our mails have two text parts and a handful of headers, so they are put
 * together here, by nodemailer's encoders, and handed to its SMTP pool ready made: its general builder streams each part
 * through several transforms, which costs more than sending the mail.
 */
import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs';
import { encode as quotedPrintable, wrap } from 'nodemailer/lib/qp';

/** RFC 2045 section 6.7 and 6.8: lines of encoded text. */
const LINE = 76;
/** Names of sites and senders, and so most header lines, come again and again. */
const MOST_KEPT_LINES = 500;

const encodedLines = new Map<string, string>();

/** Makes a text safe to stand in one line: line breaks, controls and direction overrides become spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}

/** A header whose value is free text (RFC 5322 section 3.6.5), encoded where it is not ASCII (RFC 2047), folded. */
export function textHeader(name: string, text: string): string {
  return kept(name, text, (line) => (isPlain(line) ? line : encodeWord(line, 'B', 52)));
}

/** A header with one address and a display name. @param address as mailbox.ts writes it */
export function addressHeader(name: string, displayName: string, address: string): string {
  return kept(`${name} ${address}`, displayName, (line) => {
    if (line === '') return `<${address}>`;
    return `${isPlain(line) ? `"${line.replace(/["\\]/g, '\\$&')}"` : encodeWord(line, 'B', 52)} <${address}>`;
  });
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text) && !text.includes('=?');
}

function kept(key: string, text: string, encode: (line: string) => string): string {
  const whole = `${key}\n${text}`;
  let line = encodedLines.get(whole);
  if (line === undefined) {
    line = foldLines(`${key.split(' ', 1)[0]}: ${encode(oneLine(text))}`, LINE);
    if (encodedLines.size >= MOST_KEPT_LINES) encodedLines.clear();
    encodedLines.set(whole, line);
  }
  return line;
}

/**
 * A multipart/alternative message (RFC 2046 section 5.1.4).
 * @param headers complete lines: of textHeader and addressHeader, or known to be ASCII without line breaks
 * @param boundary random; `=_` in front of it keeps it apart from encoded text (RFC 2045 section 6.7)
 */
export function alternatives(
  headers: readonly string[],
  boundary: string,
  text: string,
  html: string,
): Buffer {
  const delimiter = `=_${boundary}`;
  const message = [
    ...headers,
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${delimiter}"`,
    '',
    `--${delimiter}`,
    part('text/plain', text),
    `--${delimiter}`,
    part('text/html', html),
    `--${delimiter}--`,
    '',
  ];
  return Buffer.from(message.join('\r\n'), 'latin1');
}

function part(type: string, content: string): string {
  const canonical = content.replace(/\r?\n/g, '\r\n');
  const { encoding, body } = encoded(canonical);
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
}

function encoded(content: string): { encoding: string; body: string } {
  if (!/^[\x20-\x7e\r\n\t]*$/.test(content)) {
    const base64 = Buffer.from(content).toString('base64');
    return { encoding: 'base64', body: base64.replace(/.{76}/g, '$&\r\n') };
  }
  if (/[^\r\n]{77}/.test(content)) {
    return { encoding: 'quoted-printable', body: wrap(quotedPrintable(content), LINE) };
  }
  return { encoding: '7bit', body: content };
}
