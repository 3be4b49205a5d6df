import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/open.ts';
import { unitOfWork } from '../../src/database/stores.ts';
import { ensureKeys, loadKeys, loadPepper } from '../../src/oidc/keys.ts';
import { newToken, Secrets } from '../../src/secrets.ts';
import { atOnce, describeOnBothEngines } from '../support/stores.ts';

describeOnBothEngines('the first start', (open, engine) => {
  test('of many processes at once makes one set of keys, which all of them use', async () => {
    const { url, count } = await open();
    const secrets = new Secrets([newToken()]);
    // Those that wait for SQLite's lock occupy one thread each, of the four that this one process has for all of them.
    const databases = await atOnce(engine === 'postgres' ? 8 : 2, () => openDatabase(url));
    await Promise.all(databases.map((database) => database.ping()));
    const loaded = await Promise.all(
      databases.map(async (database) => {
        const uow = unitOfWork(database);
        await ensureKeys(uow, secrets, systemClock);
        const { id } = await loadPepper(uow, secrets, systemClock);
        return { pepper: id, ...(await loadKeys(uow, secrets, systemClock)) };
      }),
    );
    await Promise.all(databases.map((database) => database.close()));
    expect(await count('keys')).toBe(6);
    expect(new Set(loaded.map(({ version }) => version)).size).toBe(1);
    expect(new Set(loaded.map(({ pairwiseSalt }) => pairwiseSalt)).size).toBe(1);
    expect(new Set(loaded.map(({ pepper }) => pepper)).size).toBe(1);
  });
});
