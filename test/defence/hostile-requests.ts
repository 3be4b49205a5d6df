/** What a hostile client may send, as fast-check arbitraries. Bytes are given as strings of latin1 characters. */
import fc from 'fast-check';

export interface HostileRequest {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  /** Whether the cookies of a login that is going on come along. */
  readonly withCookies: boolean;
}

/** What a fuzzer may know: a client with its redirect URI, and paths to try. */
export interface Ground {
  readonly paths: readonly string[];
  readonly clientId: string;
  readonly redirectUri: string;
  readonly csrf: string;
}

const METHODS = [
  'GET',
  'GET',
  'POST',
  'POST',
  'POST',
  'HEAD',
  'OPTIONS',
  'PUT',
  'PATCH',
  'DELETE',
  'PROPFIND',
  'TRACE',
  'QUERY',
  'M-SEARCH',
];

/** Percent-encoded already. */
const VALUES = [
  '',
  '%00',
  'a%00b',
  '%ff',
  '%c0%ae%c0%ae%2f',
  '%ed%a0%80',
  '%f8%88%80%80%80',
  '%',
  '%zz',
  '%u0041',
  '%0d%0aSet-Cookie:%20x=y',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%5b%5d',
  '%7b%22a%22:1%7d',
  '%7b%22id_token%22:null%7d',
  'null',
  '-1',
  '1e999',
  '9'.repeat(400),
  'a'.repeat(6000),
  '%27%20or%201=1%20--',
  '%3Cscript%3E',
  'javascript:alert(1)',
  '__proto__',
  'constructor',
  '%F0%9F%92%A5',
  '%EF%BC%91%EF%BC%92%EF%BC%93',
  'eyJhbGciOiJub25lIn0.e30.',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJcdTAwMDAifQ.AAAA',
  'urn:ietf:params:oauth:request_uri:x',
];

const VALID: Record<string, readonly string[]> = {
  response_type: ['code', 'id_token', 'none', 'code%20id_token'],
  response_mode: ['query', 'form_post', 'fragment', 'web_message'],
  scope: ['openid', 'openid%20offline_access%20email'],
  prompt: ['login', 'none', 'consent', 'none%20login', 'create'],
  grant_type: [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
  ],
  code_challenge: ['E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
  code_challenge_method: ['S256', 'plain'],
  max_age: ['0', '60'],
  claims: ['%7B%22id_token%22:%7B%22acr%22:%7B%22essential%22:true,%22value%22:%22x%22%7D%7D%7D'],
  client_assertion_type: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  logout: ['yes'],
};

const NAMES = [
  ...Object.keys(VALID),
  'client_id',
  'client_id',
  'client_id',
  'redirect_uri',
  'redirect_uri',
  'csrf',
  'csrf',
  'user_id',
  'code',
  'state',
  'nonce',
  'request',
  'request_uri',
  'registration',
  'id_token_hint',
  'login_hint',
  'ui_locales',
  'acr_values',
  'resource',
  'dpop_jkt',
  'refresh_token',
  'code_verifier',
  'token',
  'token_type_hint',
  'access_token',
  'client_secret',
  'client_assertion',
  'post_logout_redirect_uri',
  'logout_hint',
  'xsrf',
  '__proto__',
  'a%00',
];

function parameters({ clientId, redirectUri, csrf }: Ground): fc.Arbitrary<string> {
  const good: Record<string, readonly string[]> = {
    ...VALID,
    client_id: [clientId],
    redirect_uri: [encodeURIComponent(redirectUri)],
    csrf: [csrf],
  };
  const pair = fc.constantFrom(...NAMES).chain((name) => {
    const hostile = fc.constantFrom(...VALUES);
    const known = Object.hasOwn(good, name) ? good[name] : undefined;
    const value = known ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, hostile) : hostile;
    return value.map((text) => `${name}=${text}`);
  });
  return fc.array(pair, { maxLength: 9 }).map((pairs) => pairs.join('&'));
}

