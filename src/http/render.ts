/**
 * Pages as answers to requests, by koa-views.
 *
 * Left alone, koa-views looks the file up on every render, and its pug engine then reads and compiles it anew. So it
 * is given an engine that keeps what it compiled, and is asked only for views that are not in memory yet. It is used
 * in its middleware form: its other form (`app.context.render`) keeps the context of the latest request in a variable
 * shared by all of them, and can put a page into another person's answer.
 */
import { relative } from 'node:path';
import type { Context, Middleware } from 'koa';
import koaViews from 'koa-views';
import type { Locale } from './locale.ts';
import { translator } from './locale.ts';
import type { Brand, Chrome, Page } from './page.ts';
import { compile, knownTemplate, template, VIEWS_FOLDER } from './templates.ts';

export { renderToString } from './templates.ts';

const DEFAULT_BRAND: Brand = { name: 'Sekisho', logoUrl: null, themeUrl: null };
const DEFAULT_LOCALE: Locale = 'ja';
const ASSETS = '/assets';

/** Gives every request `ctx.render`. With `cache`, a pug file is read once; without, on every render (for editing). */
export function views(options: { cache: boolean }): Middleware {
  const engine = async (file: string, state: object) => {
    const view = relative(VIEWS_FOLDER, file)
      .replace(/\.pug$/, '')
      .replaceAll('\\', '/');
    return (options.cache ? template(view) : compile(file))(state);
  };
  return koaViews(VIEWS_FOLDER, { extension: 'pug', engineSource: { pug: engine } });
}

/**
 * Answers with a page in the request's locale and brand (`ctx.state.locale`, `ctx.state.brand`; defaults where absent).
 * Sets status, Content-Type and Content-Language. Needs the middleware {@link views} in front.
 */
export async function show<L extends object>(
  ctx: Context,
  page: Page<L>,
  locals: L,
  status = 200,
): Promise<void> {
  const everything = { ...chromeOf(ctx), ...locals };
  ctx.status = status;
  ctx.set('Content-Language', chromeOf(ctx).locale);
  const known = knownTemplate(page.view);
  if (known) {
    ctx.type = 'html';
    ctx.body = known(everything);
  } else {
    await ctx.render(`${page.view}.pug`, everything);
  }
}

/** The surroundings of a page for this request. */
function chromeOf(ctx: Context): Chrome {
  const locale: Locale = ctx.state.locale ?? DEFAULT_LOCALE;
  return { locale, t: translator(locale), brand: ctx.state.brand ?? DEFAULT_BRAND, assets: ASSETS };
}
