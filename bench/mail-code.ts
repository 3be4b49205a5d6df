/** A mail as it came over SMTP, one character per byte, split at its first empty line. */
interface Part {
  headers: string;
  body: string;
}

function split(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n');
  return end < 0 ? { headers: raw, body: '' } : { headers: raw.slice(0, end), body: raw.slice(end + 4) };
}

function textPart(part: Part): Part | undefined {
  const boundary = /^content-type:\s*multipart\/[^;]+;(?:.|\r\n\s)*?boundary="?([^";\r\n]+)/im.exec(
    part.headers,
  )?.[1];
  if (boundary === undefined) return /^content-type:\s*text\/html/im.test(part.headers) ? undefined : part;
  for (const piece of part.body.split(`--${boundary}`).slice(1, -1)) {
    const found = textPart(split(piece.slice(2)));
    if (found) return found;
  }
  return undefined;
}

function decode({ headers, body }: Part): string {
  const encoding = /^content-transfer-encoding:\s*(\S+)/im.exec(headers)?.[1]?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('latin1');
  if (encoding !== 'quoted-printable') return body;
  return body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/**
 * The one-time password in a raw mail: the line of its text body that is nothing but 4 to 10 digits.
 * Undefined when there is none: then the mail is a notice. Digits are ASCII in every charset mail uses, so the
 * characters beyond it need no decoding.
 */
export function codeInMail(raw: string): string | undefined {
  const part = textPart(split(raw));
  return part && /^[ \t]*(\d{4,10})[ \t]*\r?$/m.exec(decode(part))?.[1];
}
