import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.ts';
import { trialSecret, withSecrets } from '../src/trial-secrets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sekisho-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('is made once, in a file for its owner only', async () => {
  const place = join(folder, 'new', 'data');
  const secret = await trialSecret(place);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(await trialSecret(place)).toBe(secret);
  expect((await stat(join(place, 'secrets'))).mode & 0o777).toBe(0o600);
  expect(await readdir(place)).toEqual(['secrets']);
});

test('all who start at once agree, within a process and between processes', async () => {
  const place = join(folder, 'race');
  const module = join(import.meta.dirname, '..', 'src', 'trial-secrets.ts');
  const script = `import { trialSecret } from ${JSON.stringify(module)}; console.log(await trialSecret(${JSON.stringify(place)}));`;
  const elsewhere = () =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]).then(({ stdout }) =>
      stdout.trim(),
    );
  const secrets = await Promise.all([
    ...Array.from({ length: 8 }, () => trialSecret(place)),
    elsewhere(),
    elsewhere(),
  ]);
  expect(new Set(secrets).size).toBe(1);
  expect(await readdir(place)).toEqual(['secrets']);
});

test('a file that holds too little is refused and left alone', async () => {
  await writeFile(join(folder, 'secrets'), 'short\n');
  await expect(trialSecret(folder)).rejects.toThrow(ConfigError);
  expect(await readFile(join(folder, 'secrets'), 'utf8')).toBe('short\n');
});

test('a place that cannot be used is named', async () => {
  await expect(trialSecret(join(folder, 'secrets'))).rejects.toThrow(/secrets cannot be read or written/);
});

test('secrets that are set are used, and no file is made', async () => {
  const set = readConfig({ DATA_DIR: join(folder, 'set'), SECRETS: 'a secret of thirty-two characters' });
  expect(await withSecrets(set)).toBe(set);
  const none = readConfig({ DATA_DIR: join(folder, 'none') });
  expect((await withSecrets(none)).secrets).toEqual([await trialSecret(join(folder, 'none'))]);
  expect(await readdir(folder)).not.toContain('set');
});
