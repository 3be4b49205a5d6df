/** What becomes of the stored hash at a login, and of logins when there are more than can be compared. */
import { pbkdf2Sync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHasher } from '../../src/credentials/argon2-hasher.ts';
import { translator } from '../../src/http/locale.ts';
import { loadPepper } from '../../src/oidc/keys.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { codeMail, enterPassword, signInWithPassword } from '../support/sign-in.ts';
import { completes, expectProblem, post, rows } from './steps.ts';

const PASSWORD = 'correct horse battery';

describe.each(ENGINES)('hashes of passwords on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    at = await startInstallation({ engine, policy: { login_methods: ['password', 'password+otp'] } });
    site = await at.addClient();
  });
  afterAll(() => at.close());

  /** Hashes that newer ones take the place of. */
  const older = {
    'from another system': async () => {
      const salt = Buffer.from('0123456789abcdef');
      const tag = pbkdf2Sync(PASSWORD, salt, 2000, 32, 'sha256').toString('base64');
      return `pbkdf2_sha256$2000$${salt.toString()}$${tag}`;
    },
    'with parameters of former times': async () => {
      const pepper = await loadPepper(at.server.uow, at.server.secrets, at.clock);
      const hasher = createHasher({ pepper, cost: { memory: 8192, passes: 1, lanes: 1 } });
      return hasher.hash('password', PASSWORD).finally(() => hasher.stop());
    },
  };
  const hashOf = async (sub: string) =>
    (await at.server.uow.read(({ passwords }) => passwords.find(sub)))?.hash ?? '';
  const triesCounted = async () =>
    (await rows<{ tries: number }>(at, 'try_counters')).reduce((sum, { tries }) => sum + tries, 0);

  test.each(Object.keys(older) as (keyof typeof older)[])(
    '%s: made anew at the first right login',
    async (kind) => {
      const hash = await older[kind]();
      const userId = `has-one-${kind.length}`;
      const sub = await at.addUser(userId, { method: 'password' });
      const chosen = at.clock.now() - 1000;
      await at.server.uow.write(({ passwords }) =>
        passwords.set({ userSub: sub, hash, createdAt: chosen, updatedAt: chosen }),
      );
      expectProblem(
        await enterPassword(await site.begin(new Agent()), userId, 'wrong'),
        'wrong_password',
        400,
      );
      expect(await hashOf(sub)).toBe(hash);
      await signInWithPassword(at, site, new Agent(), userId, PASSWORD);
      const renewed = await hashOf(sub);
      expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1,/);
      expect((await at.server.uow.read(({ passwords }) => passwords.find(sub)))?.createdAt).toBe(chosen);
      const before = at.server.hasher.computed;
      await signInWithPassword(at, site, new Agent(), userId, PASSWORD);
      expect(at.server.hasher.computed - before).toBe(1);
      expect(await hashOf(sub)).toBe(renewed);
      expectProblem(
        await enterPassword(await site.begin(new Agent()), userId, 'wrong'),
        'wrong_password',
        400,
      );
    },
  );

  test('who may not log in gets no new hash, which would take its time', async () => {
    const hash = await older['from another system']();
    const sub = await at.addUser('stopped', { method: 'password', state: 'disabled' });
    await at.server.uow.write(({ passwords }) =>
      passwords.set({ userSub: sub, hash, createdAt: 1, updatedAt: 1 }),
    );
    const before = at.server.hasher.computed;
    expectProblem(
      await enterPassword(await site.begin(new Agent()), 'stopped', PASSWORD),
      'wrong_password',
      400,
    );
    expect([await hashOf(sub), at.server.hasher.computed - before]).toEqual([hash, 1]);
  });

  test('one that no function can compute: wrong, as if there were none', async () => {
    const sub = await at.addUser('odd', { method: 'password' });
    const hash = `scrypt:65536:1:1$saltsalt$${'00'.repeat(32)}`;
    await at.server.uow.write(({ passwords }) =>
      passwords.set({ userSub: sub, hash, createdAt: 1, updatedAt: 1 }),
    );
    const page = await enterPassword(await site.begin(new Agent()), 'odd', PASSWORD);
    expectProblem(page, 'wrong_password', 400);
  });

  test('more imported ones than can wait: others log in, and who is told to come back loses no try', async () => {
    const hash = `pbkdf2_sha256$30000$saltsalt$${Buffer.alloc(32).toString('base64')}`;
    const sub = await at.addUser('imported', { method: 'password' });
    await at.server.uow.write(({ passwords }) =>
      passwords.set({ userSub: sub, hash, createdAt: 1, updatedAt: 1 }),
    );
    await at.addUser('of-today', { method: 'password', password: PASSWORD });
    const [theirs, mine] = [await site.begin(new Agent()), await site.begin(new Agent())];
    const before = await triesCounted();
    let crowded = true;
    const crowd = Array.from({ length: 40 }, async () => {
      while (crowded) {
        await at.server.hasher
          .verify('password', hash, 'wrong')
          .catch(() => new Promise((done) => setImmediate(done)));
      }
    });
    const refused = await post(theirs, { user_id: 'imported', password: 'wrong' });
    const answer = await post(mine, { user_id: 'of-today', password: PASSWORD });
    crowded = false;
    expect([refused.status, completes(answer), await triesCounted()]).toEqual([429, true, before]);
    await Promise.all(crowd);
    expectProblem(await theirs.submit({ user_id: 'imported', password: 'wrong' }), 'wrong_password', 400);
    expect(await triesCounted()).toBe(before + 1);
  });

  test('a password that is chosen anew between the password and the code: both are asked for again', async () => {
    const sub = await at.addUser('renews', { method: 'password+otp', password: PASSWORD });
    const before = at.mail.mails.length;
    const page = await enterPassword(await site.begin(new Agent()), 'renews', PASSWORD);
    const { code = '' } = await codeMail(at, 'renews@user.example', before);
    const hash = await at.server.hasher.hash('password', 'a new password');
    at.clock.advance(1000);
    const now = at.clock.now();
    await at.server.uow.write(({ passwords }) =>
      passwords.set({ userSub: sub, hash, createdAt: now, updatedAt: now }),
    );
    const refused = await page.submit({ code });
    expectProblem(refused, 'code_expired', 400);
    expect((await page.submit({ code })).h1).toBe(translator('ja')('login.user_id.title'));
    const first = await refused.click(translator('ja')('login.back_to_login'));
    expectProblem(await first.submit({ user_id: 'renews', password: PASSWORD }), 'wrong_password', 400);
    const mails = at.mail.mails.length;
    const next = await first.submit({ user_id: 'renews', password: 'a new password' });
    const mail = await codeMail(at, 'renews@user.example', mails);
    expect((await site.finish(await next.submit({ code: mail.code ?? '' }))).claims()?.sub).toBe(sub);
  });
});

