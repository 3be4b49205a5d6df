/** A person before Chromium, and everything that goes wrong in the browser on the way. */
import type { Browser, Page as Tab } from 'playwright-core';
import { newPage, type PageOptions } from '../support/browser.ts';

export interface Visitor {
  readonly tab: Tab;
  /** Errors of scripts and of the console, violations of the content security policy, requests to other origins. */
  readonly faults: string[];
  /** What the page of the tab and all that it loads weigh in transfer, in bytes, were nothing cached. */
  weight(): Promise<number>;
  /** Another tab of the same browser, watched as well. */
  another(): Promise<Tab>;
  close(): Promise<void>;
}

export interface Origins {
  /** The only origin that its pages may load anything from. */
  provider: string;
  /** Where a login begins and ends; only documents come from there. */
  site: string;
}

/** Opens a tab in a profile of its own. */
export async function visit(browser: Browser, origins: Origins, options: PageOptions = {}): Promise<Visitor> {
  const tab = await newPage(browser, options);
  const faults: string[] = [];
  const sizes = new Map<string, Promise<number>>();
  if (options.javaScript !== false) await reportViolations(tab, faults);
  const watch = (watched: Tab) => {
    watchTab(watched, origins, faults);
    watched.on('response', (response) => {
      const size = response.request().sizes();
      const total = size.then((part) => part.responseHeadersSize + part.responseBodySize).catch(() => 0);
      sizes.set(response.url(), total);
    });
  };
  watch(tab);
  return {
    tab,
    faults,
    weight: async () => {
      const loaded = await tab.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('link[rel=stylesheet], script[src], img[src]')].map(
          (element) => element.getAttribute('href') ?? element.getAttribute('src') ?? '',
        ),
      );
      const urls = [tab.url(), ...loaded].map((url) => new URL(url, tab.url()).href);
      // What was not asked for (a script where none runs) weighs nothing.
      const parts = await Promise.all(urls.map((url) => sizes.get(url) ?? 0));
      if (parts[0] === 0) throw new Error(`nothing is known of ${tab.url()}`);
      return parts.reduce((sum, part) => sum + part, 0);
    },
    another: async () => {
      const next = await tab.context().newPage();
      next.setDefaultTimeout(10_000);
      watch(next);
      return next;
    },
    close: () => tab.context().close(),
  };
}

async function reportViolations(tab: Tab, faults: string[]): Promise<void> {
  await tab.context().exposeFunction('reportViolation', (text: string) => faults.push(text));
  await tab.context().addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (globalThis as unknown as { reportViolation(text: string): void }).reportViolation;
      report(`${event.effectiveDirective} violated by ${event.blockedURI} on ${event.documentURI}`);
    });
  });
}

function watchTab(tab: Tab, { provider, site }: Origins, faults: string[]): void {
  tab.on('pageerror', (error) => faults.push(String(error)));
  tab.on('console', (message) => {
    // Pages that say no have a status that says so, which Chromium counts as an error.
    const refused =
      message.text().startsWith('Failed to load resource') && message.location().url === tab.url();
    if (message.type() === 'error' && !refused) faults.push(`${message.text()} (${message.location().url})`);
  });
  tab.on('request', (request) => {
    const { origin } = new URL(request.url());
    const page = request.isNavigationRequest() && origin === site;
    if (origin !== provider && !page) faults.push(`requested ${request.url()}`);
  });
}
