/** Forms: small bodies, read only where a route wants one, and guarded against requests from other sites. */
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { SekishoError } from '../errors.ts';

const MOST_BYTES = 16 * 1024;

/**
 * Reads an application/x-www-form-urlencoded body; of a repeated field the first counts.
 * @throws SekishoError malformed_body, body_too_large
 */
export async function readForm(ctx: Context): Promise<ReadonlyMap<string, string>> {
  if (!ctx.request.is('application/x-www-form-urlencoded')) {
    throw new SekishoError('malformed_body', 'the body must be application/x-www-form-urlencoded');
  }
  const body = await getRawBody(ctx.req, {
    limit: MOST_BYTES,
    length: ctx.request.length,
    encoding: 'utf8',
  }).catch((cause: Error & { type?: string }) => {
    const code = cause.type === 'entity.too.large' ? 'body_too_large' : 'malformed_body';
    throw new SekishoError(code, cause.message, { cause });
  });
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) if (!fields.has(name)) fields.set(name, value);
  return fields;
}

/**
 * Whether another site caused a POST, by what the browser says about it. Old browsers say nothing: for them, and
 * besides, forms carry a token.
 */
export function isFromOtherSite(ctx: Context, origin: string): boolean {
  const site = ctx.get('Sec-Fetch-Site');
  const from = ctx.get('Origin');
  return (site !== '' && site !== 'same-origin' && site !== 'none') || (from !== '' && from !== origin);
}

/** Refuses a POST that another site caused. @throws SekishoError forged_request */
export function refuseOtherSites(ctx: Context, origin: string): void {
  if (isFromOtherSite(ctx, origin)) {
    throw new SekishoError('forged_request', 'the request was caused by another site');
  }
}
