import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { translator } from '../../src/http/locale.ts';
import { ENGINES, type Installation, startWithSite } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { completes, later, post } from './steps.ts';

const t = translator('ja');

describe.each(ENGINES)('where the code goes on %s', (engine) => {
  let at: Installation;
  let site: RelyingParty;

  beforeAll(async () => {
    ({ at, site } = await startWithSite({ engine }));
  });
  afterAll(() => at.close());

  const ask = async (userId: string) => (await site.begin(new Agent())).submit({ user_id: userId });

  test.each([
    ['a..b@docomo.ne.jp', '"a..b"@docomo.ne.jp'],
    ['abc.@ezweb.ne.jp', '"abc."@ezweb.ne.jp'],
    ['.-x..@docomo.ne.jp', '".-x.."@docomo.ne.jp'],
  ])('an address that only Japanese carriers gave out, %s, gets its mail', async (address, wire) => {
    await at.addUser(`carrier ${address}`, { addresses: [address], type: 'mobile' });
    const page = await ask(`carrier ${address}`);
    const mail = await at.mail.waitFor(address);
    expect(mail.rawRcptTo).toEqual([wire]);
    expect(completes(await post(page, { code: mail.code ?? '' }))).toBe(true);
  });

  test('every device gets the same code, in a mail of its own', async () => {
    const addresses = ['pc@several.example', 'phone@several.example', 'keitai..x@docomo.ne.jp'];
    await at.addUser('several', { addresses });
    const page = await ask('several');
    const mails = [];
    for (const address of addresses) mails.push(await at.mail.waitFor(address));
    expect(new Set(mails.map((mail) => mail.code)).size).toBe(1);
    for (const mail of mails) {
      expect(mail.envelope.to).toHaveLength(1);
      const others = addresses.filter((address) => !mail.envelope.to.includes(address));
      for (const other of others) expect(mail.raw).not.toContain(other);
    }
    expect((await page.reload()).html).toContain(t('login.code.addresses', { count: 3 }));
    expect(completes(await post(page, { code: mails[0]?.code ?? '' }))).toBe(true);
  });

  test('one of two addresses refused: the other one logs in, and the page says that a mail is on its way', async () => {
    await at.addUser('half', { addresses: ['gone@half.example', 'good@half.example'] });
    at.mail.behave({ do: 'refuse', at: 'rcpt', to: 'gone@half.example' });
    const page = await ask('half');
    const { code = '' } = await at.mail.waitFor('good@half.example');
    await at.server.mailer.idle();
    at.mail.behave();
    expect((await page.reload()).html).toContain(t('login.code.mail.handed_over'));
    expect(completes(await post(page, { code }))).toBe(true);
  });

  test('a device that is added after the code was asked for gets the code with the resend', async () => {
    const sub = await at.addUser('adds-one');
    const page = await ask('adds-one');
    const { code } = await at.mail.waitFor('adds-one@user.example');
    const now = at.clock.now();
    await at.server.uow.write(({ users }) =>
      users.addDevice(sub, {
        number: 2,
        address: 'new@user.example',
        type: 'pc',
        confirmedAt: now,
        createdAt: now,
      }),
    );
    await later(at, 61_000);
    await (await page.reload()).submit({}, 'resend');
    expect((await at.mail.waitFor('new@user.example')).code).toBe(code);
  });

  test('a mail is in the language of the browser that asked, or of the user', async () => {
    await at.addUser('english');
    const agent = new Agent({ headers: { 'accept-language': 'en-GB,en;q=0.9' } });
    const page = await (await site.begin(agent)).submit({ user_id: 'english' });
    expect(page.html).toContain('<html lang="en">');
    expect((await at.mail.waitFor('english@user.example')).subject).toContain('one-time password');
  });
});
