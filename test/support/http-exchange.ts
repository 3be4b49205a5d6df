import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** One answer, redirects not followed. */
export interface Answer {
  status: number;
  url: string;
  headers: IncomingHttpHeaders;
  /** Absolute target of a redirect. */
  location: string | undefined;
  body: string;
}

/** Form fields; a list repeats the field. */
export type Fields = Record<string, string | string[]>;

/** Form fields as application/x-www-form-urlencoded. */
export function encodeFields(fields: Fields): string {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat()) body.append(name, each);
  }
  return body.toString();
}

/** Sec-Fetch-Site. Ports do not make another site; every host is a site of its own here. */
export function relationOf(
  url: URL,
  from: string | undefined,
): 'none' | 'same-origin' | 'same-site' | 'cross-site' {
  if (from === undefined) return 'none';
  const source = new URL(from);
  if (source.origin === url.origin) return 'same-origin';
  return source.hostname === url.hostname && source.protocol === url.protocol ? 'same-site' : 'cross-site';
}

/** Sends one request over a connection of its own and reads the whole answer. */
export function exchange(
  method: string,
  url: URL,
  headers: Record<string, string | undefined>,
  body: string | undefined,
  localAddress: string | undefined,
): Promise<Answer> {
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  if (body !== undefined) sent['content-length'] = String(Buffer.byteLength(body));
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // A connection for each request: none is left open when a test stops its server.
    const options = { method, headers: sent as Record<string, string>, agent: false as const };
    const request = open(url, localAddress === undefined ? options : { ...options, localAddress });
    request.setTimeout(15_000, () => request.destroy(new Error(`No answer from ${method} ${url.href}`)));
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        const redirect = status >= 300 && status < 400 ? received.location : undefined;
        resolve({
          status,
          url: url.href,
          headers: received,
          location: redirect === undefined ? undefined : new URL(redirect, url).href,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    request.end(body);
  });
}