test('more logins than can wait: those beyond are told when to come again, and lose no try', async () => {
  const at = await startInstallation({ policy: { login_methods: ['password'] } });
  try {
    const site = await at.addClient();
    await at.addUser('patient', { method: 'password', password: PASSWORD });
    const { hasher } = at.server;
    const pepper = await loadPepper(at.server.uow, at.server.secrets, at.clock);
    const cheap = createHasher({ pepper, cost: { memory: 64, passes: 1, lanes: 1 } });
    const hash = await cheap.hash('password', 'y').finally(() => cheap.stop());
    const first = await site.begin(new Agent());
    let crowded = true;
    const crowd = Array.from({ length: 250 }, async () => {
      while (crowded) {
        await hasher.verify('password', hash, 'x').catch(() => new Promise((done) => setImmediate(done)));
      }
    });
    const answer = await post(first, { user_id: 'patient', password: PASSWORD });
    crowded = false;
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.body).toContain(translator('ja')('http.refused.too_many_requests.title'));
    expect((await rows<{ tries: number }>(at, 'try_counters')).map(({ tries }) => tries)).toEqual([0]);
    await Promise.all(crowd);
    const back = await first.submit({ user_id: 'patient', password: PASSWORD });
    expect(site.callbackOf(back)?.get('code')).toBeTruthy();
  } finally {
    await at.close();
  }
});
