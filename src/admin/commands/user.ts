/** `user create|update|invite|list|show|unlock|enable|disable|delete`, and `user find-error` of find-error.ts */
import type { Command } from 'commander';
import type { AdminContext } from '../context.ts';
import type { UserDetails } from '../find-user.ts';
import type { InvitedUser } from '../invite.ts';
import type { NewUserInput, UserChangesInput } from '../user-input.ts';
import { addFindError } from './find-error.ts';
import { addUserImport } from './import.ts';
import type { Env } from './installation.ts';
import { type OutputOptions, print, table, withJson } from './output.ts';
import { inLines, supportLines } from './user-lines.ts';
import { optionName, readDevices, type UserOptions, withUserOptions } from './user-options.ts';

interface ListOptions extends OutputOptions {
  readonly after?: string;
  readonly limit: number;
}

export function addUserCommands(program: Command, env: Env): void {
  const group = program.command('user').description('people of a contract who log in');
  withUserOptions(withJson(group.command('create <contract> <user-id>')), { required: true })
    .description('create a user and send an invitation, or with --active let it log in at once')
    .option('--method <login method>', "otp, password, password+otp; the contract's first if absent")
    .option('--active', 'without registration; for the method otp only')
    .option('--print', PRINT)
    .action((contract: string, id: string, options: UserOptions) => create(env, contract, id, options));
  withUserOptions(withJson(group.command('update <contract> <user-id>')), { required: false })
    .description('correct what is named; the rest stays, and so does the sub')
    .option('--no-valid-until', 'login is possible without end')
    .option('--no-locale', 'mails in the language of the page')
    .option('--active', 'let an invited user log in without registration; for the method otp only')
    .action((contract: string, id: string, options: UserOptions) => update(env, contract, id, options));
  withJson(group.command('invite <contract> <user-id>'))
    .description('send a new invitation to register credentials; an earlier one ends')
    .option('--print', PRINT)
    .action((contract: string, id: string, options: UserOptions) => invite(env, contract, id, options));
  addUserImport(group, env);
  withJson(group.command('list <contract>'))
    .description('list users in the order of their user IDs')
    .option('--after <user-id>', 'begin behind this user ID')
    .option('--limit <number>', 'at most so many, up to 1000', Number, 100)
    .action((contract: string, options: ListOptions) => list(env, contract, options));
  withJson(group.command('show <contract> <user-id>'))
    .description('show a user: devices, credentials, invitation, last logins, wrong tries, locks and mails')
    .action((contract: string, id: string, options: OutputOptions) => show(env, contract, id, options));
  for (const [name, description, verb] of VERBS) {
    withJson(group.command(`${name} <contract> <user-id>`))
      .description(description)
      .action(async (contract: string, id: string, options: OutputOptions) => {
        const run = await verb();
        await onInstallation(env, options, (context) => run(context, contract, id));
      });
  }
  addFindError(group, env);
  withJson(group.command('delete <contract> <user-id>'))
    .description('remove a user and its devices; the login history stays')
    .action((contract: string, id: string, options: OutputOptions) => remove(env, contract, id, options));
}

const PRINT = 'print registration URL and initial OTP though they are mailed';

type Verb = (context: AdminContext, contractId: string, userId: string) => Promise<UserDetails>;

const VERBS: readonly (readonly [name: string, description: string, load: () => Promise<Verb>])[] = [
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

async function create(env: Env, contractId: string, userId: string, options: UserOptions): Promise<void> {
  const { createUser } = await import('../create-user.ts');
  const devices = await readDevices(options);
  const { method, active, validUntil, locale } = options;
  // As typed: the verb checks them.
  const input = { userId, devices, method, active, validUntil, locale } as NewUserInput;
  await onInstallation(env, options, (context) => createUser(context, { ...input, contractId }, options));
}

async function invite(env: Env, contractId: string, userId: string, options: UserOptions): Promise<void> {
  const { inviteUser } = await import('../invite-user.ts');
  await onInstallation(env, options, (context) => inviteUser(context, contractId, userId, options));
}

async function update(env: Env, contractId: string, userId: string, options: UserOptions): Promise<void> {
  const { updateUser } = await import('../update-user.ts');
  const devices = await readDevices(options);
  const { active } = options;
  const [validUntil, locale] = [options.validUntil, options.locale].map((given) =>
    given === false ? null : given,
  );
  const input = { devices, active, validUntil, locale } as UserChangesInput;
  await onInstallation(env, options, (context) => updateUser(context, contractId, userId, input));
}

async function show(env: Env, contractId: string, userId: string, options: OutputOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { supportView } = await import('../support-view.ts');
  const { supportViewJson } = await import('../representation.ts');
  const view = await withInstallation(env, (context) => supportView(context, contractId, userId));
  const json = supportViewJson(view);
  print(options, json, () => supportLines(view, json));
}

async function list(env: Env, contractId: string, options: ListOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { listUsers } = await import('../find-user.ts');
  const { userSummary } = await import('../representation.ts');
  const users = await inOptions({}, () =>
    withInstallation(env, (context) => listUsers(context, contractId, options)),
  );
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
  options: UserOptions,
  verb: (context: AdminContext) => Promise<UserDetails & Partial<InvitedUser>>,
): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { invitedUserJson } = await import('../representation.ts');
  const details = await inOptions(options, () => withInstallation(env, verb));
  const json = invitedUserJson({ invited: null, ...details });
  print(options, json, () => inLines(details, json));
}

/** Faults name what was typed. */
async function inOptions<T>(options: UserOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { InputError } = await import('../input.ts');
    throw error instanceof InputError ? error.renamed((path) => optionName(path, options)) : error;
  }
}
