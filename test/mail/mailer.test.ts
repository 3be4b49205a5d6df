/** What happens to mails when mail servers and processes misbehave, on both engines. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DAY, MINUTE, SECOND } from '../../src/clock.ts';
import { deriveCode } from '../../src/credentials/one-time-code.ts';
import type { UnitOfWork } from '../../src/database/stores.ts';
import type { NewMail } from '../../src/mail/mail.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import type { Transport } from '../../src/mail/transport.ts';
import { newId } from '../../src/secrets.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { ENGINES, loginCodeContent, type Outbox, Outboxes, quickTransport, secrets } from './outbox.ts';

const ERROR = 50;

describe.each(ENGINES)('the mailer on %s', (engine) => {
  const outboxes = new Outboxes(engine);
  let outbox: Outbox;
  let server: MailServer;
  let mailer: Mailer;

  beforeEach(async () => {
    outbox = await outboxes.open();
    server = await startMailServer();
    mailer = outbox.mailer(quickTransport(server.url));
  });
  afterEach(async () => {
    await outbox.close();
    await server.close();
  });
  afterAll(() => outboxes.close());

  /** Moves the clock to each next try until the mail no longer waits. */
  async function tryOn(id: string, most = 20): Promise<void> {
    for (let turns = 0; turns < most; turns += 1) {
      const row = await outbox.row(id);
      if (row.state !== 'waiting') return;
      outbox.clock.advance(Math.max(0, Number(row.due_at) - outbox.clock.now()));
      await outbox.turn(mailer);
    }
  }

  test('sends at once what was just committed, and writes only how it ended', async () => {
    const before = outbox.database.counters.queries;
    const { mails, code } = await outbox.ask(['taro@example.com'], mailer);
    const written = outbox.database.counters.queries - before;
    const mail = await server.waitFor('taro@example.com');
    expect(mail.code).toBe(deriveCode(secrets, code));
    await mailer.idle();
    expect(outbox.database.counters.queries - before - written).toBe(1);
    expect(await outbox.row(mails[0]?.id ?? '')).toMatchObject({ state: 'handed_over', tries: 1 });
    expect(mailer.counters).toEqual({ handed_over: 1, refused: 0, given_up: 0, deferred: 0 });
  });

  test('mails to all devices of a user are added by one statement', async () => {
    const added = async (recipients: number) => {
      const before = outbox.database.counters.queries;
      const { mails } = await outbox.ask(Array.from({ length: recipients }, (_, at) => `a${at}@example.com`));
      const { queries } = outbox.database.counters;
      const rows = await Promise.all(mails.map(({ id }) => outbox.row(id)));
      expect(rows.map(({ recipient }) => recipient)).toEqual(mails.map(({ recipient }) => recipient));
      return queries - before;
    };
    const one = await added(1);
    expect(await added(10)).toBe(one);
    expect(await added(23)).toBe(one + 2);
  });

  test('an idle mailer commits nothing', async () => {
    const { commits } = outbox.database.counters;
    for (let second = 0; second < 5; second += 1) {
      outbox.clock.advance(SECOND);
      await outbox.turn(mailer);
    }
    expect(outbox.database.counters.commits).toBe(commits);
  });

  test('picks up mails that nobody claimed', async () => {
    const { mails, code } = await outbox.ask(['taro@example.com']);
    await outbox.turn(mailer);
    expect((await server.waitFor('taro@example.com')).code).toBe(deriveCode(secrets, code));
    expect(await outbox.states(mails)).toEqual(['handed_over']);
  });

  test('a server that is down gets the mail when it is up again, with growing waits', async () => {
    await server.down();
    const { mails } = await outbox.ask(['taro@example.com'], mailer);
    const id = mails[0]?.id ?? '';
    await mailer.idle();
    const waits: number[] = [];
    for (let turns = 0; turns < 4; turns += 1) {
      const row = await outbox.row(id);
      expect(row).toMatchObject({ state: 'waiting', tries: turns + 1 });
      expect(row.last_reply).toMatch(/ECONNREFUSED|ESOCKET/);
      waits.push(Number(row.due_at) - outbox.clock.now());
      outbox.clock.advance(waits.at(-1) ?? 0);
      await outbox.turn(mailer);
    }
    expect(waits[0]).toBeGreaterThanOrEqual(4 * SECOND);
    expect(waits[0]).toBeLessThanOrEqual(6 * SECOND);
    expect(waits[1]).toBeGreaterThanOrEqual(12 * SECOND);
    expect(waits[3]).toBeLessThanOrEqual(72 * SECOND);
    await server.up();
    await tryOn(id);
    expect(await outbox.states(mails)).toEqual(['handed_over']);
    expect(server.mails).toHaveLength(1);
    expect(mailer.counters).toMatchObject({ handed_over: 1, deferred: 5 });
  });

  test('a slow server gets it once', async () => {
    server.behave({ do: 'slow', ms: 100 });
    const { mails } = await outbox.ask(['a@example.com', 'b@example.com'], mailer);
    await mailer.idle();
    expect(await outbox.states(mails)).toEqual(['handed_over', 'handed_over']);
    expect(server.mails).toHaveLength(2);
  });

  test('5xx to one of two recipients refuses that one for good', async () => {
    server.behave({ do: 'refuse', to: 'gone@example.com', text: 'gone@example.com: No such user' });
    const { mails } = await outbox.ask(['gone@example.com', 'there@example.com'], mailer);
    await mailer.idle();
    expect(await outbox.states(mails)).toEqual(['refused', 'handed_over']);
    const row = await outbox.row(mails[0]?.id ?? '');
    expect(row.last_reply).toBe('550 (recipient): No such user');
    const logged = outbox.log.filter(({ mail }) => mail === mails[0]?.id);
    expect(logged).toMatchObject([
      { msg: 'mail refused by the mail server', kind: 'login_code', contract: 'acme' },
    ]);
    outbox.clock.advance(MINUTE);
    await outbox.turn(mailer);
    expect(server.mails).toHaveLength(1);
  });

  test.each(['rcpt', 'data'] as const)('4xx at %s is tried again until it is accepted', async (at) => {
    server.behave({ do: 'defer', at, times: 3 });
    const { mails } = await outbox.ask(['taro@example.com'], mailer);
    await mailer.idle();
    expect(await outbox.row(mails[0]?.id ?? '')).toMatchObject({ state: 'waiting', tries: 1 });
    await tryOn(mails[0]?.id ?? '');
    expect(await outbox.row(mails[0]?.id ?? '')).toMatchObject({ state: 'handed_over', tries: 4 });
    expect(server.mails).toHaveLength(1);
  });

  test('a refused sender is the operator’s trouble, not the recipient’s', async () => {
    server.behave({ do: 'refuse', at: 'mail', times: 1 });
    const { mails } = await outbox.ask(['taro@example.com'], mailer);
    await mailer.idle();
    expect(await outbox.states(mails)).toEqual(['waiting']);
    await tryOn(mails[0]?.id ?? '');
    expect(await outbox.states(mails)).toEqual(['handed_over']);
  });

  test('a refused message is refused', async () => {
    server.behave({ do: 'refuse', at: 'data', code: 554, text: 'Looks like spam' });
    const { mails } = await outbox.ask(['taro@example.com'], mailer);
    await mailer.idle();
    expect(await outbox.row(mails[0]?.id ?? '')).toMatchObject({
      state: 'refused',
      last_reply: '554 Looks like spam',
    });
  });

  test('a server that hangs after DATA holds up no other mail, and may get the same message again', async () => {
    server.behave({ do: 'hang', at: 'data', times: 1 });
    const { mails: first } = await outbox.ask(['hung@example.com'], mailer);
    while (server.connections === 0) await sleep(5);
    await sleep(50);
    const { mails: second } = await outbox.ask(['quick@example.com'], mailer);
    await server.waitFor('quick@example.com', 300);
    await mailer.idle();
    expect(await outbox.states([...first, ...second])).toEqual(['waiting', 'handed_over']);
    await tryOn(first[0]?.id ?? '');
    const again = await server.waitFor('hung@example.com');
    const [lost] = server.unacknowledged;
    expect(again.headers['message-id']).toBe(`<${first[0]?.id}@sekisho.example>`);
    expect(lost?.headers['message-id']).toBe(again.headers['message-id']);
    expect(lost?.raw).toBe(again.raw);
  });

  test.each([
    ['hangs at its greeting', { do: 'hang', at: 'greeting', times: 1 }],
    ['hangs up at its greeting', { do: 'hang up', at: 'greeting', times: 4 }],
    ['hangs up in the middle of DATA', { do: 'hang up', at: 'data', times: 1 }],
  ] as const)('a server that %s gets the mail later', async (_, misbehaviour) => {
    server.behave(misbehaviour);
    const { mails } = await outbox.ask(['taro@example.com'], mailer);
    await mailer.idle();
    expect(await outbox.row(mails[0]?.id ?? '')).toMatchObject({ state: 'waiting', tries: 1 });
    await tryOn(mails[0]?.id ?? '');
    expect(await outbox.states(mails)).toEqual(['handed_over']);
    expect(server.mails).toHaveLength(1);
  });

  test('connections that the server closed while idle cost no try', async () => {
    await outbox.ask(['one@example.com'], mailer);
    await mailer.idle();
    await server.down();
    await server.up();
    const { mails } = await outbox.ask(['two@example.com'], mailer);
    await mailer.idle();
    expect(await outbox.row(mails[0]?.id ?? '')).toMatchObject({ state: 'handed_over', tries: 1 });
  });

  test('two mailers over one outbox send each mail once', async () => {
    const other = outbox.mailer(quickTransport(server.url));
    const recipients = Array.from({ length: 60 }, (_, number) => `u${number}@example.com`);
    const { mails } = await outbox.ask(recipients);
    await outbox.ask(['mine@example.com'], mailer);
    await outbox.ask(['theirs@example.com'], other);
    while ((await outbox.states(mails)).includes('waiting')) {
      await Promise.all([mailer.tick(), other.tick()]);
      await sleep(10);
    }
    await Promise.all([mailer.idle(), other.idle()]);
    const ids = server.mails.map(({ headers }) => headers['message-id']);
    expect(ids).toHaveLength(62);
    expect(new Set(ids).size).toBe(62);
    expect(mailer.counters.handed_over + other.counters.handed_over).toBe(62);
  });

  test('a backlog is worked off without waiting for the next look, fresh mails in between', async () => {
    const old = Array.from({ length: 100 }, (_, number) => `old${number}@example.com`);
    await outbox.ask(old);
    await mailer.tick();
    await outbox.ask(['fresh@example.com'], mailer);
    await server.waitFor('fresh@example.com');
    expect(server.mails.length).toBeLessThan(60);
    for (const recipient of old) await server.waitFor(recipient, 2000);
    await mailer.idle();
  });

  test('what could not be sent while its claim lasted is left to others', async () => {
    let release = () => {};
    const sent: string[] = [];
    const stuck: Transport = {
      parallel: 1,
      send: async ({ envelope }) => {
        sent.push(envelope.to);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return { outcome: 'accepted', reply: '250' };
      },
      close: () => release(),
    };
    const slow = outbox.mailer(stuck);
    await outbox.ask(['first@example.com', 'second@example.com'], slow);
    outbox.clock.advance(15 * SECOND);
    release();
    await slow.idle();
    expect(sent).toEqual(['first@example.com']);
    await outbox.turn(mailer);
    expect(server.mails.map(({ envelope }) => envelope.to[0])).toEqual(['second@example.com']);
  });

  test('a claim is renewed while its mail is on the way, so that nobody else sends it', async () => {
    server.behave({ do: 'slow', ms: 150 });
    const { mails } = await outbox.ask(['taro@example.com'], mailer);
    const other = outbox.mailer(quickTransport(server.url));
    for (let seconds = 0; seconds < 30; seconds += 6) {
      outbox.clock.advance(6 * SECOND);
      await other.tick();
      await mailer.tick();
    }
    expect(await outbox.row(mails[0]?.id ?? '')).toMatchObject({ state: 'waiting' });
    await Promise.all([mailer.idle(), other.idle()]);
    expect(server.mails).toHaveLength(1);
  });

  test('what a killed process had claimed is sent by another within 15 seconds', async () => {
    const killed = { by: newId(), until: outbox.clock.now() + 15 * SECOND };
    const { code } = await outbox.ask([]);
    const mail = outbox.codeMail('taro@example.com', code);
    await outbox.work.write((stores) => stores.mails.add(mail, killed));
    outbox.clock.advance(14 * SECOND);
    await outbox.turn(mailer);
    expect(server.mails).toHaveLength(0);
    outbox.clock.advance(SECOND);
    await outbox.turn(mailer);
    expect((await server.waitFor('taro@example.com')).code).toBe(deriveCode(secrets, code));
  });

  test('a stopped mailer releases what it had not sent', async () => {
    server.behave({ do: 'slow', ms: 30 });
    const { mails } = await outbox.ask(
      Array.from({ length: 30 }, (_, number) => `u${number}@example.com`),
      mailer,
    );
    await mailer.stop();
    const states = await outbox.states(mails);
    expect(states.filter((state) => state === 'handed_over')).toHaveLength(server.mails.length);
    expect(states).toContain('waiting');
    const other = outbox.mailer(quickTransport(server.url));
    server.behave();
    while ((await outbox.states(mails)).includes('waiting')) await outbox.turn(other);
    expect(server.mails).toHaveLength(30);
  });

  test('a code mail is given up, loudly, when its code has ended', async () => {
    await server.down();
    const { mails } = await outbox.ask(['taro@example.com'], mailer);
    await mailer.idle();
    await tryOn(mails[0]?.id ?? '', 40);
    expect(outbox.clock.now()).toBe(mails[0]?.giveUpAt);
    expect(await outbox.states(mails)).toEqual(['given_up']);
    expect(outbox.log.filter(({ level }) => level >= ERROR)).toMatchObject([
      {
        mail: mails[0]?.id,
        kind: 'login_code',
        contract: 'acme',
        msg: 'mail given up',
        reply: expect.stringContaining('ECONNREFUSED'),
      },
    ]);
    expect(mailer.counters.given_up).toBe(1);
    await server.up();
    await outbox.turn(mailer);
    expect(server.mails).toHaveLength(0);
  });

  test('any other mail is given up after a day', async () => {
    await server.down();
    const mail = newBrowserMail(outbox.clock.now());
    await outbox.work.write((stores) => stores.mails.add(mail, null));
    await tryOn(mail.id, 100);
    expect(outbox.clock.now()).toBe(mail.giveUpAt);
    const row = await outbox.row(mail.id);
    expect(row.state).toBe('given_up');
    expect(Number(row.tries)).toBeGreaterThan(20);
    expect(Number(row.tries)).toBeLessThan(50);
  });

  test('a mail whose code was used meanwhile is not sent any more', async () => {
    server.behave({ do: 'defer', times: 1 });
    const { mails, code } = await outbox.ask(['taro@example.com'], mailer);
    await mailer.idle();
    await outbox.work.write(({ codes }) => codes.spend(code.id, outbox.clock.now()));
    await tryOn(mails[0]?.id ?? '');
    expect(await outbox.states(mails)).toEqual(['given_up']);
    expect(server.mails).toHaveLength(0);
    expect(outbox.log.filter(({ level }) => level >= ERROR)).toEqual([]);
  });

  test('no column of the outbox and no line of the log holds a code or, in the log, an address', async () => {
    server.behave({ do: 'defer', times: 1, text: 'try <taro@example.com> later' });
    const { mails, code } = await outbox.ask(['taro@example.com'], mailer);
    await mailer.idle();
    await tryOn(mails[0]?.id ?? '');
    const mail = await server.waitFor('taro@example.com');
    expect(mail.code).toHaveLength(6);
    const rows = await outbox.database.read((db) => db.query((knex) => knex('mails')));
    const codes = await outbox.database.read((db) => db.query((knex) => knex('one_time_codes')));
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, codes])).not.toContain(deriveCode(secrets, code));
    const log = JSON.stringify(outbox.log);
    expect(log).toContain(mails[0]?.id);
    expect(log).not.toContain(deriveCode(secrets, code));
    expect(log).not.toContain('taro@');
  });

  test('a result that cannot be written waits for the database; the mail is not sent again', async () => {
    let away = false;
    let failures = 0;
    const fail = () => {
      failures += 1;
      return Promise.reject(new Error('away'));
    };
    const work: UnitOfWork = {
      read: (unit) => (away ? fail() : outbox.work.read(unit)),
      write: (unit) => (away ? fail() : outbox.work.write(unit)),
    };
    const unlucky = outbox.mailer(quickTransport(server.url), work);
    const { mails } = await outbox.ask(['taro@example.com'], unlucky);
    away = true;
    await server.waitFor('taro@example.com');
    while (failures === 0) await sleep(5);
    for (let seconds = 0; seconds < 20; seconds += 1) {
      outbox.clock.advance(SECOND);
      await unlucky.tick();
    }
    expect(await outbox.states(mails)).toEqual(['waiting']);
    away = false;
    await outbox.turn(unlucky);
    expect(await outbox.states(mails)).toEqual(['handed_over']);
    expect(server.mails).toHaveLength(1);
    expect(outbox.log.filter(({ msg }) => msg === 'mails cannot be looked up')).toHaveLength(1);
  });
});

function newBrowserMail(now: number): NewMail {
  const { requestedAt: at, ...about } = loginCodeContent(now);
  return {
    id: newId(),
    contractId: 'acme',
    recipient: 'taro@example.com',
    locale: 'en',
    content: { ...about, kind: 'new_browser', at },
    codeId: null,
    invitationId: null,
    attemptId: null,
    createdAt: now,
    dueAt: now,
    giveUpAt: now + DAY,
  };
}
