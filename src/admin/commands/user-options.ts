/** Options that say what a user is like, and how their faults are named. */
import type { Command } from 'commander';
import type { DeviceType } from '../../users/user.ts';
import type { OutputOptions } from './output.ts';

export interface UserOptions extends OutputOptions {
  readonly email?: string[];
  readonly deviceType?: string[];
  readonly method?: string;
  readonly active?: true;
  readonly print?: true;
  /** false: taken away. */
  readonly validUntil?: string | false;
  readonly locale?: string | false;
}

const collect = (value: string, before: string[] = []) => [...before, value];

/** Adds those that creating and updating share. @param required whether a user without an address makes no sense */
export function withUserOptions(command: Command, { required }: { readonly required: boolean }): Command {
  const flags = '--email <address>';
  const help = 'where one-time passwords go (repeatable: a device each)';
  const emails = required
    ? command.requiredOption(flags, help, collect)
    : command.option(flags, `${help}; replaces all`, collect);
  return emails
    .option(
      '--device-type <type>',
      'pc (default), mobile, smartphone; once, or once for each --email',
      collect,
    )
    .option('--valid-until <date>', 'last day (2027-03-31) or instant (2027-03-31T17:00:00+09:00) of login')
    .option('--locale <locale>', 'language of mails: ja, en');
}

/** The devices that were given; undefined: none. One type serves all addresses; several go with them in their order. */
export async function readDevices({
  email,
  deviceType: types = [],
}: UserOptions): Promise<{ address: string; type?: DeviceType }[] | undefined> {
  const { SekishoError } = await import('../../errors.ts');
  if (email === undefined && types.length > 0) {
    throw new SekishoError('invalid_input', '--device-type: goes with --email');
  }
  if (email !== undefined && types.length > 1 && types.length !== email.length) {
    throw new SekishoError('invalid_input', 'give --device-type once, or once for each --email');
  }
  return email?.map((address, index) => {
    const type = types.length > 1 ? types[index] : types[0];
    return type === undefined ? { address } : { address, type: type as DeviceType };
  });
}

const NAMES: Readonly<Record<string, string>> = {
  userId: '<user-id>',
  devices: '--email',
  method: '--method',
  active: '--active',
  validUntil: '--valid-until',
  locale: '--locale',
  limit: '--limit',
};

/** The option behind a path of the input: `devices[1].address` is what the second `--email` gave. */
export function optionName(path: string, { email = [], deviceType: types = [] }: UserOptions): string {
  const device = /^devices\[(\d+)\]\.(address|type)$/.exec(path);
  if (!device) return NAMES[path] ?? path;
  const index = Number(device[1]);
  if (device[2] === 'address') return `--email ${JSON.stringify(email[index])}`;
  return `--device-type ${JSON.stringify(types.length > 1 ? types[index] : types[0])}`;
}
