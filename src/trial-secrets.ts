/** Trial mode's own secret, for when SECRETS is not set: made once, kept in the data folder. */
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, ConfigError } from './config.ts';
import { newId, newToken } from './secrets.ts';

/** Fills in the secrets of a configuration that has none. @throws ConfigError when the file cannot be used */
export async function withSecrets(config: Config): Promise<Config> {
  if (config.secrets.length > 0) return config;
  return Object.freeze({ ...config, secrets: [await trialSecret(config.dataDir)] });
}

/**
 * Reads `<dataDir>/secrets`, or makes it: readable by its owner only, and complete from the moment it is there, so that
 * two processes that start at once agree.
 * @throws ConfigError
 */
export async function trialSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'secrets');
  try {
    return (await read(file)) ?? (await make(dataDir, file));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`${file} cannot be read or written: ${(cause as Error).message}`, { cause });
  }
}

async function read(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const secret = text?.trim();
  if (secret !== undefined && secret.length < 32) {
    throw new ConfigError(`${file} must hold a secret of 32 or more characters; delete it to begin anew`);
  }
  return secret;
}

async function make(dataDir: string, file: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${file}.${newId()}`;
  await writeFile(draft, `${newToken()}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    // Unlike a rename, a link never replaces what another process has made meanwhile.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await unlink(draft);
  }
  return (await read(file)) ?? '';
}
