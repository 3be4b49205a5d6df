/** An installation with an https issuer, reached as a reverse proxy that ends TLS would reach it. */
import { hashToken, newId, newToken } from '../../src/secrets.ts';
import { CookieJar } from '../support/cookie-jar.ts';
import { formsOf, type HtmlForm } from '../support/html-forms.ts';
import { type Answer, encodeFields, exchange } from '../support/http-exchange.ts';
import { CONTRACT, type Installation, startInstallation } from '../support/installation.ts';

export const ISSUER = 'https://login.example';
export const REDIRECT_URI = 'https://site.example/cb';

export interface Behind {
  readonly at: Installation;
  /** The path of an authorization request. */
  readonly authorization: string;
}

export async function startBehindProxy(
  policy: Parameters<Installation['setPolicy']>[1] = {},
): Promise<Behind> {
  const at = await startInstallation({ env: { ISSUER, TRUST_PROXY: '1' }, policy });
  const clientId = newId();
  const now = at.clock.now();
  await at.server.uow.write(({ clients }) =>
    clients.add({
      clientId,
      contractId: CONTRACT,
      name: '見本サイト',
      metadata: {
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
      secretHash: hashToken(newToken()),
      createdAt: now,
      updatedAt: now,
    }),
  );
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid',
    state: 'state',
  });
  return { at, authorization: `/auth?${query}` };
}

/** A browser on the other side of the proxy. */
export class ProxiedBrowser {
  readonly jar = new CookieJar();
  readonly #port: string;
  readonly #address: string;

  /** @param address what the proxy reports as the client's */
  constructor({ at }: Behind, address = '198.51.100.1') {
    this.#port = at.env.PORT ?? '';
    this.#address = address;
  }

  /** One request; `path` may be a whole URL of the issuer. */
  async send(
    method: string,
    path: string,
    fields?: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const url = new URL(path, ISSUER);
    const cookie = this.jar.header(url);
    const sent = {
      host: 'login.example',
      accept: 'text/html',
      'x-forwarded-for': this.#address,
      'x-forwarded-proto': 'https',
      ...(cookie ? { cookie } : {}),
      ...(fields ? { 'content-type': 'application/x-www-form-urlencoded', origin: ISSUER } : {}),
      ...headers,
    };
    const inner = new URL(`http://127.0.0.1:${this.#port}${url.pathname}${url.search}`);
    const answer = await exchange(method, inner, sent, fields && encodeFields(fields), undefined);
    this.jar.store(url, answer.headers['set-cookie'] ?? []);
    const location = answer.headers.location && new URL(answer.headers.location, url).href;
    return { ...answer, url: url.href, location };
  }

  /** Follows redirects within the issuer. */
  async open(path: string): Promise<Answer> {
    let answer = await this.send('GET', path);
    while (answer.location?.startsWith(ISSUER)) answer = await this.send('GET', answer.location);
    return answer;
  }

  /** The form of a page that has this field. */
  form(page: Answer, field: string): HtmlForm {
    const form = formsOf(page.body, page.url).find(({ names }) => names.has(field));
    if (!form) throw new Error(`no form with ${field} on ${page.status} ${page.url}`);
    return form;
  }

  async submit(page: Answer, field: string, value: string): Promise<Answer> {
    const form = this.form(page, field);
    return this.send('POST', form.action, { ...form.fields, [field]: value });
  }
}
