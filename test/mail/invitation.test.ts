/** Mails about an invitation: what they carry is made when they are sent, and an invitation that ended ends them. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DAY, MINUTE } from '../../src/clock.ts';
import { parsePolicy } from '../../src/contracts/policy.ts';
import { type IssuedInvitation, issueInvitation, registrationUrl } from '../../src/credentials/invitation.ts';
import { deriveCode } from '../../src/credentials/one-time-code.ts';
import type { NewMail } from '../../src/mail/mail.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import { newId } from '../../src/secrets.ts';
import { sampleUser } from '../stores/samples.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { aboutContract, ENGINES, ISSUER, type Outbox, Outboxes, quickTransport, secrets } from './outbox.ts';

describe.each(ENGINES)('mails about an invitation on %s', (engine) => {
  const outboxes = new Outboxes(engine);
  const user = sampleUser({ state: 'invited' });
  let outbox: Outbox;
  let server: MailServer;
  let mailer: Mailer;

  beforeEach(async () => {
    outbox = await outboxes.open();
    server = await startMailServer();
    mailer = outbox.mailer(quickTransport(server.url));
    await outbox.work.write(async ({ contracts, users }) => {
      await contracts.add({ id: 'acme', name: '関所', policy: {}, at: outbox.clock.now() });
      await users.add(user, 'p-01-usr007');
    });
  });
  afterEach(async () => {
    await outbox.close();
    await server.close();
  });
  afterAll(() => outboxes.close());

  const issue = () =>
    outbox.work.write((stores) =>
      issueInvitation(stores, secrets, user, parsePolicy({}), outbox.clock.now()),
    );

  async function add({ invitation }: IssuedInvitation, changes: Partial<NewMail> = {}): Promise<NewMail> {
    const mail: NewMail = {
      id: newId(),
      contractId: 'acme',
      recipient: 'taro@example.com',
      locale: 'ja',
      content: {
        kind: 'invitation',
        ...aboutContract,
        userId: 'p-01-usr007',
        sites: [],
        validUntil: null,
        expiresAt: invitation.expiresAt,
      },
      codeId: invitation.codeId,
      invitationId: invitation.id,
      attemptId: null,
      createdAt: outbox.clock.now(),
      dueAt: outbox.clock.now(),
      giveUpAt: invitation.expiresAt,
      ...changes,
    };
    await outbox.work.write(({ mails }) => mails.add(mail, null));
    return mail;
  }

  test('carry the registration URL and the initial OTP, which are nowhere at rest and in no log', async () => {
    const issued = await issue();
    const url = registrationUrl(ISSUER, secrets, issued.invitation);
    const code = deriveCode(secrets, issued.code);
    const mail = await add(issued);
    await outbox.turn(mailer);
    const received = await server.waitFor('taro@example.com');
    expect(received.text.split(/\r?\n/)).toEqual(expect.arrayContaining([url, code]));
    const tables = ['mails', 'invitations', 'one_time_codes', 'audit_events'];
    const rows = await Promise.all(
      tables.map((table) => outbox.database.read((db) => db.query((knex) => knex(table)))),
    );
    const token = url.slice(url.lastIndexOf('/') + 1);
    for (const secret of [token, code]) expect(JSON.stringify([rows, outbox.log])).not.toContain(secret);
    expect(await outbox.states([mail])).toEqual(['handed_over']);
  });

  test('are given up when a new invitation has taken its place', async () => {
    const old = await issue();
    const mails = [await add(old), await add(old, { codeId: null })];
    outbox.clock.advance(MINUTE);
    const renewed = await add(await issue());
    await outbox.turn(mailer);
    expect(await outbox.states([...mails, renewed])).toEqual(['given_up', 'given_up', 'handed_over']);
    expect(server.mails).toHaveLength(1);
  });

  test('are given up when the user has registered, or was withdrawn or deleted meanwhile', async () => {
    const used = await issue();
    const mails = [await add(used, { codeId: null })];
    await outbox.work.write(({ invitations }) => invitations.spend(used.invitation.id, outbox.clock.now()));
    await outbox.turn(mailer);
    mails.push(await add(await issue()));
    await outbox.work.write(({ invitations }) => invitations.withdraw(user.sub));
    await outbox.turn(mailer);
    mails.push(await add(await issue(), { codeId: null }));
    await outbox.work.write(({ users }) => users.delete(user.sub));
    await outbox.turn(mailer);
    expect(await outbox.states(mails)).toEqual(['given_up', 'given_up', 'given_up']);
    expect(server.mails).toEqual([]);
  });

  test('are not sent after its end', async () => {
    const mail = await add(await issue(), { codeId: null, giveUpAt: outbox.clock.now() + 30 * DAY });
    outbox.clock.advance(14 * DAY);
    await outbox.turn(mailer);
    expect(await outbox.states([mail])).toEqual(['given_up']);
  });
});
