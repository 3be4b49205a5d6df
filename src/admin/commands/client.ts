/** `client create|list|show|update|rotate-secret|delete` */
import type { Command } from 'commander';
import type { Client } from '../../contracts/contract.ts';
import type { AdminContext } from '../context.ts';
import type { RegisteredClient } from '../create-client.ts';
import { readMetadata, withMetadataOptions } from './client-options.ts';
import type { Env } from './installation.ts';
import { fields, type OutputOptions, print, table, withJson } from './output.ts';

interface ClientOptions extends OutputOptions {
  readonly name?: string;
  readonly [option: string]: unknown;
}

export function addClientCommands(program: Command, env: Env): void {
  const group = program.command('client').description('relying sites: OpenID Connect clients of a contract');
  withMetadataOptions(withJson(group.command('create <contract>')))
    .description('register a client; its secret is shown this one time')
    .requiredOption('--name <text>', 'name of the site, shown on pages and in mails')
    .action((contract: string, options: ClientOptions) => create(env, contract, options));
  withJson(group.command('list <contract>'))
    .description('list the clients of a contract')
    .action((contract: string, options: OutputOptions) => list(env, contract, options));
  withJson(group.command('show <client-id>'))
    .description("show a client's registration")
    .action((id: string, options: OutputOptions) => show(env, id, options));
  withMetadataOptions(withJson(group.command('update <client-id>')))
    .description('change what is named, in effect at once; an empty value takes a setting away')
    .option('--name <text>', 'name of the site')
    .action((id: string, options: ClientOptions) => update(env, id, options));
  withJson(group.command('rotate-secret <client-id>'))
    .description('give a client a new secret; the old one ends at once')
    .action((id: string, options: OutputOptions) => rotate(env, id, options));
  withJson(group.command('delete <client-id>'))
    .description('remove a client; its tokens end')
    .action((id: string, options: OutputOptions) => remove(env, id, options));
}

async function create(env: Env, contractId: string, options: ClientOptions): Promise<void> {
  const { createClient } = await import('../create-client.ts');
  const metadata = await readMetadata(options, { emptyRemoves: false });
  const input = { contractId, name: options.name ?? '', metadata };
  await onInstallation(env, options, (context) => createClient(context, input, validate));
}

async function update(env: Env, clientId: string, options: ClientOptions): Promise<void> {
  const { updateClient } = await import('../update-client.ts');
  const metadata = await readMetadata(options, { emptyRemoves: true });
  const changes = { name: options.name, metadata };
  await onInstallation(env, options, (context) => updateClient(context, clientId, changes, validate));
}

async function show(env: Env, clientId: string, options: OutputOptions): Promise<void> {
  const { showClient } = await import('../find-client.ts');
  await onInstallation(env, options, async (context) => unchanged(await showClient(context, clientId)));
}

async function rotate(env: Env, clientId: string, options: OutputOptions): Promise<void> {
  const { rotateClientSecret } = await import('../rotate-client-secret.ts');
  await onInstallation(env, options, (context) => rotateClientSecret(context, clientId));
}

async function remove(env: Env, clientId: string, options: OutputOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { deleteClient } = await import('../delete-client.ts');
  const { clientJson } = await import('../representation.ts');
  const client = await withInstallation(env, (context) => deleteClient(context, clientId));
  print(options, clientJson(client), () => `deleted ${client.clientId} (${client.name})`);
}

async function list(env: Env, contractId: string, options: OutputOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { listClients } = await import('../find-client.ts');
  const { clientJson } = await import('../representation.ts');
  const clients = await withInstallation(env, (context) => listClients(context, contractId));
  print(options, clients.map(clientJson), () =>
    table(
      ['CLIENT ID', 'AUTH METHOD', 'NAME'],
      clients.map(({ clientId, metadata, name }) => [clientId, metadata.token_endpoint_auth_method, name]),
      'The contract has no clients yet: sekisho client create <contract> --name <text> --redirect-uri <uri>',
    ),
  );
}

const unchanged = (client: Client): RegisteredClient => ({ client, secret: null });

/** The provider's own rules; they are heavy to load, so only where something is registered. */
async function validate(client: Client): Promise<void> {
  const { providerMetadata } = await import('../../oidc/contracts.ts');
  const { validateClientMetadata } = await import('../../oidc/validate-client.ts');
  await validateClientMetadata(providerMetadata(client));
}

async function onInstallation(
  env: Env,
  options: OutputOptions,
  verb: (context: AdminContext) => Promise<RegisteredClient>,
): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { instant, registeredClientJson } = await import('../representation.ts');
  const registered = await withInstallation(env, verb);
  const json = registeredClientJson(registered);
  const issued = instant(registered.client.createdAt);
  print(options, json, () => fields({ ...json, client_id_issued_at: issued }));
}
