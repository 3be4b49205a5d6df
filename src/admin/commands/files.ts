/** Files that are given to commands. */
import { readFile } from 'node:fs/promises';
import { SekishoError } from '../../errors.ts';

/** @returns what the JSON file holds @throws SekishoError invalid_input */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new SekishoError('invalid_input', `${file} cannot be read: ${cause.message}`, { cause });
  });
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new SekishoError('invalid_input', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
