import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { hashToken } from '../../src/secrets.ts';
import { atOnce, describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { type Run, runHere, sekisho } from './sekisho.ts';

const SECRET = 'a secret of thirty-two characters';
const CB = 'https://site.example/cb';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sekisho-cli-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describeOnBothEngines('the sekisho command', (open) => {
  let db: TestDatabase;
  let env: Record<string, string>;
  const run = (...args: string[]) => sekisho(env, folder, args);

  beforeAll(async () => {
    db = await open();
    env = { DATABASE_URL: db.url, SECRETS: SECRET };
    await runHere(env, ['contract', 'create', 'acme', '--name', '関所']);
  });

  test('several on an empty database at once bring it up to date and all do their work', async () => {
    const empty = { ...env, DATABASE_URL: (await open({ migrate: false })).url };
    const runs = await atOnce(3, (number) =>
      sekisho(empty, folder, ['contract', 'create', `c${number}`, '--name', 'x', '--json']),
    );
    expect(runs.map(({ code, err }) => [code, err])).toEqual(Array(3).fill([0, '']));
    const list = (await sekisho(empty, folder, ['contract', 'list', '--json'])).json();
    expect(list.map(({ id }: { id: string }) => id)).toEqual(['c0', 'c1', 'c2']);
    const migrated = await sekisho(empty, folder, ['migrate', '--json']);
    expect(migrated.json()).toEqual({ dialect: db.database.dialect, changed: false });
  });

  test('a contract: create, show, update, list', async () => {
    const policy = await file('policy.json', { lock: { tries: 3 } });
    const created = await run(
      'contract',
      'create',
      'shop',
      '--name',
      '関所システムズ',
      '--policy',
      policy,
      '--json',
    );
    expect(created).toMatchObject({ code: 0, err: '' });
    expect(created.json()).toMatchObject({
      id: 'shop',
      name: '関所システムズ',
      policy: { lock: { tries: 3 }, code: { digits: 6 } },
      policy_set: { lock: { tries: 3 } },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect((await run('contract', 'show', 'shop', '--json')).json()).toEqual(created.json());
    const shown = await run('contract', 'show', 'shop');
    expect(shown.out).toMatch(/^lock\.tries +3 \(set\)$/m);
    expect(shown.out).toMatch(/^code\.digits +6$/m);
    const updated = await run('contract', 'update', 'shop', '--name', '新', '--json');
    expect(updated.json()).toMatchObject({ name: '新', policy_set: { lock: { tries: 3 } } });
    expect((await run('contract', 'list')).out).toMatch(/^shop +新$/m);
  });

  test('a client: create, show, update, a new secret, list, delete', async () => {
    const created = await run(
      'client',
      'create',
      'acme',
      '--name',
      '電子調達ポータル',
      '--redirect-uri',
      CB,
      '--redirect-uri',
      `${CB}2`,
      '--json',
    );
    expect(created.code).toBe(0);
    const client = created.json();
    expect(client).toMatchObject({
      client_id: expect.stringMatching(/^[\w-]{22}$/),
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
      client_name: '電子調達ポータル',
      contract: 'acme',
      redirect_uris: [CB, `${CB}2`],
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
    });
    const stored = await db.read(({ clients }) => clients.find(client.client_id));
    expect(stored?.secretHash).toBe(hashToken(client.client_secret));

    const { client_secret: _, client_secret_expires_at: __, ...registered } = client;
    expect((await run('client', 'show', client.client_id, '--json')).json()).toEqual(registered);
    const updated = await run(
      'client',
      'update',
      client.client_id,
      '--redirect-uri',
      CB,
      '--default-max-age',
      '600',
      '--json',
    );
    expect(updated.json()).toEqual({ ...registered, redirect_uris: [CB], default_max_age: 600 });
    const cleared = await run('client', 'update', client.client_id, '--default-max-age', '', '--json');
    expect(cleared.json()).toEqual({ ...registered, redirect_uris: [CB] });
    const rotated = (await run('client', 'rotate-secret', client.client_id, '--json')).json();
    expect(rotated.client_secret).not.toBe(client.client_secret);
    expect((await run('client', 'list', 'acme', '--json')).json()).toEqual([cleared.json()]);
    expect((await run('client', 'delete', client.client_id)).code).toBe(0);
    expect((await run('client', 'list', 'acme', '--json')).json()).toEqual([]);
  });

  test('every option of a client arrives, and the provider agrees', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const jwks = await file('jwks.json', { keys: [publicKey.export({ format: 'jwk' })] });
    const options = {
      '--redirect-uri': CB,
      '--post-logout-redirect-uri': 'https://site.example/bye',
      '--auth-method': 'private_key_jwt',
      '--id-token-alg': 'EdDSA',
      '--subject-type': 'pairwise',
      '--jwks': jwks,
      '--backchannel-logout-uri': 'https://site.example/out',
      '--initiate-login-uri': 'https://site.example/login',
      '--client-uri': 'https://site.example/',
      '--scope': 'openid profile email',
      '--default-acr': 'urn:sekisho:acr:otp',
    };
    const grants = ['authorization_code', 'refresh_token', 'client_credentials'].flatMap((type) => [
      '--grant-type',
      type,
    ]);
    const created = await run(
      'client',
      'create',
      'acme',
      '--name',
      'x',
      ...Object.entries(options).flat(),
      ...grants,
      '--json',
    );
    expect(created.code).toBe(0);
    expect(created.json()).toMatchObject({
      redirect_uris: [CB],
      post_logout_redirect_uris: ['https://site.example/bye'],
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      id_token_signed_response_alg: 'EdDSA',
      subject_type: 'pairwise',
      jwks: { keys: [{ kty: 'OKP' }] },
      backchannel_logout_uri: 'https://site.example/out',
      initiate_login_uri: 'https://site.example/login',
      client_uri: 'https://site.example/',
      scope: 'openid profile email',
      default_acr_values: ['urn:sekisho:acr:otp'],
    });
    expect(created.json().client_secret).toBeUndefined();
    const objection = await run(
      'client',
      'create',
      'acme',
      '--name',
      'x',
      '--redirect-uri',
      CB,
      '--scope',
      'nonsense',
    );
    expect(objection).toMatchObject({ code: 1, out: '', err: expect.stringContaining('scope') });
  });

  test('a user: create, show, list, disable, enable, unlock, delete', async () => {
    const created = await run(
      ...[
        'user',
        'create',
        'acme',
        'P-01-usr007',
        '--email',
        'taro@example.co.jp',
        '--email',
        'a..b@docomo.ne.jp',
      ],
      ...[
        '--device-type',
        'smartphone',
        '--device-type',
        'mobile',
        '--active',
        '--valid-until',
        '2027-03-31',
        '--locale',
        'en',
        '--json',
      ],
    );
    expect(created).toMatchObject({ code: 0, err: '' });
    const user = created.json();
    expect(user).toMatchObject({
      contract: 'acme',
      user_id: 'P-01-usr007',
      login_method: 'otp',
      state: 'active',
      unlock_at: null,
      valid_until: '2027-03-31T15:00:00.000Z',
      locale: 'en',
      devices: [
        { number: 1, address: 'taro@example.co.jp', type: 'smartphone', confirmed_at: user.created_at },
        { number: 2, address: 'a..b@docomo.ne.jp', type: 'mobile', confirmed_at: user.created_at },
      ],
    });
    const verb = async (name: string) => (await run('user', name, 'acme', 'p-01-usr007', '--json')).json();
    expect(await verb('show')).toMatchObject({ ...user, logins: [], mails: [] });
    expect(await verb('disable')).toMatchObject({ state: 'disabled' });
    expect(await verb('enable')).toMatchObject({ state: 'active' });
    expect(await verb('unlock')).toMatchObject({ state: 'active', sub: user.sub });
    await run('user', 'create', 'acme', 'p-02', '--email', 'x@example.co.jp', '--device-type', 'mobile');
    const list = (await run('user', 'list', 'acme', '--json')).json();
    expect(list.map((each: { user_id: string; state: string }) => [each.user_id, each.state])).toEqual([
      ['P-01-usr007', 'active'],
      ['p-02', 'invited'],
    ]);
    const page = await run('user', 'list', 'acme', '--limit', '1');
    expect(page.out).toContain('P-01-usr007');
    expect(page.err).toContain('--after P-01-usr007');
    expect((await run('user', 'list', 'acme', '--after', 'P-01-usr007', '--json')).json()).toHaveLength(1);
    expect(await verb('delete')).toMatchObject({ user_id: 'P-01-usr007' });
    expect((await run('user', 'show', 'acme', 'p-01-usr007')).code).toBe(1);
  });

  test('a user is corrected, and shown with what has happened', async () => {
    const devices = ['--email', 'wrong@example.co.jp', '--device-type', 'mobile'];
    const limits = ['--valid-until', '2027-03-31', '--locale', 'en'];
    const made = (
      await runHere(env, ['user', 'create', 'acme', 'fix', ...devices, ...limits, '--json'])
    ).json();
    const update = (...options: string[]) =>
      runHere(env, ['user', 'update', 'acme', 'fix', ...options, '--json']);
    const fixed = await update('--email', 'right@example.co.jp', '--email', 'b@example.jp', '--active');
    expect(fixed).toMatchObject({ code: 0, err: '' });
    expect(fixed.json()).toMatchObject({
      sub: made.sub,
      state: 'active',
      valid_until: made.valid_until,
      locale: 'en',
      devices: [
        { number: 1, address: 'right@example.co.jp', type: 'pc' },
        { number: 2, address: 'b@example.jp', type: 'pc' },
      ],
    });
    expect((await update('--no-valid-until', '--no-locale')).json()).toMatchObject({
      valid_until: null,
      locale: null,
      devices: fixed.json().devices,
    });
    const dated = await update('--valid-until', '2028-03-31', '--locale', 'ja');
    expect(dated.json()).toMatchObject({ valid_until: '2028-03-31T15:00:00.000Z', locale: 'ja' });
    const shown = await runHere(env, ['user', 'show', 'acme', 'fix']);
    expect(shown.out).toMatch(/^device +1 {2}right@example.co.jp {2}pc$/m);
    expect(shown.out).toMatch(/^0 of 5 +no +unknown browsers$/m);
    expect(shown.out).toContain('No logins yet.');
    const json = (await runHere(env, ['user', 'show', 'acme', 'fix', '--json'])).json();
    expect(json).toEqual({
      ...dated.json(),
      password_since: null,
      secret_answer_since: null,
      invitation: null,
      logins: [],
      wrong_tries: [
        {
          browser: 'unknown',
          last_seen_at: null,
          tries: 0,
          tries_allowed: 5,
          locked: false,
          unlock_at: null,
        },
      ],
      mails: [],
    });
  });

  test('a user is invited: by mail, or by hand where the contract says so', async () => {
    const user = ['acme', 'guest', '--email', 'guest@example.co.jp'];
    const created = (await runHere(env, ['user', 'create', ...user, '--json'])).json();
    expect(created).toMatchObject({ state: 'invited', mailed_to: ['guest@example.co.jp'] });
    expect(Object.keys(created)).not.toEqual(expect.arrayContaining(['initial_otp']));
    const printed = await runHere(env, ['user', 'invite', 'acme', 'guest', '--print', '--json']);
    expect(printed.json()).toMatchObject({
      registration_url: expect.stringMatching(/^http:\/\/localhost:3000\/register\/[\w-]{43}$/),
      initial_otp: expect.stringMatching(/^\d{8}$/),
      expires_at: expect.stringMatching(/Z$/),
    });
    const quiet = await runHere(env, ['user', 'invite', 'acme', 'guest']);
    expect(quiet).toMatchObject({ code: 0, err: '' });
    expect(quiet.out).not.toMatch(/register\/|initial_otp/);
    const policy = await file('by-hand.json', { registration: { delivery: 'administrator' } });
    await runHere(env, ['contract', 'create', 'hand', '--name', '関所', '--policy', policy]);
    const handed = await runHere(env, ['user', 'create', 'hand', ...user.slice(1)]);
    expect(handed.out).toMatch(/^registration_url +http:\S+$/m);
    expect(handed.out).toMatch(/^initial_otp +\d{8}$/m);
    const shown = await runHere(env, ['user', 'show', 'hand', 'guest']);
    expect(shown.out).toMatch(
      /^password +none\nsecret_answer +none\ninvitation +issued .+\n +ends .+\n +reminds .+\n +not used$/m,
    );
    expect(shown.out).not.toMatch(/register\/|\d{8}$/m);
    const json = (await runHere(env, ['user', 'show', 'hand', 'guest', '--json'])).json();
    expect(json).toMatchObject({
      password_since: null,
      secret_answer_since: null,
      invitation: { spent_at: null, remind_at: expect.any(String) },
      mails: [{ kind: 'invitation_notice', address: 'guest@example.co.jp', state: 'waiting' }],
    });
  });

  test('an error code leads to the user and to what helps', async () => {
    const user = ['user', 'create', 'acme', "o'hara 1", '--email', 'x@example.co.jp', '--active', '--json'];
    const { sub } = (await runHere(env, user)).json();
    const event = {
      contractId: 'acme',
      clientId: 'gone',
      method: 'otp',
      address: '192.0.2.1',
      browser: 'Firefox',
    };
    await db.write(async ({ audit, users }) => {
      const known = { ...event, userSub: sub, at: Date.UTC(2026, 10, 21) };
      await audit.addLogin({ ...known, id: 'wrong', result: 'wrong_code', errorCode: null });
      await audit.addLogin({ ...known, id: 'locked', result: 'locked', errorCode: '7KQ2M0XR' });
      const unknown = { ...event, userSub: null, at: Date.UTC(2026, 10, 21) };
      await audit.addLogin({ ...unknown, id: 'nobody', result: 'locked', errorCode: 'ABCDEFGH' });
      await users.lock(sub, null, Date.UTC(2026, 10, 21));
    });
    const find = (code: string, ...options: string[]) =>
      runHere(env, ['user', 'find-error', 'acme', code, ...options]);
    const found = await find('7kq2 moxr');
    expect(found).toMatchObject({ code: 0, err: '' });
    expect(found.out).toMatch(/^user_id +o'hara 1$/m);
    expect(found.out).toContain("sekisho user unlock acme 'o'\\''hara 1'");
    expect(found.out).toMatch(/^2026-11-21T00:00:00.000Z +wrong_code +otp/m);
    expect((await find('7KQ2M0XR', '--json')).json()).toMatchObject({
      error_code: '7KQ2M0XR',
      at: '2026-11-21T00:00:00.000Z',
      result: 'locked',
      client_id: 'gone',
      site: null,
      sub,
      user: { user_id: "o'hara 1", state: 'locked' },
      before: [{ result: 'wrong_code' }],
      wrong_tries: [{ browser: 'unknown', tries: 0 }],
      advice: expect.stringContaining('user unlock'),
    });
    expect(found.out).not.toContain('user invite');
    await db.write(({ audit }) => {
      const answer = { ...event, userSub: sub, at: Date.UTC(2026, 10, 21, 1), errorCode: null };
      return audit.addLogin({ ...answer, id: 'answer', result: 'wrong_answer' });
    });
    await db.write(({ audit }) => {
      const locked = { ...event, userSub: sub, at: Date.UTC(2026, 10, 21, 2), errorCode: '8KQ2M0XR' };
      return audit.addLogin({ ...locked, id: 'again', result: 'locked' });
    });
    expect((await find('8KQ2M0XR')).out).toMatch(
      /user unlock acme .*; if the answer is forgotten: sekisho user invite acme .* \(replaces all credentials\)$/m,
    );
    await runHere(env, ['user', 'unlock', 'acme', "o'hara 1"]);
    expect((await find('7KQ2M0XR')).out).toContain('nothing is locked any more');
    await runHere(env, ['user', 'disable', 'acme', "o'hara 1"]);
    expect((await find('7KQ2M0XR')).out).toContain('user enable acme');
    await runHere(env, ['user', 'delete', 'acme', "o'hara 1"]);
    expect((await find('7KQ2M0XR')).out).toContain('the user was deleted since');
    expect((await find('ABCDEFGH')).out).toContain('nobody has the user ID that was typed');
  });

  test('people see the time of a registration, programs its standard form', async () => {
    const args = ['client', 'create', 'acme', '--name', 'x', '--redirect-uri', CB];
    expect((await runHere(env, args)).out).toMatch(/^client_id_issued_at +\d{4}-\d\d-\d\dT[\d:.]+Z$/m);
    const json = (await runHere(env, [...args, '--json'])).json();
    expect(json.client_id_issued_at).toEqual(expect.any(Number));
  });

  test('of two processes that create one user, one wins', async () => {
    const runs = await atOnce(2, () => run('user', 'create', 'acme', 'twice', '--email', 'x@example.co.jp'));
    expect(runs.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(runs.map(({ err }) => err).join('')).toBe(
      'error: there is a user "twice" in contract "acme" already\n',
    );
  });

  test('keys: none, rotated, listed', async () => {
    expect((await run('key', 'list', '--json')).json()).toEqual([]);
    const made = (await run('key', 'rotate', '--kind', 'ES256', '--json')).json();
    expect(made).toMatchObject([{ kind: 'ES256', state: 'published', ends_at: null }]);
    const all = (await run('key', 'list', '--json')).json();
    const states = all.map(({ kind, state }: { kind: string; state: string }) => `${kind} ${state}`).sort();
    expect(states).toEqual([
      'ES256 active',
      'ES256 published',
      'EdDSA active',
      'RS256 active',
      'cookie active',
      'pairwise active',
      'pepper active',
    ]);
    expect(JSON.stringify(all)).not.toMatch(/"(d|sealed)"/);
  });

  test('what is wrong is said on standard error, with exit code 1, and nothing is changed', async () => {
    const counts = () =>
      Promise.all(
        ['contracts', 'clients', 'users', 'devices', 'keys', 'audit_events'].map((table) => db.count(table)),
      );
    const before = await counts();
    const broken = await file('broken.json', '{"lock":');
    const wrong = await file('wrong.json', { lock: { tries: 0 }, nonsense: 1 });
    const refusals: [args: string[], message: RegExp][] = [
      [['contract', 'create', 'Acme', '--name', 'x'], /^error: contract: id: must have/],
      [['contract', 'create', 'acme', '--name', 'x'], /there is a contract "acme" already/],
      [['contract', 'create', 'new', '--name', 'x', '--policy', broken], /broken.json is not JSON/],
      [
        ['contract', 'create', 'new', '--name', 'x', '--policy', join(folder, 'none.json')],
        /none.json cannot be read/,
      ],
      [
        ['contract', 'update', 'acme', '--policy', wrong],
        /lock\.tries: .*\n.*nonsense: there is no such setting/,
      ],
      [['contract', 'update', 'acme'], /nothing to change/],
      [['contract', 'show', 'nobody'], /there is no contract "nobody"/],
      [['client', 'create', 'acme', '--name', 'x'], /redirect_uris: must have at least one/],
      [['client', 'create', 'nobody', '--name', 'x', '--redirect-uri', CB], /there is no contract/],
      [
        ['client', 'create', 'acme', '--name', 'x', '--redirect-uri', CB, '--default-max-age', 'soon'],
        /default_max_age/,
      ],
      [['client', 'create', 'acme', '--name', 'x', '--redirect-uri', CB, '--jwks', broken], /is not JSON/],
      [['client', 'update', 'nobody', '--name', 'x'], /there is no client "nobody"/],
      [['client', 'delete', 'nobody'], /there is no client "nobody"/],
      [
        ['user', 'create', 'acme', 'new', '--email', 'x'],
        /^error: user: --email "x": must be a mail address/,
      ],
      [['user', 'create', 'acme', 'new', '--email', 'a@b.example', '--method', 'password'], /--method: /],
      [
        [
          'user',
          'create',
          'acme',
          'new',
          '--email',
          'a@b.example',
          '--device-type',
          'pc',
          '--device-type',
          'pc',
        ],
        /give --device-type once/,
      ],
      [
        ['user', 'create', 'acme', 'new', '--email', 'a@b.example', '--email', 'x', '--valid-until', 'soon'],
        /^error: user:\n {2}--email "x": must be .*\n {2}--valid-until: must be a day/,
      ],
      [
        ['user', 'create', 'acme', 'new', '--email', 'a@b.example', '--device-type', 'watch'],
        /--device-type "watch": expected one of/,
      ],
      [['user', 'update', 'acme', 'twice'], /^error: nothing to change$/m],
      [['user', 'update', 'acme', 'twice', '--device-type', 'pc'], /--device-type: goes with --email/],
      [['user', 'update', 'acme', 'twice', '--email', 'x'], /--email "x": must be a mail address/],
      [['user', 'update', 'acme', 'twice', '--locale', 'fr'], /--locale: expected one of/],
      [['user', 'update', 'acme', 'nobody', '--active'], /there is no user "nobody"/],
      [['user', 'invite', 'acme', 'nobody'], /there is no user "nobody"/],
      [['user', 'find-error', 'acme', 'abc'], /^error: error code: must have 8 digits and letters/],
      [['user', 'find-error', 'acme', '00000000'], /no login of contract "acme" has the error code 00000000/],
      [['user', 'list', 'acme', '--limit', 'many'], /--limit: must be a whole number/],
      [['user', 'unlock', 'acme', 'nobody'], /there is no user "nobody"/],
      [['key', 'rotate', '--kind', 'pairwise'], /must be one of RS256, ES256, EdDSA, cookie/],
    ];
    const runs: Run[] = [];
    for (const [args] of refusals) runs.push(await runHere(env, args));
    expect(runs.map(({ code, out }) => [code, out])).toEqual(refusals.map(() => [1, '']));
    for (const [index, [, message]] of refusals.entries()) expect(runs[index]?.err).toMatch(message);
    expect(runs.map(({ err }) => err).join('')).not.toMatch(/^ +at /m);
    expect(await counts()).toEqual(before);
  });
});

describe('the sekisho command', () => {
  test.each([
    [[], 1],
    [['--help'], 0],
    [['--version'], 0],
    [['help', 'user'], 0],
    [['contract'], 1],
    [['contract', 'create', '--help'], 0],
    [['nonsense'], 1],
    [['contract', 'create', 'acme'], 1],
    [['contract', 'create', 'acme', '--name', 'x', 'more'], 1],
    [['contract', 'list', '--nonsense'], 1],
    [['user', 'create', 'acme', 'x'], 1],
  ])('%j ends with %d and touches nothing', async (args, code) => {
    const ended = await sekisho({ DATA_DIR: join(folder, 'data') }, folder, args);
    expect(ended.code).toBe(code);
    if (code === 1) expect(ended.err).not.toBe('');
    expect(await readdir(folder)).toEqual([]);
  });

  test('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect((await sekisho({}, folder, ['--version'])).out).toBe(`${version}\n`);
  });

  test('names all settings that are missing or wrong, and creates nothing', async () => {
    const wrong = { ISSUER: 'https://login.example.com/', PORT: 'x', DATA_DIR: join(folder, 'data') };
    for (const args of [['serve'], ['migrate'], ['contract', 'list']]) {
      const ended = await sekisho(wrong, folder, args);
      expect(ended).toMatchObject({ code: 1, out: '' });
      for (const name of ['ISSUER', 'PORT', 'SECRETS', 'SMTP_URL', 'MAIL_FROM'])
        expect(ended.err).toContain(`${name}: `);
      expect(ended.err).not.toMatch(/^ +at /m);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test('says that a database cannot be reached, without the password', async () => {
    const env = { DATABASE_URL: 'postgres://sekisho:hunter2@127.0.0.1:9/sekisho', SECRETS: SECRET };
    for (const args of [['serve'], ['migrate'], ['contract', 'list']]) {
      const ended = await sekisho(env, folder, args);
      expect(ended).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/^error: the database cannot be used: /),
      });
      expect(ended.err).not.toContain('hunter2');
      expect(ended.err).not.toMatch(/^ +at /m);
    }
  });

  test('with nothing set makes a database and a secret in the data folder', async () => {
    const ended = await sekisho({}, folder, ['contract', 'list']);
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('no contracts yet') });
    expect((await readdir(join(folder, 'data'))).sort()).toEqual(['secrets', 'sekisho.db']);
    expect((await stat(join(folder, 'data', 'secrets'))).mode & 0o777).toBe(0o600);
  });

  test('reads settings from .env, and those of the environment weigh more', async () => {
    await file('.env', `DATABASE_URL=sqlite:${folder}/from-file.db\nSECRETS=${SECRET}\n`);
    await sekisho({}, folder, ['migrate']);
    await sekisho({ DATABASE_URL: `sqlite:${folder}/from-env.db` }, folder, ['migrate']);
    expect((await readdir(folder)).filter((name) => name.endsWith('.db')).sort()).toEqual([
      'from-env.db',
      'from-file.db',
    ]);
  });
});
