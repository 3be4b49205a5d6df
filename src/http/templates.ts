/** Compiles pug files to functions, and keeps them. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Chrome, Page } from './page.ts';
import { safeHref, telephone } from './safe-href.ts';

/** The folder views/ as an absolute path. */
export const VIEWS_FOLDER = fileURLToPath(new URL('../../views', import.meta.url));

/** A compiled page: takes its locals together with the chrome and gives HTML. */
export type Template = (locals: object) => string;

const compiled = new Map<string, Template>();
const require = createRequire(import.meta.url);

/**
 * The compiled template of a view (`login/code`), from memory after its first use.
 * @throws Error when the file is missing or is no valid pug
 */
export function template(view: string): Template {
  let found = compiled.get(view);
  if (!found) {
    found = compile(`${VIEWS_FOLDER}/${view}.pug`);
    compiled.set(view, found);
  }
  return found;
}

/** The template of a view if it was compiled before. */
export function knownTemplate(view: string): Template | undefined {
  return compiled.get(view);
}

/** Compiles a pug file, given by its absolute path, without keeping the result. */
export function compile(file: string): Template {
  // Loaded with the first page: its parser is large, and commands and an idle server have no use for it.
  const { compileFile } = require('pug') as typeof import('pug');
  const fill = compileFile(file, { basedir: VIEWS_FOLDER, doctype: 'html' });
  return (locals) => fill({ safeHref, telephone, ...locals });
}

/** Renders a page outside of a request, as for the HTML body of a mail. */
export function renderToString<L extends object>(page: Page<L>, locals: L, chrome: Chrome): string {
  return template(page.view)({ ...chrome, ...locals });
}
