/** Starting and stopping the command, and what it says when it cannot start. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from '../support/agent.ts';
import { emptyFolder, occupy, type Serving, serve, startTrial, twoFreePorts } from './trial.ts';

const REAL = {
  ISSUER: 'http://localhost:1',
  SECRETS: 'a-secret-of-32-characters-or-more',
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'login@sekisho.example',
};

test('a trial greets, serves on two ports, and stops when it is told to', async () => {
  const trial = await startTrial();
  try {
    for (const shown of [
      trial.site,
      `${trial.issuer}/inbox`,
      `${trial.issuer}/.well-known/openid-configuration`,
    ]) {
      expect(trial.out()).toContain(`${shown}\n`);
    }
    expect(trial.out()).toMatch(/^ +2\. .* p-01-usr001$/m);
    expect(trial.err()).toBe('');
    expect(await readdir(trial.folder)).toEqual(['data']);
    const agent = new Agent();
    for (const [url, status] of [
      [`${trial.site}/`, 200],
      [`${trial.issuer}/inbox`, 200],
      [`${trial.issuer}/readyz`, 200],
      [`${trial.issuer}/`, 302],
    ] as const) {
      expect({ url, status: (await agent.get(url)).status }).toEqual({ url, status });
    }
    trial.signal('SIGINT');
    expect(await trial.ended).toBe(0);
  } finally {
    await trial.close();
  }
});

test('a trial answers under the names of this machine only, whatever name leads there', async () => {
  const trial = await startTrial();
  try {
    const [main, site] = [trial.port, trial.port + 1];
    for (const url of [`http://localhost:${main}/inbox.json`, `http://localhost:${site}/`]) {
      for (const host of [
        'evil.example',
        `evil.example:${main}`,
        'localhost.evil.example',
        '127.0.0.1.evil.example',
      ]) {
        const answer = await new Agent().get(url, { headers: { host, accept: 'text/html' } });
        expect({ host, status: answer.status }).toEqual({ host, status: 421 });
        expect(answer.body).toContain('localhost');
      }
      for (const host of ['localhost', `LOCALHOST:${main}`, '127.0.0.1:1', '[::1]:3000']) {
        const answer = await new Agent().get(url, { headers: { host } });
        expect({ host, status: answer.status }).toEqual({ host, status: 200 });
      }
    }
  } finally {
    await trial.close();
  }
});

test('SIGTERM: what has begun is answered, nothing new is taken, and it ends within seconds', async () => {
  const trial = await startTrial();
  try {
    const idle = connect(trial.port, 'localhost');
    const request = connect(trial.port, 'localhost');
    let answer = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    const closed = new Promise((done) => request.once('close', done));
    request.on('error', () => {});
    idle.on('error', () => {});
    request.write(
      `POST /token HTTP/1.1\r\nHost: localhost:${trial.port}\r\nContent-Length: 10\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\ngrant`,
    );
    // Answered over another connection after the bytes above: they have arrived.
    await new Agent().get(`${trial.issuer}/healthz`);
    const at = Date.now();
    trial.signal('SIGTERM');
    await refusing(trial.port);
    expect(answer).toBe('');
    request.write('_type');
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(await trial.ended).toBe(0);
    expect(Date.now() - at).toBeLessThan(4000);
    idle.destroy();
  } finally {
    await trial.close();
  }
});

/** Resolves when nobody listens any more. */
async function refusing(port: number): Promise<void> {
  const taken = () =>
    new Promise<boolean>((done) => {
      const socket = connect(port, 'localhost', () => {
        socket.destroy();
        done(true);
      });
      socket.once('error', () => done(false));
    });
  while (await taken());
}

describe('it does not start', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await emptyFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function fails(env: Record<string, string>): Promise<Serving> {
    const serving = serve(env, folder);
    expect(await serving.ended).toBe(1);
    expect(serving.out()).toBe('');
    // A sentence for people, not the place in the program.
    expect(serving.err()).not.toMatch(/^ +at /m);
    return serving;
  }
  const made = () => readdir(folder);

  test('with settings that are wrong: one message names them all', async () => {
    const wrong = {
      PORT: 'http',
      DATABASE_URL: 'mysql://x',
      HOST: '0.0.0.0',
      LOG_LEVEL: 'loud',
      TZ_DISPLAY: 'Mars',
    };
    const { err } = await fails(wrong);
    for (const name of Object.keys(wrong)) expect(err()).toMatch(new RegExp(`^ +${name}: `, 'm'));
    expect(await made()).toEqual([]);
  });

  test('for real without what that needs', async () => {
    const { err } = await fails({ ISSUER: 'https://login.example.com' });
    for (const name of ['SECRETS', 'SMTP_URL', 'MAIL_FROM'])
      expect(err()).toMatch(new RegExp(`^ +${name}: `, 'm'));
    expect(await made()).toEqual([]);
  });

  test('with settings in .env that are wrong', async () => {
    await writeFile(join(folder, '.env'), 'ISSUER=http://login.example.com\nSECRETS=short\n');
    const { err } = await fails({});
    for (const name of ['ISSUER', 'SECRETS', 'SMTP_URL'])
      expect(err()).toMatch(new RegExp(`^ +${name}: `, 'm'));
    expect(await made()).toEqual(['.env']);
  });

  test.each([
    ['that nobody listens for', 'postgres://sekisho:a-password@127.0.0.1:1/sekisho'],
    ['in a folder that cannot be', 'sqlite:./.env/sekisho.db'],
    ['that is a folder', 'sqlite:.'],
  ])('with a database %s', async (_name, url) => {
    await writeFile(join(folder, '.env'), '');
    const { err } = await fails({ ...REAL, PORT: String(await twoFreePorts()), DATABASE_URL: url });
    expect(err()).toMatch(/^error: the database cannot be used: .+\n$/);
    expect(err()).not.toContain('a-password');
    expect(await made()).toEqual(['.env']);
  });

  test.each([0, 1])('with PORT + %d in use', async (offset) => {
    const port = await twoFreePorts();
    const other = await occupy(port + offset);
    const { err } = await fails({ PORT: String(port) });
    expect(err()).toMatch(new RegExp(`^error: port ${port + offset} is in use.*set PORT.*\n$`));
    await new Promise((done) => other.close(done));
  });

  test('without a port for the sample site', async () => {
    expect((await fails({ PORT: '65535' })).err()).toContain('PORT: must be at most 65534 in trial mode');
    expect(await made()).toEqual([]);
  });

  test.each(['nowhere.invalid', '203.0.113.5'])('on HOST %s', async (HOST) => {
    const { err } = await fails({ ...REAL, PORT: String(await twoFreePorts()), HOST });
    expect(err()).toContain(`cannot listen on ${HOST}`);
  });
});
