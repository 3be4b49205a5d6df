import { beforeEach, expect, test } from '@jest/globals';
import { createContract } from '../../src/admin/create-contract.ts';
import { createUser } from '../../src/admin/create-user.ts';
import { supportView } from '../../src/admin/support-view.ts';
import { HOUR, MINUTE } from '../../src/clock.ts';
import { newId } from '../../src/secrets.ts';
import { sampleClient } from '../stores/samples.ts';
import { describeOnBothEngines, type TestDatabase } from '../support/stores.ts';
import { type Desk, deskOf, START } from './desk.ts';
import { sampleMail } from './sample-mail.ts';

describeOnBothEngines('what a support desk sees', (open) => {
  let db: TestDatabase;
  let desk: Desk;
  let sub: string;
  const view = () => supportView(desk.context, 'acme', 'P-01-usr007');

  beforeEach(async () => {
    db = await open();
    desk = deskOf(db);
    await createContract(desk.context, { id: 'acme', name: '関所', policy: { lock: { tries: 3 } } });
    const { user } = await createUser(desk.context, {
      contractId: 'acme',
      userId: 'p-01-usr007',
      devices: [{ address: 'taro@example.co.jp' }, { address: 'a..b@docomo.ne.jp', type: 'mobile' }],
      active: true,
    });
    sub = user.sub;
  });

  test('of a new user: nothing has happened', async () => {
    expect(await view()).toMatchObject({
      logins: [],
      mails: [],
      tries: [{ lastSeenAt: null, tries: 0, locked: false, unlockAt: null }],
      triesAllowed: 3,
    });
  });

  test('the last ten logins, newest first, with their sites', async () => {
    const client = sampleClient({ clientId: 'portal', name: '電子調達ポータル' });
    await db.write(async ({ clients, audit }) => {
      await clients.add(client);
      for (let number = 0; number < 12; number += 1) {
        await audit.addLogin({
          id: newId(),
          contractId: 'acme',
          clientId: number === 11 ? 'gone' : 'portal',
          userSub: sub,
          method: 'otp',
          result: number === 11 ? 'wrong_code' : 'signed_in',
          address: '192.0.2.1',
          browser: 'Firefox',
          errorCode: null,
          at: START + number,
        });
      }
    });
    const { logins } = await view();
    expect(logins.map(({ at }) => at - START)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    expect(logins[0]).toMatchObject({ site: null, clientId: 'gone', result: 'wrong_code' });
    expect(logins[1]).toMatchObject({ site: '電子調達ポータル', address: '192.0.2.1', browser: 'Firefox' });
  });

  test('wrong codes and locks as they stand now, apart for known browsers', async () => {
    const account = desk.accountOf('p-01-usr007');
    await db.write(async ({ tries, browsers }) => {
      for (const browser of ['quiet', 'busy']) await browsers.remember(sub, browser, START);
      for (const browser of ['busy', 'busy', '', 'stranger', ''])
        await tries.count({ account, browser }, 3, START);
      await tries.lock({ account, browser: '' }, START + HOUR, START);
    });
    const busy = { lastSeenAt: START, tries: 2, locked: false, unlockAt: null };
    expect((await view()).tries).toEqual([
      { lastSeenAt: null, tries: 2, locked: true, unlockAt: START + HOUR },
      busy,
    ]);
    desk.advance(HOUR);
    expect((await view()).tries).toEqual([
      { lastSeenAt: null, tries: 0, locked: false, unlockAt: null },
      busy,
    ]);
  });

  test('the newest five mails to the addresses of today, and what became of them', async () => {
    await db.write(async ({ mails }) => {
      for (let number = 0; number < 7; number += 1) {
        const recipient = number % 2 === 0 ? 'taro@example.co.jp' : 'a..b@docomo.ne.jp';
        await mails.add(
          sampleMail({ id: `mail${number}`, recipient, createdAt: START + number * MINUTE }),
          null,
        );
      }
      await mails.add(sampleMail({ recipient: 'jiro@example.co.jp', createdAt: START + HOUR }), null);
      await mails.add(sampleMail({ contractId: 'other', createdAt: START + HOUR }), null);
      await mails.claimDue({ by: 'me', until: START + HOUR }, START, 100);
      const refusal = { state: 'refused', tried: true, reply: '550 no such user', at: START } as const;
      await mails.settle('mail6', 'me', refusal);
    });
    const { mails } = await view();
    expect(mails.map(({ createdAt }) => (createdAt - START) / MINUTE)).toEqual([6, 5, 4, 3, 2]);
    const kind = 'login_code';
    expect(mails.slice(0, 2)).toEqual([
      {
        kind,
        recipient: 'taro@example.co.jp',
        state: 'refused',
        tries: 1,
        lastReply: '550 no such user',
        createdAt: START + 6 * MINUTE,
      },
      {
        kind,
        recipient: 'a..b@docomo.ne.jp',
        state: 'waiting',
        tries: 0,
        lastReply: null,
        createdAt: START + 5 * MINUTE,
      },
    ]);
  });
});
