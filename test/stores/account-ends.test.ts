/** All that a user is signed in by ends, while something that would become part of it is being written. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Stores } from '../../src/database/stores.ts';
import type { StoredModel } from '../../src/oidc/store.ts';
import { describeOnBothEngines, someoneWaits, type TestDatabase } from '../support/stores.ts';
import { addContract, addUser, NOW } from './samples.ts';

describeOnBothEngines('an account that ends', (open, engine) => {
  let db: TestDatabase;
  let accountId: string;
  let login: StoredModel;
  let session: StoredModel;
  let grant: StoredModel;

  beforeEach(async () => {
    db = await open();
    await addContract(db);
    accountId = await addUser(db);
    const model = { payload: Buffer.from('complete'), clientId: 'client', accountId, consumedAt: null };
    const rest = { ...model, grantId: null, uid: null, expiresAt: NOW + 1000 };
    login = { ...rest, kind: 'Interaction', id: 'login' };
    session = { ...rest, kind: 'Session', id: 'session', uid: 'uid' };
    grant = { ...rest, kind: 'Grant', id: 'grant', grantId: 'grant' };
  });

  const put = (model: StoredModel) => db.write(({ models }) => models.upsert(model));
  const findLogin = () => db.read(({ models }) => models.find('Interaction', 'login'));
  const keep = (signOuts: number, model = login) =>
    db.write(({ models }) => models.keepLogin(model, signOuts));
  const endAccount = async ({ users, models }: Stores) => {
    await users.signOut(accountId);
    await models.endAccount(accountId, NOW);
  };

  /** Runs both units at once: `first` has written all, and is committed only when `second` waits for it. */
  async function overtaken(
    first: (stores: Stores) => Promise<unknown>,
    second: (stores: Stores) => Promise<unknown>,
  ): Promise<void> {
    let other: Promise<void> | undefined;
    let waits: Promise<void> | undefined;
    await db.write(async (stores) => {
      await first(stores);
      other ??= db.write(async (rest) => void (await second(rest)));
      if (engine === 'postgres') waits ??= Promise.race([other, someoneWaits(db)]);
      await waits;
    });
    await other;
  }

  test('a complete login is kept for the user as he was read, in an interaction that has not ended', async () => {
    await put({ ...login, accountId: null });
    for (let ends = 0; ends < 3; ends += 1) await db.write(({ users }) => users.signOut(accountId));
    expect((await db.read(({ users }) => users.find(accountId)))?.signOuts).toBe(3);
    expect(await keep(2)).toBe(false);
    expect(await keep(3, { ...login, accountId: 'nobody' })).toBe(false);
    expect(await keep(3, { ...login, id: 'never begun' })).toBe(false);
    expect(await findLogin()).toMatchObject({ accountId: null });
    expect(await keep(3)).toBe(true);
    expect(await findLogin()).toEqual(login);
    await db.write(({ models }) => models.end('Interaction', 'login', NOW));
    expect(await keep(3)).toBe(false);
    expect(await findLogin()).toEqual({ ...login, payload: null, consumedAt: NOW });
  });

  test('a login that is being kept: it ends as well', async () => {
    await put({ ...login, accountId: null });
    await overtaken(({ models }) => models.keepLogin(login, 0), endAccount);
    expect(await findLogin()).toMatchObject({ payload: null, consumedAt: NOW });
  });

  test('a login that is to be kept meanwhile: it is not', async () => {
    await put({ ...login, accountId: null });
    let kept: boolean | undefined;
    await overtaken(endAccount, async ({ models }) => {
      kept = await models.keepLogin(login, 0);
    });
    expect(kept).toBe(false);
  });

  const become = async ({ models }: Stores) => {
    if (await models.end('Interaction', 'login', NOW)) await models.upsert(session, grant);
  };

  test('a login that is becoming a session: the session ends with its grant', async () => {
    await put(login);
    await overtaken(become, endAccount);
    expect(await db.count('provider_models')).toBe(1);
  });

  test('a login that is to become a session meanwhile: it does not', async () => {
    await put(login);
    await overtaken(endAccount, become);
    expect(await db.count('provider_models')).toBe(1);
  });

  test('a session that is getting a grant: both end', async () => {
    await put(session);
    await overtaken(async ({ models }) => {
      await models.lockSession('uid');
      await models.upsert(session, grant);
    }, endAccount);
    expect(await db.count('provider_models')).toBe(0);
  });
});
