/** Checks what an administrator gives, and says everything that is wrong with it at once. */
import { z } from 'zod';
import { SekishoError } from '../errors.ts';

/** A name that people read: of a contract or a client. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must have at most 100 characters')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters');

/** @param what names the whole in the message: `policy`, `client metadata` @throws SekishoError invalid_input */
export function checkInput<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap(describe);
  throw new SekishoError(
    'invalid_input',
    faults.length === 1
      ? `${what}: ${faults[0]}`
      : `${what}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
  );
}

function describe(issue: z.core.$ZodIssue): string[] {
  const at = (path: readonly PropertyKey[], message: string) =>
    path.length === 0 ? message : `${pathName(path)}: ${message}`;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => at([...issue.path, key], 'there is no such setting'));
  }
  return [at(issue.path, issue.message.replace(/^Invalid (input|option): /, ''))];
}

/** `redirect_uris[0]`, `lock.tries` */
function pathName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : name === '' ? String(part) : `${name}.${String(part)}`,
    '',
  );
}
