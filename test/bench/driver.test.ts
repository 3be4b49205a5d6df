import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import nodemailer from 'nodemailer';
import { CookieJar } from '../../bench/cookie-jar.ts';
import { formWith } from '../../bench/forms.ts';
import { median, quantile } from '../../bench/load.ts';
import { type SmtpSink, startSmtpSink } from '../../bench/smtp-sink.ts';

describe('the mail sink of the benchmark', () => {
  let sink: SmtpSink;
  let transport: ReturnType<typeof nodemailer.createTransport>;

  beforeAll(async () => {
    sink = await startSmtpSink();
    transport = nodemailer.createTransport({ url: `smtp://127.0.0.1:${sink.port}`, pool: true });
  });
  afterAll(() => {
    transport.close();
    sink.close();
  });

  const send = (to: string, text: string) =>
    transport.sendMail({ from: 'a@bench.example', to, subject: '件名', text, html: '<p>999999</p>' });

  test.each([
    ['plain', 'Your code:\n\n123456\n\nBye\n'],
    [
      'quoted-printable',
      'Your code is on the next line, as ever – and this line is a long one indeed, longer than 76.\n123456\n',
    ],
    ['base64', 'ワンタイムパスワードは次のとおりです。\n\n123456\n\n誰にも教えないでください。\n'],
  ])('finds the code in a %s text', async (_, text) => {
    const code = sink.nextCode('u1@bench.example', 5000);
    await send('u1@bench.example', text);
    expect(await code).toBe('123456');
  });

  test('tells notices from codes', async () => {
    const before = { ...sink.accepted };
    await send('u2@bench.example', '新しいブラウザ\n2026/11/21 12:00:00\n');
    expect(sink.accepted).toEqual({ codes: before.codes, notices: before.notices + 1 });
  });
});

test('a cookie goes only to its path', () => {
  const jar = new CookieJar();
  jar.store(['a=1; path=/interaction/x; httponly', 'b=2; path=/', 'c=3; path=/auth/x'], '/auth');
  expect(jar.header('/interaction/x/code')).toBe('a=1; b=2');
  expect(jar.header('/interaction/xy')).toBe('b=2');
  jar.store(['b=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT'], '/auth');
  expect(jar.header('/')).toBeUndefined();
});

test('the form with the field is found among others', () => {
  const page = `<form action="/cancel"><input type=hidden name=csrf value=x></form>
    <form method="post" action="/go?a=1&amp;b=2"><input type="hidden" name="csrf" value="&quot;y&#39;"><input name="code"></form>`;
  expect(formWith(page, 'code')).toEqual({ action: '/go?a=1&b=2', hidden: [['csrf', `"y'`]] });
  expect(formWith(page, 'user_id')).toBeUndefined();
});

test('quantiles and medians', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.99)).toBe(4);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
