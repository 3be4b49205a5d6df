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

/** What is wrong, and with what: `devices[0].address`; '' is the whole. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** Input that cannot be used, with every fault. */
export class InputError extends SekishoError {
  readonly what: string;
  readonly faults: readonly Fault[];

  /** @param what names the whole in the message: `policy`, `client metadata` */
  constructor(what: string, faults: readonly Fault[]) {
    super('invalid_input', sentence(what, faults));
    this.what = what;
    this.faults = faults;
  }

  /** The same in the words of who gave the input: an option for each path. */
  renamed(name: (path: string) => string): InputError {
    return new InputError(
      this.what,
      this.faults.map(({ path, message }) => ({ path: name(path), message })),
    );
  }
}

/** @param what names the whole in the message @throws InputError */
export function checkInput<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new InputError(what, parsed.error.issues.flatMap(describe));
}

function sentence(what: string, faults: readonly Fault[]): string {
  const lines = [
    ...new Set(faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))),
  ];
  return lines.length === 1
    ? `${what}: ${lines[0]}`
    : `${what}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function describe(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathName([...issue.path, key]),
      message: 'there is no such setting',
    }));
  }
  const message = issue.message.replace(/^Invalid (input|option): /, '');
  return [{ path: pathName(issue.path), message }];
}

/** `redirect_uris[0]`, `lock.tries` */
function pathName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : name === '' ? String(part) : `${name}.${String(part)}`,
    '',
  );
}
