import type { IncomingHttpHeaders } from 'node:http';
import { CookieJar } from './cookie-jar.ts';
import { formsOf, type HtmlForm, linksOf, textOf } from './html-forms.ts';
import { type Answer, encodeFields, exchange, type Fields, relationOf } from './http-exchange.ts';

export type { Answer } from './http-exchange.ts';
export { encodeFields } from './http-exchange.ts';

export interface AgentOptions {
  /** Sent with every request; set names to undefined per request to leave one out. */
  headers?: Record<string, string>;
  /** Local address to connect from: any of 127.0.0.0/8 makes another visitor. */
  localAddress?: string;
  /** Clock of the cookie jar, in milliseconds since the epoch. */
  now?: () => number;
  /** Following redirects ends before an address that starts with one of these. */
  stopAt?: string[];
}

export interface SendOptions {
  headers?: Record<string, string | undefined>;
  /**
   * URL of the page that the request comes from. Decides Origin, Sec-Fetch-Site and which cookies go along; left out, the
   * user typed the address (and a POST comes from the address's own origin).
   */
  from?: string;
}

/** A browser without scripts and pictures: cookies, redirects, forms. */
export class Agent {
  readonly jar: CookieJar;
  readonly stopAt: string[];
  readonly #options: AgentOptions;

  constructor(options: AgentOptions = {}) {
    this.#options = options;
    this.jar = new CookieJar(options.now);
    this.stopAt = [...(options.stopAt ?? [])];
  }

  /** One GET. */
  get(url: string | URL, options: SendOptions = {}): Promise<Answer> {
    return this.send('GET', url, undefined, options);
  }

  /** One POST of form fields (or of a body as it is, with `headers['content-type']`). */
  post(url: string | URL, form: Fields | string, options: SendOptions = {}): Promise<Answer> {
    const body = typeof form === 'string' ? form : encodeFields(form);
    return this.send('POST', url, body, { from: String(url), ...options });
  }

  /** Opens an address and follows redirects, as `Page.submit` does after a form. */
  async open(url: string | URL, options: SendOptions = {}): Promise<Page> {
    return this.#follow(String(url), options);
  }

  /** Sends one request with any method, keeping the cookies of the answer. */
  async send(
    method: string,
    address: string | URL,
    body?: string,
    options: SendOptions = {},
  ): Promise<Answer> {
    const url = new URL(address);
    const relation = relationOf(url, options.from);
    const crossSite = relation === 'cross-site';
    const cookie = this.jar.header(url, { crossSite, safeNavigation: method === 'GET' });
    const headers = {
      accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
      'accept-language': 'ja',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'sec-fetch-site': relation,
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(method === 'POST' && options.from !== undefined && { origin: new URL(options.from).origin }),
      ...(cookie !== undefined && { cookie }),
      ...this.#options.headers,
      ...options.headers,
    };
    const answer = await exchange(method, url, headers, body, this.#options.localAddress);
    this.jar.store(url, answer.headers['set-cookie'] ?? []);
    return answer;
  }

  /** Sends a form's fields as its method says and follows redirects. */
  async submit(form: HtmlForm, fields: Fields, from: string): Promise<Page> {
    const all: Fields = { ...form.fields, ...fields };
    if (form.method === 'post') return this.#follow(form.action, { from }, encodeFields(all));
    const url = new URL(form.action);
    url.search = encodeFields(all);
    return this.#follow(url.href, { from });
  }

  async #follow(start: string, options: SendOptions, body?: string): Promise<Page> {
    let url = start;
    let posted = body;
    for (let hops = 0; hops < 20; hops += 1) {
      if (this.stopAt.some((prefix) => url === prefix || url.startsWith(`${prefix}?`))) {
        return new Page(this, { status: 0, url, headers: {}, location: undefined, body: '' }, posted);
      }
      const answer = await this.send(posted === undefined ? 'GET' : 'POST', url, posted, options);
      if (answer.location === undefined) return new Page(this, answer);
      // 307 and 308 repeat the request, all others go on with GET (RFC 9110 section 15.4).
      if (answer.status !== 307 && answer.status !== 308) posted = undefined;
      url = answer.location;
    }
    throw new Error(`Too many redirects, the last to ${url}`);
  }
}

/** Where the agent stands after following redirects. Status 0: it stopped before this address (see `stopAt`). */
export class Page {
  readonly status: number;
  readonly url: string;
  readonly html: string;
  readonly headers: IncomingHttpHeaders;
  readonly title: string;
  readonly h1: string;
  readonly forms: HtmlForm[];
  readonly links: { text: string; href: string }[];
  /** Body of the POST that the agent stopped before (response_mode=form_post). */
  readonly posted: string | undefined;
  readonly agent: Agent;

  constructor(agent: Agent, answer: Answer, posted?: string) {
    this.agent = agent;
    this.status = answer.status;
    this.url = answer.url;
    this.html = answer.body;
    this.headers = answer.headers;
    this.title = textOf(answer.body, 'title');
    this.h1 = textOf(answer.body, 'h1');
    this.forms = formsOf(answer.body, answer.url);
    this.links = linksOf(answer.body, answer.url);
    this.posted = posted;
  }

  /**
   * Fills in a form and sends it.
   * @param which index of the form or part of its action; left out, the first form that has all those fields
   * @throws when there is no such form: a test that types into a field that is not there is wrong
   */
  submit(fields: Fields = {}, which?: number | string): Promise<Page> {
    const form = this.form(fields, which);
    return this.agent.submit(form, fields, this.url);
  }

  /** The form that `submit` would send. */
  form(fields: Fields = {}, which?: number | string): HtmlForm {
    const names = Object.keys(fields);
    const form =
      typeof which === 'number'
        ? this.forms[which]
        : this.forms
            .filter(({ action }) => which === undefined || action.includes(which))
            .find((candidate) => names.every((name) => candidate.names.has(name)));
    if (form) return form;
    throw new Error(`No form with ${names.join(', ')} on ${this.status} ${this.url} "${this.title}"`);
  }

  /** Follows the first link whose text contains this. */
  click(text: string): Promise<Page> {
    const link = this.links.find((candidate) => candidate.text.includes(text));
    if (!link) throw new Error(`No link "${text}" on ${this.status} ${this.url} "${this.title}"`);
    return this.agent.open(link.href, { from: this.url });
  }

  /** The same address again. */
  reload(): Promise<Page> {
    return this.agent.open(this.url);
  }
}
