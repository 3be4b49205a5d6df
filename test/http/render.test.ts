import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import Koa from 'koa';
import { notFoundPage, refusedPage } from '../../src/http/pages.ts';
import { show, views } from '../../src/http/render.ts';

async function serve(cache: boolean): Promise<{ url: string; close(): void }> {
  const app = new Koa();
  app.use(views({ cache }));
  app.use(async (ctx) => {
    if (ctx.query.locale) ctx.state.locale = ctx.query.locale;
    ctx.state.brand = { name: String(ctx.query.brand), logoUrl: null, themeUrl: '/theme.css' };
    if (ctx.path === '/refused') {
      await show(ctx, refusedPage, { reason: 'too_large', reference: String(ctx.query.brand) }, 413);
    } else {
      await show(ctx, notFoundPage, {}, 404);
    }
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test.each([true, false])(
  'pages answer in locale and brand of their own request (cache: %p)',
  async (cache) => {
    const server = await serve(cache);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const locale = i % 2 ? 'en' : 'ja';
        const path = i % 3 ? '/refused' : '/other';
        const response = await fetch(`${server.url}${path}?locale=${locale}&brand=brand-${i}-`);
        return { i, locale, path, response, html: await response.text() };
      }),
    );
    for (const { i, locale, path, response, html } of answers) {
      expect(response.status).toBe(path === '/refused' ? 413 : 404);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('content-language')).toBe(locale);
      expect(html).toContain(`brand-${i}-`);
      expect(html).toContain(`<html lang="${locale}">`);
      expect(html).toContain('href="/theme.css"');
    }
    server.close();
  },
);
