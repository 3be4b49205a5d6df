/** The files of public/, read once at start: few, small, the same for everybody. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Middleware } from 'koa';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

const FOLDER = join(import.meta.dirname, '../../public');

/** Serves `/assets/<file>`; browsers keep a file for an hour and then ask whether it has changed. */
export function assets(): Middleware {
  const files = new Map(
    readdirSync(FOLDER).map((name) => {
      const body = readFileSync(join(FOLDER, name));
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      return [`/assets/${name}`, { body, etag, type: TYPES[extname(name)] ?? 'application/octet-stream' }];
    }),
  );
  return (ctx, next) => {
    const file = files.get(ctx.path);
    if (!file || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    ctx.set('Cache-Control', 'public, max-age=3600');
    ctx.etag = file.etag;
    ctx.status = 200;
    if (ctx.fresh) ctx.status = 304;
    else {
      ctx.type = file.type;
      ctx.body = file.body;
    }
  };
}
