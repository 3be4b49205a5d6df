import PostalMime from 'postal-mime';

/** A mail as the other side received it. */
export interface ReceivedMail {
  /** Bare addresses of MAIL FROM and RCPT TO, quotes of a quoted local part removed. */
  envelope: { from: string; to: string[] };
  /** What stood between the angle brackets of each RCPT TO command, quotes included. */
  rawRcptTo: string[];
  /** The message as transferred, headers and all. */
  raw: string;
  subject: string;
  text: string;
  html: string;
  /** Unfolded header values by lower-case name; repeated headers are joined by newlines. */
  headers: Record<string, string>;
  /** The first run of 4 to 10 digits that stands alone in the text body, preferably on a line of its own. */
  code?: string | undefined;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}

/** Parses a message as transferred (RFC 5322, MIME). */
export async function parseMail(
  bytes: Buffer,
  envelope: ReceivedMail['envelope'],
  rawRcptTo: string[],
): Promise<ReceivedMail> {
  const mail = await PostalMime.parse(bytes);
  const headers: Record<string, string> = {};
  for (const { key, value } of mail.headers) {
    headers[key] = key in headers ? `${headers[key]}\n${value}` : value;
  }
  const text = mail.text ?? '';
  return {
    envelope,
    rawRcptTo,
    raw: bytes.toString('utf8'),
    subject: mail.subject ?? '',
    text,
    html: mail.html ?? '',
    headers,
    code: codeIn(text),
    receivedAt: Date.now(),
  };
}

/** Finds a one-time code in a text. Dates, times, telephone numbers and addresses are not taken for one. */
export function codeIn(text: string): string | undefined {
  const alone = /^[\s>「]*(\d{4,10})[\s」]*$/m.exec(text);
  const among = /(?<=^|[\s：「（(])\d{4,10}(?=$|[\s」）)。、.,])/m.exec(text);
  return alone?.[1] ?? among?.[0];
}
