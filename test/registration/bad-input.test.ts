import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { translator } from '../../src/http/locale.ts';
import { Agent, type Page } from '../support/agent.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import {
  atCredentials,
  ENTRIES,
  expectPage,
  expectProblem,
  type Invited,
  invite,
  kept,
  METHODS,
  NOTHING,
  openInvitation,
  PASSWORD,
} from './steps.ts';

const t = translator('ja');
const SHORT = 'mijikai 8 ji';

describe.each(ENGINES)('what a registration refuses, on %s', (engine) => {
  let at: Installation;
  let invited: Invited;
  let page: Page;

  beforeAll(async () => {
    const rates = { tries_per_address: { points: 10_000 } };
    at = await startInstallation({ engine, policy: { ...METHODS, rates } });
    await at.addClient({ name: '見本サイト' });
    invited = await invite(at, 'p-01-usr007');
    page = await atCredentials(invited);
  });
  afterAll(() => at.close());

  const unchanged = async () => expect(await kept(at, invited.sub)).toEqual({ ...NOTHING, state: 'invited' });

  const FIELDS: [string, Record<string, string>, string, string][] = [
    ['no question', { question: '' }, 'question', t('credentials.question.none')],
    ['a question that is not offered', { question: 'shoe_size' }, 'question', t('credentials.question.none')],
    ['no answer', { answer: '' }, 'answer', t('credentials.answer.empty')],
    ['an answer of spaces', { answer: ' 　・' }, 'answer', t('credentials.answer.empty')],
    ['an answer of one letter', { answer: 'あ' }, 'answer', t('credentials.answer.too_short')],
    ['an answer without end', { answer: 'あ'.repeat(101) }, 'answer', t('credentials.answer.too_long')],
    ['no password', { password: '' }, 'password', t('credentials.password.empty')],
    [
      'a short password',
      { password: SHORT, password_again: SHORT },
      'password',
      t('password.fault.too_short', { min: 15 }),
    ],
    [
      'a password without end',
      { password: 'あ'.repeat(257), password_again: 'あ'.repeat(257) },
      'password',
      t('password.fault.too_long', { max: 256 }),
    ],
    [
      'a password like the user ID',
      { password: 'p-01-usr007p-01-usr007', password_again: 'p-01-usr007p-01-usr007' },
      'password',
      t('password.fault.like_name'),
    ],
    [
      'a password like the name of a site',
      { password: '見本サイト見本サイト見本サイト', password_again: '見本サイト見本サイト見本サイト' },
      'password',
      t('password.fault.like_name'),
    ],
    ['no repetition', { password_again: '' }, 'password_again', t('credentials.password_again.empty')],
    [
      'another repetition',
      { password_again: `${PASSWORD}!` },
      'password_again',
      t('credentials.password_again.differs'),
    ],
  ];

  test.each(FIELDS)('%s: told at the field and above the form', async (_, changes, field, words) => {
    const refused = await page.submit({ ...ENTRIES, ...changes });
    expectPage(refused, 'register.step.credentials', 400);
    expect(refused.title).toContain(t('page.error'));
    expect(refused.links).toContainEqual({ text: words, href: `${invited.url}/credentials#${field}` });
    expect(refused.html).toContain(`id="${field}-error">${words}<`);
    expect(refused.html).toMatch(
      new RegExp(`id="${field}"[^>]*aria-invalid="true" aria-describedby="${field}-error`),
    );
    expect(refused.html.match(/aria-invalid="true"/g)).toHaveLength(1);
    await unchanged();
  });

  test('all that is wrong is told at once; the question stays, what is secret does not come back', async () => {
    const faulty = { question: 'first_school', answer: 'や', password: SHORT, password_again: 'other' };
    const refused = await page.submit(faulty);
    expect(refused.html.match(/aria-invalid="true"/g)).toHaveLength(2);
    expect(refused.form({ answer: '' }).fields).toMatchObject({
      question: 'first_school',
      answer: '',
      password: '',
      password_again: '',
    });
    for (const secret of ['や', SHORT, 'other']) expect(refused.html).not.toContain(`value="${secret}"`);
    await unchanged();
  });

  test('nothing at all, and fields that nobody asked for', async () => {
    const { csrf = '' } = page.form({ answer: '' }).fields;
    const bare = await page.agent.post(`${invited.url}/credentials`, { csrf });
    expect(bare.status).toBe(400);
    const odd = { ...ENTRIES, question: '__proto__', userId: 'x', method: 'otp', constructor: 'y' };
    expect((await page.agent.post(`${invited.url}/credentials`, { csrf, ...odd })).status).toBe(400);
    await unchanged();
  });

  test('NUL bytes and other characters that nobody types: no fault', async () => {
    for (const odd of ['\0', 'a\0b', '\ud800', '\u202e', '\ufeff']) {
      const first = await openInvitation(invited);
      expect((await first.submit({ code: odd })).status).toBe(400);
      for (const name of ['question', 'answer', 'password'] as const) {
        const changes = name === 'password' ? { password_again: odd, password: odd } : { [name]: odd };
        const refused = await page.submit({ ...ENTRIES, password_again: '', ...changes });
        expect(refused.status).toBe(400);
      }
      const address = `${at.issuer}/register/${encodeURIComponent(Buffer.from(odd).toString('latin1'))}`;
      expect((await new Agent().get(address)).status).toBe(404);
      await unchanged();
    }
    for (const path of [
      '%00',
      '%ff',
      '%',
      'a%2fb',
      `${'a'.repeat(5000)}`,
      `${invited.url.split('/').pop()}/nothing`,
    ]) {
      const { status } = await new Agent().get(`${at.issuer}/register/${path}`);
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
  });

  test('anything in any field: told, and never a fault', async () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 300 }), fc.constant(PASSWORD));
    const entries = fc.record({ question: text, answer: text, password: text, password_again: text });
    await fc.assert(
      fc.asyncProperty(entries, async (entered) => {
        // No question has such an id.
        const refused = await page.submit({ ...entered, question: `?${entered.question}` });
        expectPage(refused, 'register.step.credentials', 400);
      }),
      { numRuns: 40 },
    );
    await unchanged();
  });

  test('megabytes, other kinds of bodies, other methods', async () => {
    const { csrf = '' } = page.form({ answer: '' }).fields;
    const action = `${invited.url}/credentials`;
    const large = await page.agent.post(action, { ...ENTRIES, csrf, answer: 'x'.repeat(2_000_000) });
    expect(large.status).toBe(413);
    const headers = { 'content-type': 'application/json' };
    expect((await page.agent.post(action, JSON.stringify({ ...ENTRIES, csrf }), { headers })).status).toBe(
      400,
    );
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      expect((await page.agent.send(method, action)).status).toBe(405);
    expect((await page.agent.get(`${invited.url}/strength`)).status).toBe(405);
    await unchanged();
  });

  test('what another site sends, and forms without their token or with that of another', async () => {
    const action = `${invited.url}/credentials`;
    const { csrf = '' } = page.form({ answer: '' }).fields;
    const stranger = await invite(at, 'stranger');
    const theirs = (await openInvitation(stranger)).form({ code: '' }).fields.csrf ?? '';
    const from = 'https://evil.example/';
    const sent = [
      await page.agent.post(action, { ...ENTRIES, csrf }, { from }),
      await page.agent.post(action, { ...ENTRIES, csrf }, { headers: { origin: 'null' } }),
      await page.agent.post(action, { ...ENTRIES }),
      await page.agent.post(action, { ...ENTRIES, csrf: theirs }),
      await page.agent.post(invited.url, { code: invited.code, csrf }, { from }),
      await page.agent.post(`${invited.url}/strength`, { password: 'x', csrf }, { from }),
    ];
    expect(sent.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    expectProblem(
      await page.agent.submit({ ...page.form({ answer: '' }), fields: {} }, ENTRIES, page.url),
      'forged_request',
      403,
    );
    await unchanged();
  });

  test('proofs of a code that were made up, changed, or given for another invitation', async () => {
    const other = await invite(at, 'other');
    const theirs = (await atCredentials(other)).agent.jar.all()[0];
    const [name = ''] = page.agent.jar.all().map((cookie) => cookie.name);
    const mine = page.agent.jar.get(name)?.value ?? '';
    const [end, mac] = mine.split('.');
    const { csrf = '' } = page.form({ answer: '' }).fields;
    const forged = [
      theirs?.value ?? '',
      `${Number(end) + 1}.${mac}`,
      `${end}.${mac}x`,
      `${end}`,
      `9999999999999.${mac}`,
      '',
      'x.y.z',
      `${mine}.`,
    ];
    for (const value of forged) {
      const headers = { cookie: `${name}=${value}` };
      const answer = await new Agent({ headers }).post(`${invited.url}/credentials`, { ...ENTRIES, csrf });
      expect(answer).toMatchObject({ status: 303, location: `${invited.url}?again=1` });
      const asked = await new Agent({ headers }).post(`${invited.url}/strength`, { password: 'x', csrf });
      expect(asked.status).toBe(403);
    }
    await unchanged();
    const right = new Agent({ headers: { cookie: `${name}=${mine}` } });
    expect((await right.get(`${invited.url}/credentials`)).status).toBe(200);
  });

  test('a form that is sent without end', async () => {
    const busy = await invite(at, 'endless');
    const form = await atCredentials(busy);
    for (let time = 0; time < 100; time += 1) expect((await form.submit({ answer: '' })).status).toBe(400);
    const refused = await form.submit(ENTRIES);
    expectProblem(refused, 'too_many_requests', 429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await kept(at, busy.sub)).toMatchObject(NOTHING);
  });

  test('too many questions how strong a password is; the form still works', async () => {
    const busy = await invite(at, 'curious');
    const form = await atCredentials(busy);
    const { csrf = '' } = form.form({ answer: '' }).fields;
    const ask = () => form.agent.post(`${busy.url}/strength`, { csrf, password: '' });
    for (let time = 0; time < 300; time += 1) expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
    expectPage(await form.submit(ENTRIES), 'register.step.done', 200);
  });

  test('and with all of this behind, the registration goes through', async () => {
    expectPage(await page.submit(ENTRIES), 'register.step.done', 200);
    expect(await kept(at, invited.sub)).toMatchObject({ state: 'active', spent: true });
  });
});