/** Bytes that may stand in a header: no control characters but tab, which no client could send. */
const headerText = fc
  .string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .map((byte) => (byte === 0x7f ? ' ' : String.fromCharCode(byte))),
    maxLength: 80,
  })
  .map((text) => text.trim());

const HEADERS: Record<string, fc.Arbitrary<string>> = {
  accept: fc.oneof(
    fc.constantFrom(
      'text/html',
      '*/*',
      'application/json',
      'text/html;q=x',
      '',
      'image/*',
      'application/xhtml+xml',
    ),
    headerText,
  ),
  'accept-language': fc.oneof(
    fc.constantFrom('ja', 'en', 'xx-YY;q=9', '*', ',,;;==', 'a'.repeat(4000)),
    headerText,
  ),
  authorization: fc.oneof(
    fc.constantFrom(
      'Basic',
      'Basic AAAA',
      'Basic Og==',
      'Basic JTAwOiUwMA==',
      'Basic JWZmOiVmZg==',
      'Bearer',
      'Bearer a.b.c',
      'DPoP x',
      'Negotiate x',
    ),
    headerText,
  ),
  dpop: fc.oneof(fc.constantFrom('a.b.c', 'eyJhbGciOiJub25lIn0.e30.'), headerText),
  'content-type': fc.constantFrom(
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=utf-16',
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    '/',
  ),
  cookie: fc.oneof(
    fc.constantFrom(
      'sekisho_session=x; sekisho_session.sig=y',
      'sekisho_device=.',
      'a=b; a=c; =; ;;',
      'sekisho_interaction=%00',
      `x=${'y'.repeat(4000)}`,
    ),
    headerText,
  ),
  origin: fc.oneof(fc.constantFrom('null', 'https://evil.example', 'http://'), headerText),
  'user-agent': headerText,
  host: fc.constantFrom('evil.example', 'a:b:c', '[::1', '..', '127.0.0.1'),
  'x-forwarded-for': fc.oneof(fc.constantFrom(',,,', '::1', '1.2.3.4'), headerText),
  'x-forwarded-proto': fc.constantFrom('https', 'javascript', ''),
  'x-forwarded-host': fc.constantFrom('evil.example', '', 'a b'),
  'content-encoding': fc.constantFrom('gzip', 'br', 'identity', 'x'),
  range: fc.constantFrom('bytes=0-1', 'bytes=-', 'x'),
  'if-none-match': fc.constantFrom('*', '"x"', 'W/'),
  'x-http-method-override': fc.constant('DELETE'),
};

const headers = fc
  .subarray(Object.keys(HEADERS))
  .chain((names) =>
    fc.record(Object.fromEntries(names.map((name) => [name, HEADERS[name] ?? fc.constant('')]))),
  );

/** Requests for every path, and for paths that are nearly those. */
export function hostileRequests(ground: Ground): fc.Arbitrary<HostileRequest> {
  const query = parameters(ground);
  const suffix = fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    fc.constantFrom(...VALUES.slice(0, 17)).map((value) => `/${value}`),
    fc.constantFrom('/', '//', '/.', '/..', ';x=y', '.json', '%2f', '\\', '?'),
  );
  const path = fc
    .tuple(fc.constantFrom(...ground.paths), suffix, fc.option(query, { nil: '' }))
    .map(([base, end, search]) => `${base}${end}${search ? `?${search}` : ''}`);
  const body = fc.oneof(
    { weight: 6, arbitrary: query },
    { weight: 2, arbitrary: fc.constant(undefined) },
    {
      weight: 2,
      arbitrary: fc.string({
        unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
        maxLength: 300,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('{"a":', '[]', '\0'.repeat(100), 'a'.repeat(2 ** 20), 'a=1&'.repeat(5000)),
    },
  );
  return fc.record({ method: fc.constantFrom(...METHODS), path, headers, body, withCookies: fc.boolean() });
}
