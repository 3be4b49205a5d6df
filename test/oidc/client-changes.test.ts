import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '../../src/contracts/contract.ts';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent, type RelyingParty } from '../support/relying-party.ts';
import { answerPages, signIn } from '../support/sign-in.ts';

describe.each(ENGINES)('changes of clients and contracts take effect without a restart, on %s', (engine) => {
  let at: Installation;

  beforeAll(async () => {
    at = await startInstallation({ engine });
    await at.addUser('taro');
  });
  afterAll(() => at.close());

  /** As a command in another process would do it: this server is not told. */
  async function change(site: RelyingParty, to: (client: Client) => Partial<Client>): Promise<void> {
    await at.server.uow.write(async ({ clients }) => {
      const client = await clients.find(site.options.clientId);
      if (client) await clients.update({ ...client, ...to(client) }, client.updatedAt);
    });
    at.clock.advance(1000);
  }

  test('a client that is new', async () => {
    const clientId = 'made-in-a-moment';
    const url = `${at.issuer}/auth?client_id=${clientId}&response_type=code&scope=openid`;
    expect((await new Agent().open(url)).html).toContain('invalid_client');
    const site = await at.addClient();
    await at.server.uow.write(async ({ clients }) => {
      const client = await clients.find(site.options.clientId);
      if (client) await clients.add({ ...client, clientId });
    });
    const redirect = `redirect_uri=${encodeURIComponent(site.options.redirectUri)}`;
    const pkce = `code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`;
    expect((await new Agent().open(`${url}&${redirect}&${pkce}`)).status).toBe(200);
  });

  test('a redirect URI that is added, or taken away', async () => {
    const site = await at.addClient();
    const redirectUri = 'https://new.example/cb';
    const request = { redirect_uri: redirectUri };
    expect((await site.begin(new Agent(), request)).html).toContain('invalid_redirect_uri');
    await change(site, ({ metadata }) => ({ metadata: { ...metadata, redirect_uris: [redirectUri] } }));
    expect((await site.begin(new Agent(), request)).status).toBe(200);
    expect((await site.begin(new Agent())).html).toContain('invalid_redirect_uri');
  });

  test('a redirect URI that is taken away in the middle of a login', async () => {
    const site = await at.addClient();
    const first = await site.begin(new Agent());
    await change(site, ({ metadata }) => ({
      metadata: { ...metadata, redirect_uris: ['https://moved.example/cb'] },
    }));
    const end = await answerPages(at, first, 'taro');
    expect(end.status).toBe(400);
    expect(end.html).toContain('invalid_redirect_uri');
  });

  test('a name, on the next page', async () => {
    const site = await at.addClient({ name: '前の名前' });
    expect((await site.begin(new Agent())).html).toContain('前の名前');
    await change(site, () => ({ name: '後の名前' }));
    expect((await site.begin(new Agent())).html).toContain('後の名前');
  });

  test('a client that is deleted: its logins, tokens and pages end', async () => {
    const site = await at.addClient();
    const agent = new Agent();
    const { tokens } = await signIn(at, site, agent, 'taro');
    const open = await site.begin(agent, { prompt: 'login' });
    await at.server.uow.write(({ clients }) => clients.delete(site.options.clientId));
    at.clock.advance(1000);
    await expect(site.userinfo(tokens)).rejects.toMatchObject({ status: 401 });
    await expect(site.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ status: 401 });
    expect((await site.begin(agent)).html).toContain('invalid_client');
    const late = await open.submit({ user_id: 'taro' });
    expect(late.status).toBeGreaterThanOrEqual(400);
    expect(late.status).toBeLessThan(500);
    // The browser is still signed in elsewhere.
    const other = await at.addClient();
    expect(other.callbackOf(await other.begin(agent, { prompt: 'none' }))?.get('code')).toBeTruthy();
    expect((await agent.open(other.logoutUrl())).status).toBe(200);
  });

  test('a broken registration harms nobody else', async () => {
    const site = await at.addClient();
    await change(site, () => ({ metadata: { redirect_uris: ['not a uri'], response_types: ['code'] } }));
    const page = await site.begin(new Agent());
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.status).toBeLessThan(500);
    const other = await at.addClient();
    expect((await other.begin(new Agent())).status).toBe(200);
  });
});
