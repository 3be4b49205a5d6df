/** `key list|rotate` */
import type { Command } from 'commander';
import type { KeySummary, RotatedKind } from '../../oidc/keys.ts';
import type { Env } from './installation.ts';
import { type OutputOptions, print, table, withJson } from './output.ts';

interface RotateOptions extends OutputOptions {
  readonly kind?: string[];
  readonly immediately?: boolean;
}

export function addKeyCommands(program: Command, env: Env): void {
  const group = program.command('key').description('keys that sign tokens and cookies');
  withJson(group.command('list'))
    .description('list the keys that are published, active or still accepted')
    .action((options: OutputOptions) => list(env, options));
  withJson(group.command('rotate'))
    .description('make new keys: published now, signing soon; running servers pick them up')
    .option('--kind <kind>', 'RS256, ES256, EdDSA, cookie; all if absent (repeatable)', collect)
    .option('--immediately', 'sign with the new keys now and stop accepting the old, when one was stolen')
    .action((options: RotateOptions) => rotate(env, options));
}

const collect = (value: string, before: string[] = []) => [...before, value];

async function list(env: Env, options: OutputOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { listKeys } = await import('../../oidc/keys.ts');
  await show(options, await withInstallation(env, ({ uow, clock }) => listKeys(uow, clock)));
}

async function rotate(env: Env, options: RotateOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { ensureKeys, rotateKeys } = await import('../../oidc/keys.ts');
  const kinds = await readKinds(options.kind);
  const made = await withInstallation(env, async ({ uow, secrets, clock, actor }) => {
    // A database that no server has used yet gets its first keys, so that something signs meanwhile.
    await ensureKeys(uow, secrets, clock);
    return rotateKeys(uow, secrets, clock, actor, {
      ...(kinds === undefined ? {} : { kinds }),
      immediately: options.immediately ?? false,
    });
  });
  await show(options, made);
}

async function readKinds(given: readonly string[] | undefined): Promise<RotatedKind[] | undefined> {
  if (given === undefined) return undefined;
  const { ROTATED_KINDS } = await import('../../oidc/keys.ts');
  const { SekishoError } = await import('../../errors.ts');
  return [...new Set(given)].map((kind) => {
    const known = ROTATED_KINDS.find((candidate) => candidate === kind);
    if (known) return known;
    throw new SekishoError('invalid_input', `--kind: must be one of ${ROTATED_KINDS.join(', ')}`);
  });
}

async function show(options: OutputOptions, keys: readonly KeySummary[]): Promise<void> {
  const { instant } = await import('../representation.ts');
  const json = keys.map(({ id, kind, state, createdAt, activeAt, endsAt }) => ({
    id,
    kind,
    state,
    created_at: instant(createdAt),
    active_at: instant(activeAt),
    ends_at: endsAt === null ? null : instant(endsAt),
  }));
  print(options, json, () =>
    table(
      ['KIND', 'STATE', 'ACTIVE FROM', 'ENDS', 'ID'],
      json.map((key) => [key.kind, key.state, key.active_at, key.ends_at, key.id]),
      'There are no keys yet: the first start of the server makes them.',
    ),
  );
}
