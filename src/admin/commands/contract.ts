/** `contract create|list|show|update` */
import type { Command } from 'commander';
import type { ContractDetails } from '../find-contract.ts';
import type { Env } from './installation.ts';
import { fields, flatten, type OutputOptions, print, table, withJson } from './output.ts';

interface ContractOptions extends OutputOptions {
  readonly name?: string;
  readonly policy?: string;
}

export function addContractCommands(program: Command, env: Env): void {
  const group = program.command('contract').description('operators of relying sites and their rules');
  withJson(group.command('create <id>'))
    .description('create a contract')
    .requiredOption('--name <text>', 'name of the operator, shown on pages and in mails')
    .option('--policy <file.json>', 'what differs from the defaults (docs/policy.md)')
    .action((id: string, options: ContractOptions) => create(env, id, options));
  withJson(group.command('list'))
    .description('list all contracts')
    .action((options: OutputOptions) => list(env, options));
  withJson(group.command('show <id>'))
    .description('show a contract with its complete policy')
    .action((id: string, options: OutputOptions) => show(env, id, options));
  withJson(group.command('update <id>'))
    .description('change the name, or replace what the policy sets')
    .option('--name <text>', 'name of the operator')
    .option('--policy <file.json>', 'replaces everything that was set before')
    .action((id: string, options: ContractOptions) => update(env, id, options));
}

async function create(env: Env, id: string, options: ContractOptions): Promise<void> {
  const { createContract } = await import('../create-contract.ts');
  const policy = await readPolicy(options);
  await onInstallation(env, options, (context) =>
    createContract(context, { id, name: options.name ?? '', policy }),
  );
}

async function show(env: Env, id: string, options: OutputOptions): Promise<void> {
  const { showContract } = await import('../find-contract.ts');
  await onInstallation(env, options, (context) => showContract(context, id));
}

async function update(env: Env, id: string, options: ContractOptions): Promise<void> {
  const { updateContract } = await import('../update-contract.ts');
  const policy = await readPolicy(options);
  await onInstallation(env, options, (context) =>
    updateContract(context, id, { name: options.name, policy }),
  );
}

async function list(env: Env, options: OutputOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { listContracts } = await import('../find-contract.ts');
  const { contractSummary } = await import('../representation.ts');
  const contracts = await withInstallation(env, listContracts);
  print(options, contracts.map(contractSummary), () =>
    table(
      ['ID', 'NAME'],
      contracts.map(({ id, name }) => [id, name]),
      'There are no contracts yet: sekisho contract create <id> --name <text>',
    ),
  );
}

async function readPolicy({ policy }: ContractOptions): Promise<unknown> {
  return policy === undefined ? undefined : (await import('./files.ts')).readJsonFile(policy);
}

async function onInstallation(
  env: Env,
  options: OutputOptions,
  verb: (context: import('../context.ts').AdminContext) => Promise<ContractDetails>,
): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { contractJson } = await import('../representation.ts');
  const details = await withInstallation(env, verb);
  print(options, contractJson(details), () => inWords(details));
}

function inWords({ contract, policyInput }: ContractDetails): string {
  const own = flatten(policyInput);
  const settings = Object.entries(flatten(contract.policy)).map(([name, value]) => [
    name,
    Object.hasOwn(own, name) ? [`${typeof value === 'string' ? value : JSON.stringify(value)} (set)`] : value,
  ]);
  return `${fields({ ID: contract.id, name: contract.name })}\n\n${fields(Object.fromEntries(settings))}`;
}
