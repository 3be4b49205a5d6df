import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { completes, results, startAtCode } from '../login/steps.ts';
import type { Installation } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';

describe('requests that no page of ours would send', () => {
  let at: Installation;
  let site: RelyingParty;
  let sub: string;
  let page: Page;
  let code: string;

  beforeAll(async () => {
    ({ at, site, sub, page, code } = await startAtCode('plain'));
  });
  afterAll(() => at.close());

  const url = (path = 'code') => page.url.replace(/code$/, path);
  const send = (body: string, headers: Record<string, string | undefined> = {}) =>
    page.agent.post(url(), body, {
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  test.each([
    ['a megabyte', 1024 * 1024],
    ['a little too much', 16 * 1024 + 1],
  ])('a body of %s: 413, for browsers and for programs', async (_, size) => {
    const body = `code=${'1'.repeat(size - 5)}`;
    const answer = await send(body);
    expect(answer.status).toBe(413);
    expect(answer.body).toContain('<h1>');
    const json = await send(body, { accept: 'application/json' });
    expect([json.status, JSON.parse(json.body).error]).toEqual([413, 'invalid_request']);
  });

  test('a megabyte that does not say its length: 413 as well', async () => {
    const answer = await raw(
      `POST ${new URL(url()).pathname} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n` +
        `Cookie: ${page.agent.jar.header(new URL(url())) ?? ''}\r\n` +
        'Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n' +
        `${`4000\r\n${'1'.repeat(0x4000)}\r\n`.repeat(64)}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test.each([
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/x-www-form-urlencodedx',
    'application/xml',
    '/',
    ';',
  ])('a body of another type, %j: 400', async (type) => {
    const answer = await send(`csrf=x&code=${code}`, { 'content-type': type });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<h1>');
  });

  test('no body, no type: 400', async () => {
    expect((await page.agent.send('POST', url(), undefined, { from: url() })).status).toBe(400);
    expect((await send('', { 'content-type': undefined })).status).toBe(400);
  });

  test('of a repeated field the first counts', async () => {
    const csrf = page.form({ code: '' }).fields.csrf ?? '';
    const twice = await page.agent.post(url(), { csrf: ['made-up', csrf], code });
    expect(twice.status).toBe(403);
    const ten = await page.agent.post(url(), { csrf: [csrf, 'made-up'], code: ['', code] });
    expect(ten.status).toBe(400);
    expect(await results(at, sub)).toEqual([]);
  });

  test('fields that nobody asked for, thousands of them, arrays and prototypes: nothing comes of them', async () => {
    const csrf = page.form({ code: '' }).fields.csrf ?? '';
    for (const extra of [
      '__proto__=1&constructor=1',
      'code[]=1&code[a]=2',
      'a=1&'.repeat(3000),
      '&&&&==&=',
      '%',
      '%zz=%ff',
      'csrf',
    ]) {
      const answer = await send(`csrf=${csrf}&${extra}`);
      expect(answer.status).toBe(400);
      expect(answer.body).toContain('aria-invalid');
    }
  });

  test('a compressed body is not taken for a form', async () => {
    expect((await send('\u001f\u008b\u0008', { 'content-encoding': 'gzip' })).status).toBe(403);
  });

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
    'no answer ever leads to %s',
    async (evil) => {
      const fields = {
        ...page.form({ code: '' }).fields,
        redirect_uri: evil,
        return_to: evil,
        next: evil,
        returnTo: evil,
      };
      const query = new URLSearchParams(fields);
      const answers = [
        await page.agent.get(`${url('')}?${query}`),
        await page.agent.get(`${url()}?${query}`),
        await page.agent.get(`${url('resend')}?${query}`),
        await page.agent.post(`${url('user-id')}?${query}`, { ...fields, user_id: 'plain' }),
        await page.agent.post(`${url('resend')}?${query}`, fields),
        await new Agent().get(`${at.issuer}//evil.example/%2e%2e`),
        await new Agent().get(`${at.issuer}/interaction//evil.example`),
        await new Agent().get(`${at.issuer}/interaction/%2f%2fevil.example/code`),
      ];
      for (const { location = at.issuer, body } of answers) {
        expect(new URL(location).origin).toBe(at.issuer);
        expect(body).not.toContain('evil');
      }
    },
  );

  test('Host, X-Forwarded-Host and a whole URL in the request line change no link, redirect, mail or metadata', async () => {
    await at.addUser('hosted');
    const evil = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    const agent = new Agent({ headers: evil });
    const first = await site.begin(agent);
    const second = await first.submit({ user_id: 'hosted' });
    const mail = await at.mail.waitFor('hosted@user.example');
    const discovery = await agent.get(`${at.issuer}/.well-known/openid-configuration`);
    const form = second.form({ code: '' });
    const accepted = await agent.post(
      form.action,
      { ...form.fields, code: mail.code ?? '' },
      { headers: { origin: at.issuer } },
    );
    for (const text of [first.html, second.html, mail.raw, mail.text, mail.html, discovery.body]) {
      expect(text).not.toContain('evil');
    }
    expect(JSON.parse(discovery.body).token_endpoint).toBe(`${at.issuer}/token`);
    expect(completes(accepted)).toBe(true);
    expect(accepted.location?.startsWith(`${at.issuer}/`)).toBe(true);

    const { search } = new URL((await site.startLogin()).url);
    for (const path of ['/.well-known/openid-configuration', `/auth${search}`, '/nothing']) {
      const answer = await raw(
        `GET http://evil.example${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 [234]\d\d /);
      expect(answer).not.toContain('evil');
    }
  });

  test('a login that began by a whole URL in the request line ends at our own address', async () => {
    const { search } = new URL((await site.startLogin()).url);
    const begun = await raw(
      `GET http://evil.example/auth${search} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    );
    const location = /^location: (.*)$/im.exec(begun)?.[1]?.trim() ?? '';
    expect(new URL(location, at.issuer).origin).toBe(at.issuer);
    const agent = new Agent();
    const lines = [...begun.matchAll(/^set-cookie: (.*)$/gim)].map(([, line = '']) => line.trim());
    agent.jar.store(new URL(`${at.issuer}/auth`), lines);
    const first = await agent.open(new URL(location, at.issuer));
    const second = await first.submit({ user_id: 'plain' });
    const mail = await at.mail.waitFor((one) => one.code !== undefined && one.code !== code);
    const form = second.form({ code: '' });
    const accepted = await agent.post(form.action, { ...form.fields, code: mail.code ?? '' });
    expect(accepted.location?.startsWith(`${at.issuer}/auth/`)).toBe(true);
  });

  /** The bytes as they are; everything that comes back. */
  function raw(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(at.env.PORT), '127.0.0.1', () => socket.write(request));
      let answer = '';
      socket.setEncoding('latin1');
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      // A server may close before it has read all of a body that it refused.
      socket.on('error', (error: NodeJS.ErrnoException) => (answer ? resolve(answer) : reject(error)));
      socket.on('close', () => resolve(answer));
    });
  }
});
