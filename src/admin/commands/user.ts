/** `user create|list|show|unlock|enable|disable|delete` */
import type { Command } from 'commander';
import type { DeviceType } from '../../users/user.ts';
import type { AdminContext } from '../context.ts';
import type { UserDetails } from '../find-user.ts';
import type { NewUserInput } from '../new-user-input.ts';
import type { Env } from './installation.ts';
import { fields, type OutputOptions, print, table, withJson } from './output.ts';

interface NewUserOptions extends OutputOptions {
  readonly email: string[];
  readonly deviceType?: string[];
  readonly method?: string;
  readonly active?: boolean;
  readonly validUntil?: string;
  readonly locale?: string;
}

interface ListOptions extends OutputOptions {
  readonly after?: string;
  readonly limit: number;
}

const collect = (value: string, before: string[] = []) => [...before, value];

export function addUserCommands(program: Command, env: Env): void {
  const group = program.command('user').description('people of a contract who log in');
  withJson(group.command('create <contract> <user-id>'))
    .description('create a user: invited, or with --active able to log in at once')
    .requiredOption('--email <address>', 'where one-time passwords go (repeatable: a device each)', collect)
    .option(
      '--device-type <type>',
      'pc (default), mobile, smartphone; once, or once for each --email',
      collect,
    )
    .option('--method <login method>', "otp; the contract's first if absent")
    .option('--active', 'without registration; for the method otp only')
    .option('--valid-until <date>', 'last day (2027-03-31) or instant (2027-03-31T17:00:00+09:00) of login')
    .option('--locale <locale>', 'language of mails: ja, en')
    .action((contract: string, id: string, options: NewUserOptions) => create(env, contract, id, options));
  withJson(group.command('list <contract>'))
    .description('list users in the order of their user IDs')
    .option('--after <user-id>', 'begin behind this user ID')
    .option('--limit <number>', 'at most so many, up to 1000', Number, 100)
    .action((contract: string, options: ListOptions) => list(env, contract, options));
  for (const [name, description, verb] of VERBS) {
    withJson(group.command(`${name} <contract> <user-id>`))
      .description(description)
      .action(async (contract: string, id: string, options: OutputOptions) => {
        const run = await verb();
        await onInstallation(env, options, (context) => run(context, contract, id));
      });
  }
  withJson(group.command('delete <contract> <user-id>'))
    .description('remove a user and its devices; the login history stays')
    .action((contract: string, id: string, options: OutputOptions) => remove(env, contract, id, options));
}

type Verb = (context: AdminContext, contractId: string, userId: string) => Promise<UserDetails>;

const VERBS: readonly (readonly [name: string, description: string, load: () => Promise<Verb>])[] = [
  ['show', 'show a user and its devices', async () => (await import('../find-user.ts')).showUser],
  [
    'unlock',
    'open the lock and count wrong tries and mails anew',
    async () => (await import('../unlock-user.ts')).unlockUser,
  ],
  ['enable', 'give a disabled user access again', async () => (await import('../enable-user.ts')).enableUser],
  [
    'disable',
    'take access away; sessions and tokens end',
    async () => (await import('../disable-user.ts')).disableUser,
  ],
];

async function remove(env: Env, contractId: string, userId: string, options: OutputOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { deleteUser } = await import('../delete-user.ts');
  const { userSummary } = await import('../representation.ts');
  const user = await withInstallation(env, (context) => deleteUser(context, contractId, userId));
  print(options, userSummary(user), () => `deleted ${user.userId} (sub ${user.sub})`);
}

async function create(env: Env, contractId: string, userId: string, options: NewUserOptions): Promise<void> {
  const { createUser } = await import('../create-user.ts');
  const { email, deviceType, method, active, validUntil, locale } = options;
  const devices = await pair(email, deviceType);
  // As typed: the verb checks them.
  const input = { userId, devices, method, active, validUntil, locale } as NewUserInput;
  await onInstallation(env, options, (context, timeZone) =>
    createUser(context, { ...input, contractId, timeZone }),
  );
}

/** One type serves all addresses; several go with the addresses in their order. */
async function pair(
  addresses: readonly string[],
  types: readonly string[] = [],
): Promise<{ address: string; type?: DeviceType }[]> {
  if (types.length > 1 && types.length !== addresses.length) {
    const { SekishoError } = await import('../../errors.ts');
    throw new SekishoError('invalid_input', 'give --device-type once, or once for each --email');
  }
  return addresses.map((address, index) => {
    const type = types.length > 1 ? types[index] : types[0];
    return type === undefined ? { address } : { address, type: type as DeviceType };
  });
}

async function list(env: Env, contractId: string, options: ListOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { listUsers } = await import('../find-user.ts');
  const { userSummary } = await import('../representation.ts');
  const users = await withInstallation(env, (context) => listUsers(context, contractId, options));
  const json = users.map(userSummary);
  print(options, json, () =>
    table(
      ['USER ID', 'STATE', 'METHOD', 'VALID UNTIL'],
      json.map(({ user_id, state, login_method, valid_until }) => [
        user_id,
        state,
        login_method,
        valid_until,
      ]),
      'No users here: sekisho user create <contract> <user-id> --email <address>',
    ),
  );
  const last = users.at(-1);
  if (!options.json && last && users.length === options.limit)
    console.error(`… more: --after ${last.userId}`);
}

async function onInstallation(
  env: Env,
  options: OutputOptions,
  verb: (context: AdminContext, timeZone: string) => Promise<UserDetails>,
): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { userJson } = await import('../representation.ts');
  const details = await withInstallation(env, (context, { timeZone }) => verb(context, timeZone));
  const { devices: _devices, ...json } = userJson(details);
  const device = details.devices.map(({ number, address, type }) => `${number}  ${address}  ${type}`);
  print(options, userJson(details), () => fields({ ...json, device }));
}
