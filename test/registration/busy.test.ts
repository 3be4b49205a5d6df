import { expect, test } from '@jest/globals';
import { translator } from '../../src/http/locale.ts';
import { post } from '../login/steps.ts';
import { startInstallation } from '../support/installation.ts';
import { atCredentials, ENTRIES, expectPage, invite, kept, METHODS, NOTHING } from './steps.ts';

test('when too many hashes wait, the page says to come later, and nothing has happened', async () => {
  const at = await startInstallation({ policy: METHODS });
  const invited = await invite(at, 'crowded-out');
  const page = await atCredentials(invited);
  const { hasher } = at.server;
  let done = false;
  /** Takes every place in the queue that gets free. */
  const crowd = async () => {
    while (!done) {
      await hasher.verify('password', null, 'x').catch(() => new Promise((later) => setImmediate(later)));
    }
  };
  const flood = Array.from({ length: 260 }, crowd);
  const answer = await post(page, ENTRIES);
  done = true;
  expect(answer.status).toBe(429);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(answer.body).toContain(translator('ja')('http.refused.too_many_requests.title'));
  expect(await kept(at, invited.sub)).toEqual({ ...NOTHING, state: 'invited' });
  await Promise.all(flood);
  expectPage(await page.submit(ENTRIES), 'register.step.done', 200);
  await at.close();
});
