import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { CookieJar } from './cookie-jar.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Exchange {
  method: 'GET' | 'POST';
  /** Absolute, http only. */
  url: URL;
  headers: OutgoingHttpHeaders;
  body?: string;
}

/** One request over the agent's kept-alive connections, with the whole answer read. */
export function exchange(agent: Agent, { method, url, headers, body }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      method,
      host: url.hostname,
      port: url.port,
      path: url.pathname + url.search,
      headers,
    };
    const outgoing = request(options, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }),
      );
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const PAGE_HEADERS = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'ja,en;q=0.8',
  'user-agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
};

/** A page, or the address outside the provider to which the browser was sent. */
export type Landing = { kind: 'page'; url: URL; answer: Answer } | { kind: 'left'; url: URL };

/** A new browser at one provider: follows redirects, keeps cookies, adds up the time it waited for the server. */
export class Browser {
  readonly #agent: Agent;
  readonly #origin: string;
  readonly #jar = new CookieJar();
  readonly #headers: OutgoingHttpHeaders;
  /** Sum of all request latencies, in milliseconds. */
  waitedMs = 0;

  /** `address` is the IP address that the reverse proxy in front of a provider would pass on. */
  constructor(agent: Agent, origin: string, address: string) {
    this.#agent = agent;
    this.#origin = origin;
    this.#headers = { ...PAGE_HEADERS, 'x-forwarded-for': address };
  }

  open(url: URL): Promise<Landing> {
    return this.#follow({ method: 'GET', url, headers: this.#headers });
  }

  submit(url: URL, fields: URLSearchParams): Promise<Landing> {
    const body = fields.toString();
    const headers = {
      ...this.#headers,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      origin: this.#origin,
      'sec-fetch-site': 'same-origin',
    };
    return this.#follow({ method: 'POST', url, headers, body });
  }

  async #follow(first: Exchange): Promise<Landing> {
    let next = first;
    for (let hop = 0; hop < 10; hop += 1) {
      const answer = await this.#send(next);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status > 399 || location === undefined) {
        return { kind: 'page', url: next.url, answer };
      }
      const url = new URL(location, next.url);
      if (url.origin !== this.#origin) return { kind: 'left', url };
      next = { method: 'GET', url, headers: this.#headers };
    }
    throw new Error(`more than ten redirects from ${first.url}`);
  }

  async #send(message: Exchange): Promise<Answer> {
    const cookie = this.#jar.header(message.url.pathname);
    const headers = cookie === undefined ? message.headers : { ...message.headers, cookie };
    const start = performance.now();
    const answer = await exchange(this.#agent, { ...message, headers });
    this.waitedMs += performance.now() - start;
    this.#jar.store(answer.headers['set-cookie'] ?? [], message.url.pathname);
    return answer;
  }
}
