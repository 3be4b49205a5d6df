import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ENGINES, type Installation, startInstallation } from '../support/installation.ts';
import { Agent } from '../support/relying-party.ts';
import { completes, expectProblem, post } from './steps.ts';

const CLI = join(import.meta.dirname, '../../src/cli.ts');
const running = new Set<ChildProcess>();

/** The server as an operator starts it, in a process of its own. Resolves when it is ready. */
async function serve(at: Installation): Promise<{ kill(): Promise<void> }> {
  const env = { ...process.env, ...at.env, LOG_LEVEL: 'error', NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [CLI, 'serve'], { env, cwd: at.env.DATA_DIR, stdio: 'ignore' });
  running.add(child);
  let ended = false;
  child.once('exit', () => {
    ended = true;
    running.delete(child);
  });
  for (let tries = 0; tries < 200; tries += 1) {
    if (ended) throw new Error(`the server ended with code ${child.exitCode}`);
    const ready = await fetch(`${at.issuer}/readyz`).catch(() => undefined);
    if (ready?.ok) break;
    await sleep(50);
  }
  return {
    kill: async () => {
      child.kill('SIGKILL');
      if (!ended) await once(child, 'exit');
    },
  };
}

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

describe('a server that is killed and started again', () => {
  test.concurrent.each(ENGINES)(
    'between the user ID and its mail: the mail arrives, and its code logs in, on %s',
    async (engine) => {
      const at = await startInstallation({ engine });
      try {
        const site = await at.addClient();
        await at.addUser('survivor');
        await at.server.stop();
        await at.mail.down();

        const first = await serve(at);
        const page = await (await site.begin(new Agent())).submit({ user_id: 'survivor' });
        expect(page.status).toBe(200);
        await first.kill();
        await at.mail.up();
        expect(at.mail.mails).toEqual([]);

        const second = await serve(at);
        const mail = await at.mail.waitFor('survivor@user.example', 40_000);
        expect((await page.reload()).status).toBe(200);
        const tokens = await site.finish(await page.submit({ code: mail.code ?? '' }));
        expect((await site.userinfo(tokens)).user_id).toBe('survivor');
        await second.kill();
      } finally {
        await at.close();
      }
    },
    90_000,
  );

  test.concurrent.each(ENGINES)(
    'right after it took a code: it takes it no second time, and the login completes, on %s',
    async (engine) => {
      const at = await startInstallation({ engine });
      try {
        const site = await at.addClient();
        await at.addUser('once');
        await at.server.stop();
        const first = await serve(at);
        const page = await (await site.begin(new Agent())).submit({ user_id: 'once' });
        const { code = '' } = await at.mail.waitFor('once@user.example', 20_000);
        const accepted = await post(page, { code });
        expect(completes(accepted)).toBe(true);
        await first.kill();

        const second = await serve(at);
        expectProblem(await page.submit({ code }), 'already_signed_in', 409);
        await site.finish(await page.agent.open(accepted.location ?? ''));
        await second.kill();
      } finally {
        await at.close();
      }
    },
    90_000,
  );
});
