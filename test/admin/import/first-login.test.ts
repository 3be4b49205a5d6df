/** What people get of an import: a login with the password of old, or an invitation when it is their turn. */
import { argon2Sync, pbkdf2Sync, scryptSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import bcrypt from 'bcrypt';
import { MINUTE } from '../../../src/clock.ts';
import { CONTRACT, ENGINES, type Installation, startInstallation } from '../../support/installation.ts';
import { Agent, type RelyingParty } from '../../support/relying-party.ts';
import { enterPassword, signIn, signInWithPassword } from '../../support/sign-in.ts';
import { runHere } from '../sekisho.ts';

const PASSWORD = '昔からの password';
const SALT = Buffer.from('0123456789abcdef');
const plain = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

const HASHES = {
  bcrypt: () => bcrypt.hashSync(PASSWORD, 4),
  pbkdf2: () =>
    `pbkdf2_sha256$2000$${SALT}$${pbkdf2Sync(PASSWORD, SALT, 2000, 32, 'sha256').toString('base64')}`,
  scrypt: () => `$scrypt$ln=10,r=8,p=1$${plain(SALT)}$${plain(scryptSync(PASSWORD, SALT, 32, { N: 1024 }))}`,
  argon2: () => {
    const cost = { memory: 256, passes: 2, parallelism: 1, tagLength: 32 };
    const tag = argon2Sync('argon2id', { message: PASSWORD, nonce: SALT, ...cost });
    return `$argon2id$v=19$m=256,t=2,p=1$${plain(SALT)}$${plain(tag)}`;
  },
};
type Kind = keyof typeof HASHES;

describe.each(ENGINES)('after an import on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;
  beforeAll(async () => {
    at = await startInstallation({ engine, policy: { login_methods: ['otp', 'password', 'password+otp'] } });
    site = await at.addClient();
  });
  afterAll(() => at.close());

  async function importLines(...lines: string[]) {
    const file = join(at.env.DATA_DIR ?? '', 'users.csv');
    await writeFile(file, lines.join('\n'));
    const args = ['user', 'import', CONTRACT, file, '--mails-per-minute', '1', '--json'];
    const ended = await runHere(at.env, args);
    expect(ended).toMatchObject({ code: 0, err: '' });
    return ended.json();
  }
  const hashOf = (userId: string) =>
    at.server.uow.read(async ({ users, passwords }) => {
      const user = await users.findByUserId(CONTRACT, userId);
      return (await passwords.find(user?.sub ?? ''))?.hash;
    });

  test('people log in with the password of old, whose hash is made anew', async () => {
    const kinds = Object.keys(HASHES) as Kind[];
    const lines = kinds.map(
      (kind, at) => `${kind},${kind}@user.example,"${HASHES[kind]()}",${at < 3 ? '' : 'password+otp'}`,
    );
    await importLines('user_id,email,password_hash,method', ...lines);
    for (const kind of kinds) {
      const old = await hashOf(kind);
      const refused = await enterPassword(await site.begin(new Agent()), kind, 'wrong');
      expect([refused.status, await hashOf(kind)]).toEqual([400, old]);
      for (const time of ['first', 'second']) {
        const { tokens } = await signInWithPassword(at, site, new Agent(), kind, PASSWORD);
        const acr = kind === 'argon2' ? 'password+otp' : 'password';
        expect([time, tokens.claims()?.acr]).toEqual([time, `urn:sekisho:acr:${acr}`]);
      }
      expect(await hashOf(kind)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=/);
    }
    expect(at.mail.mails.filter(({ text }) => text?.includes('/register/'))).toEqual([]);
  });

  test('people who are active log in with a code', async () => {
    await importLines('user_id,email,state', 'ready,ready@user.example,active');
    expect((await signIn(at, site, new Agent(), 'ready')).tokens.claims()?.acr).toBe('urn:sekisho:acr:otp');
  });

  test('the others get their invitations one after the other, and register by them', async () => {
    const before = at.mail.mails.length;
    const { mails_until: until } = await importLines(
      'user_id,email',
      'i1,i1@user.example',
      'i2,i2@user.example',
    );
    expect(Date.parse(until)).toBeGreaterThan(at.clock.now());
    const metric = async () =>
      /^sekisho_mails_waiting (\d+)$/m.exec(await (await fetch(`${at.issuer}/metrics`)).text())?.[1];
    await at.server.mailer.tick();
    const first = await at.mail.waitFor('i1@user.example');
    await at.server.mailer.idle();
    expect([at.mail.mails.length - before, await metric()]).toEqual([1, '0']);
    at.clock.advance(MINUTE);
    await at.server.mailer.tick();
    await at.mail.waitFor('i2@user.example');
    expect(at.mail.mails.length - before).toBe(2);

    const url = /http:\/\/\S+\/register\/[\w-]+/.exec(first.text ?? '')?.[0] ?? '';
    const page = await (await new Agent().open(url)).submit({ code: first.code ?? '' });
    const done = await page.submit({ question: 'first_pet', answer: 'ポチ' });
    expect([page.status, done.status]).toEqual([200, 200]);
    const found = await at.server.uow.read(({ users }) => users.findByUserId(CONTRACT, 'i1'));
    expect(found?.state).toBe('active');
    expect((await signIn(at, site, new Agent(), 'i1')).sub).toBe(found?.sub);
  });
});
