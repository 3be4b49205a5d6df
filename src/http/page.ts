/**
 * What a page is: a pug file under views/ together with the type of its locals and samples of them. Each part of the
 * house declares its pages in a `pages.ts`; one test renders all of them, so a page cannot exist without samples.
 */
import type { Locale, Translate } from './locale.ts';

/** A page and what it takes. `L` holds its own locals; what every page gets besides is {@link Chrome}. */
export interface Page<L extends object> {
  /** Path of the pug file under views/, without `.pug`: `login/code`. */
  readonly view: string;
  /** Realistic locals, one for each state that the page can show. */
  readonly samples: readonly L[];
}

/** The operator's face on a page. URLs are paths of this origin, or URLs that were checked when they were stored. */
export interface Brand {
  /** Name of the service, shown in the header and at the end of every title. */
  name: string;
  logoUrl: string | null;
  /** A stylesheet of this origin that sets the custom properties which `themeStylesheet` writes. */
  themeUrl: string | null;
  helpUrl?: string | null | undefined;
}

/** What every page gets besides its own locals. */
export interface Chrome {
  locale: Locale;
  t: Translate;
  brand: Brand;
  /** Where the files of public/ are served: `/assets`. */
  assets: string;
}

/** The people who unlock and help the users of one contract, and how to reach them. */
export interface SupportDesk {
  name: string;
  email?: string | undefined;
  phone?: string | undefined;
  /** Opening hours in the operator's own words. */
  hours?: string | undefined;
  url?: string | undefined;
}

/** A relying site as pages name it. `url` leads there (its registered start page): https or http, checked when stored. */
export interface SiteLink {
  name: string;
  url: string;
}

const pages = new Map<string, Page<object>>();

/**
 * Declares a page and adds it to the catalogue.
 * @param view path of the pug file under views/, without `.pug`
 * @param samples locals for tests, one for each state that the page can show
 * @throws Error when the view is declared twice
 */
export function definePage<L extends object>(view: string, samples: readonly [L, ...L[]]): Page<L> {
  if (pages.has(view)) throw new Error(`The page ${view} is declared twice`);
  const page: Page<L> = Object.freeze({ view, samples });
  pages.set(view, page);
  return page;
}

/** All pages that the modules loaded so far have declared. */
export function catalogue(): readonly Page<object>[] {
  return [...pages.values()];
}
