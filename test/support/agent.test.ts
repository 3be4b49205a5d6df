import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from './agent.ts';
import { CookieJar } from './cookie-jar.ts';
import { formsOf, linksOf } from './html-forms.ts';

describe('cookie jar', () => {
  let now = Date.UTC(2026, 10, 21);
  let jar: CookieJar;
  const at = (url: string) => new URL(url);
  const names = (url: string, context = {}) => jar.for(at(url), context).map(({ name }) => name);

  beforeEach(() => {
    jar = new CookieJar(() => now);
  });

  test('keeps cookies by host whatever the port, and by path', () => {
    jar.store(at('http://127.0.0.1:3000/interaction/abc'), [
      'root=1; Path=/',
      'one=2; Path=/interaction/abc',
      'near=3',
    ]);
    expect(names('http://127.0.0.1:3001/')).toEqual(['root']);
    expect(names('http://127.0.0.1:3000/interaction/abc/code')).toEqual(['one', 'near', 'root']);
    expect(names('http://127.0.0.1:3000/interaction/abcd')).toEqual(['near', 'root']);
    expect(names('http://localhost:3000/')).toEqual([]);
  });

  test('replaces, expires and deletes', () => {
    const url = at('http://127.0.0.1/');
    jar.store(url, ['a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'b=2']);
    jar.store(url, ['b=3; HttpOnly']);
    expect(jar.header(url)).toBe('a=1; b=3');
    expect(jar.get('b')?.httpOnly).toBe(true);
    now += 60_000;
    expect(jar.header(url)).toBe('b=3');
    jar.store(url, ['b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(jar.header(url)).toBeUndefined();
  });

  test('takes and sends Secure cookies over https and on loopback only', () => {
    jar.store(at('http://idp.example/'), ['a=1; Secure']);
    jar.store(at('http://127.0.0.1/'), ['b=1; Secure']);
    jar.store(at('https://idp.example/'), ['c=1; Secure']);
    expect(names('http://idp.example/')).toEqual([]);
    expect(names('https://idp.example/')).toEqual(['c']);
    expect(names('http://127.0.0.1/')).toEqual(['b']);
  });

  test('refuses what browsers refuse', () => {
    jar.store(at('https://idp.example/a/b'), [
      '__Host-a=1; Secure; Path=/a',
      '__Host-b=1; Path=/',
      '__Secure-c=1',
      'd=1; SameSite=None',
      'e=1; Domain=example',
      '=f',
      'g',
      '__Host-ok=1; Secure; Path=/',
    ]);
    expect(jar.all().map(({ name }) => name)).toEqual(['__Host-ok']);
  });

  test('obeys SameSite', () => {
    const url = 'https://idp.example/';
    jar.store(at(url), ['strict=1; SameSite=Strict', 'lax=1', 'none=1; SameSite=None; Secure']);
    expect(names(url)).toEqual(['strict', 'lax', 'none']);
    expect(names(url, { crossSite: true, safeNavigation: true })).toEqual(['lax', 'none']);
    expect(names(url, { crossSite: true })).toEqual(['none']);
  });
});

test('reads forms as a browser would send them', () => {
  const html = `<form method="post" action="/code?a=1&amp;b=2"><input type=hidden name="csrf" value="&quot;x&#39;">
    <label for=c>Code</label><input id="c" name="code" autocomplete="one-time-code" required/>
    <input type="checkbox" name="keep" value="yes"><input type="radio" name="r" value="1" checked>
    <select name="t"><option value="pc">PC<option value="mobile" selected>Mobile</select>
    <textarea name="note">a &lt; b</textarea><input name="off" disabled value="1">
    <button name="go" value="1">ログイン</button><input type="submit" value="送信"></form>
    <!-- <form action="/no"></form> --><form action="next" id="n"><button>戻る</button></form><button form="n" name="yes">はい</button> <a href="/x?y=1&amp;z">to <b>x</b></a>`;
  const [first, second, ...rest] = formsOf(html, 'http://127.0.0.1:3000/a/b');
  expect(rest).toEqual([]);
  expect(first).toEqual({
    method: 'post',
    action: 'http://127.0.0.1:3000/code?a=1&b=2',
    fields: { csrf: '"x\'', code: '', r: '1', t: 'mobile', note: 'a < b' },
    names: new Set(['csrf', 'code', 'keep', 'r', 't', 'note', 'go']),
    buttons: ['ログイン', '送信'],
  });
  expect(second).toMatchObject({
    method: 'get',
    action: 'http://127.0.0.1:3000/a/next',
    buttons: ['戻る', 'はい'],
  });
  expect(second?.names).toEqual(new Set(['yes']));
  expect(linksOf(html, 'http://127.0.0.1:3000/a/b')).toEqual([
    { text: 'to x', href: 'http://127.0.0.1:3000/x?y=1&z' },
  ]);
});

describe('agent', () => {
  let server: Server;
  let base: string;
  const seen: {
    method?: string;
    url?: string;
    headers: IncomingMessage['headers'];
    body: string;
    from?: string;
  }[] = [];

  const pages: Record<string, (response: ServerResponse) => void> = {
    '/start': (response) => response.writeHead(303, { location: '/form', 'set-cookie': 'sid=1' }).end(),
    '/form': (response) =>
      response.end(
        '<title>Form｜x</title><form method=post action=/a><input name=a></form><form method=post action=/b><input name=b></form>',
      ),
    '/a': (response) => response.writeHead(303, { location: '/back?code=1' }).end(),
    '/b': (response) => response.writeHead(307, { location: '/c' }).end(),
    '/c': (response) => response.writeHead(400).end('<h1>no</h1>'),
  };

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body, from: request.socket.remoteAddress ?? '' });
      pages[url]?.(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    seen.length = 0;
  });
  afterAll(() => {
    server.close();
  });

  test('follows redirects, fills in the form that has the field, and stops where it was told to', async () => {
    const agent = new Agent({ stopAt: [`${base}/back`], localAddress: '127.0.0.9' });
    const form = await agent.open(`${base}/start`);
    expect(form).toMatchObject({ status: 200, url: `${base}/form`, title: 'Form｜x' });
    const back = await form.submit({ a: 'あ' });
    expect(back).toMatchObject({ status: 0, url: `${base}/back?code=1` });
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /start', 'GET /form', 'POST /a']);
    expect(seen[2]).toMatchObject({
      body: 'a=%E3%81%82',
      from: '127.0.0.9',
      headers: { cookie: 'sid=1', origin: base, 'sec-fetch-site': 'same-origin' },
    });
  });

  test('repeats a POST on 307, and complains about a field that is not there', async () => {
    const form = await new Agent().open(`${base}/form`);
    expect(() => form.submit({ nothing: '' })).toThrow('No form with nothing');
    expect(() => form.submit({ a: '' }, '/b')).toThrow('No form with a');
    expect(await form.submit({ b: '1' })).toMatchObject({ status: 400, h1: 'no' });
    expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/c', body: 'b=1' });
  });

  test('a request made by another site says so and carries no Lax cookie with a POST', async () => {
    const agent = new Agent();
    await agent.get(`${base}/start`);
    await agent.post(`${base}/a`, { a: '1' }, { from: 'https://evil.example/' });
    await agent.get(`${base}/form`, { from: 'https://evil.example/' });
    const [, post, get] = seen;
    expect(post?.headers).toMatchObject({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' });
    expect(post?.headers.cookie).toBeUndefined();
    expect(get?.headers.cookie).toBe('sid=1');
  });
});
