/** Requests that a relying party makes by itself, where a test needs to see or to spoil them. */

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty where the answer has no JSON body. */
  readonly json: Record<string, unknown>;
}

/** POSTs a form as a program does and reads the JSON answer. */
export async function postForm(
  url: string | undefined,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<JsonAnswer> {
  return read(await fetch(String(url), { method: 'POST', body: new URLSearchParams(fields), headers }));
}

/** GETs as a program does. */
export async function getJson(
  url: string | URL | undefined,
  headers: Record<string, string> = {},
): Promise<JsonAnswer> {
  return read(await fetch(String(url), { headers, redirect: 'manual' }));
}

async function read(answer: Response): Promise<JsonAnswer> {
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {};
  return { status: answer.status, headers: answer.headers, json };
}

/** client_secret_basic (RFC 6749 section 2.3.1). */
export function basic({ clientId, clientSecret = '' }: { clientId: string; clientSecret?: string }): {
  authorization: string;
} {
  const pair = [clientId, clientSecret].map(encodeURIComponent).join(':');
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** RFC 6750 section 2.1. */
export function bearer(accessToken: string): { authorization: string } {
  return { authorization: `Bearer ${accessToken}` };
}
