import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import fc from 'fast-check';
import { invite } from '../registration/steps.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';
import { type Ground, type HostileRequest, hostileRequests } from './hostile-requests.ts';

const RUNS = 1500;

const STEPS = ['user-id', 'password', 'code', 'resend', 'unmet', 'cancel'];
const RECOVERY_STEPS = [
  '',
  '/user-id',
  '/code',
  '/resend',
  '/question',
  '/credentials',
  '/strength',
  '/done',
];

describe.each(ENGINES)('hostile input to every route on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  let open: Page;
  let ground: Ground;

  beforeAll(async () => {
    at = await startInstallation({
      engine,
      policy: { rates: { code_requests_per_address: { points: 100_000 } } },
    });
    site = await at.addClient();
    await at.addUser('alive');
    const invited = new URL((await invite(at, 'newcomer')).url).pathname;
    open = await site.begin(new Agent());
    const discovery = JSON.parse(
      (await open.agent.get(`${at.issuer}/.well-known/openid-configuration`)).body,
    );
    const endpoints = Object.entries(discovery)
      .filter(([name]) => /_(endpoint|uri)$/.test(name))
      .map(([, url]) => new URL(String(url)).pathname);
    const { pathname } = new URL(open.url);
    ground = {
      paths: [
        ...new Set(endpoints),
        '/',
        '/.well-known/openid-configuration',
        '/auth/unknown',
        '/session/end/confirm',
        '/session/end/success',
        pathname,
        ...STEPS.map((step) => `${pathname}/${step}`),
        ...RECOVERY_STEPS.map((step) => `${pathname}/forgotten${step}`),
        '/interaction/unknown/code',
        '/interaction/unknown/password',
        '/interaction/unknown/forgotten/credentials',
        '/interaction/%00',
        '/interaction/%00/forgotten',
        '/assets/sekisho.css',
        '/assets/',
        '/contracts/shop/theme.css',
        '/contracts/%00/logo',
        '/contracts/none/logo',
        '/healthz',
        '/readyz',
        '/metrics',
        '/inbox',
        '/inbox.json',
        '/inbox/x/body',
        '/register/x',
        '/register/%00/credentials',
        ...['', '/credentials', '/strength', '/done'].map((step) => `${invited}${step}`),
        '/admin',
        '/api/v1',
      ],
      clientId: site.options.clientId,
      redirectUri: site.options.redirectUri,
      csrf: open.form({ user_id: '' }).fields.csrf ?? '',
    };
  });
  afterAll(() => at.close());

  test('is never a fault, never a blank page, and the server lives on', async () => {
    await fc.assert(
      fc.asyncProperty(hostileRequests(ground), async (hostile) => {
        const { status, type, body } = await send(hostile);
        expect(status).toBeGreaterThanOrEqual(200);
        expect(status).toBeLessThan(500);
        const redirect = status >= 300 && status < 400;
        const page = type.includes('html') && !redirect && hostile.method !== 'HEAD';
        if (page) expect(body).toMatch(/<h1|<form/);
        // 431: the head was too long for Node to read, let alone for a page.
        if (status >= 400 && status !== 431 && hostile.method !== 'HEAD') expect(body).not.toBe('');
      }),
      { numRuns: RUNS },
    );
    const faults = at.logged.filter(({ level }) => Number(level) >= 50);
    expect(faults).toEqual([]);
    await signIn(at, site, new Agent(), 'alive');
  });

  test.each([
    ['no HTTP at all', '\0\x01\x02\x03\xff\xfe\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['an unknown method', 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no version', 'GET /\r\n\r\n'],
    ['HTTP/3.0', 'GET / HTTP/3.0\r\nHost: x\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['HTTP/1.0 without Host', 'GET /healthz HTTP/1.0\r\n\r\n'],
    ['a NUL in the path', 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['raw bytes in the path', 'GET /\xff\xfe?\xc3\x28 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['a blank in the path', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n'],
    ['a whole URL', 'GET http://evil.example/interaction/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['a whole URL that is none', 'GET http:// HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['another scheme', 'GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['two lengths', 'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc'],
    [
      'length and chunks',
      'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['bad chunks', 'POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n'],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n'],
    ['a line break in a header', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n'],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\n${`X-A: ${'y'.repeat(1000)}\r\n`.repeat(100)}\r\n`],
    ['a path without end', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    [
      'two thousand headers',
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'A: b\r\n'.repeat(1990)}\r\n`,
    ],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
    [
      'many X-Forwarded-For',
      `GET / HTTP/1.1\r\nHost: a\r\n${'X-Forwarded-For: 1.1.1.1\r\n'.repeat(200)}Connection: close\r\n\r\n`,
    ],
  ])('malformed HTTP, %s: refused or answered, and the next request is served', async (_, bytes) => {
    const answer = await raw(bytes);
    if (answer) expect(answer).toMatch(/^HTTP\/1\.[01] [234]\d\d /);
    expect((await new Agent().get(`${at.issuer}/healthz`)).status).toBe(200);
  });

  test('connections that end in the middle of a request leave nothing behind', async () => {
    const before = at.logged.length;
    const { pathname } = new URL(open.url);
    const head = `POST ${pathname}/code HTTP/1.1\r\nHost: x\r\nCookie: ${open.agent.jar.header(new URL(open.url)) ?? ''}\r\n`;
    const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ncode=';
    for (const bytes of ['P', head, head + form, `${head}Transfer-Encoding: chunked\r\n\r\n5\r\ncode`]) {
      await Promise.all(Array.from({ length: 10 }, () => raw(bytes, 30)));
    }
    expect((await open.reload()).status).toBe(200);
    expect(at.logged.slice(before).filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  async function send({ method, path, headers, body, withCookies }: HostileRequest) {
    const sent: Record<string, string> = { accept: 'text/html' };
    if (body !== undefined) sent['content-type'] = 'application/x-www-form-urlencoded';
    Object.assign(sent, headers);
    if (withCookies) sent.cookie = open.agent.jar.header(new URL(open.url)) ?? '';
    if (body !== undefined) sent['content-length'] = String(Buffer.byteLength(body, 'latin1'));
    return new Promise<{ status: number; type: string; body: string }>((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: at.env.PORT,
        method,
        path: path.replaceAll(' ', '%20'),
        headers: sent,
        agent: false as const,
      };
      const outgoing = request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', body: text }),
        );
        answer.on('error', reject);
      });
      outgoing.setTimeout(5000, () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)));
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : Buffer.from(body, 'latin1'));
    });
  }

  /** The bytes as they are. @param cutAfter milliseconds after which the client goes away */
  function raw(bytes: string, cutAfter = 1000): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(Number(at.env.PORT), '127.0.0.1', () =>
        socket.write(Buffer.from(bytes, 'latin1')),
      );
      let answer = '';
      const timer = setTimeout(() => socket.destroy(), cutAfter);
      socket.setEncoding('latin1');
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }
});
