/** `user find-error`: from the error code on a lock's page to the user, and what helps. */
import type { Command } from 'commander';
import type { FoundError } from '../find-error.ts';
import type { foundErrorJson } from '../representation.ts';
import type { Env } from './installation.ts';
import { fields, type OutputOptions, print, withJson } from './output.ts';
import { loginLines, triesLines } from './user-lines.ts';

export function addFindError(group: Command, env: Env): void {
  withJson(group.command('find-error <contract> <error-code>'))
    .description('find the login behind an error code that a user reads out: who, where, why, and what helps')
    .action((contract: string, code: string, options: OutputOptions) => show(env, contract, code, options));
}

async function show(env: Env, contractId: string, code: string, options: OutputOptions): Promise<void> {
  const { withInstallation } = await import('./installation.ts');
  const { findError } = await import('../find-error.ts');
  const { foundErrorJson } = await import('../representation.ts');
  const found = await withInstallation(env, (context) => findError(context, contractId, code));
  const json = { ...foundErrorJson(found), advice: adviceOn(contractId, found) };
  print(options, json, () => inLines(found, json));
}

function inLines(
  { login, user }: FoundError,
  json: ReturnType<typeof foundErrorJson> & { advice: string },
): string {
  const { at, error_code, result, method, site, client_id, address, browser } = json;
  const who = user ? { user_id: user.user.userId, state: user.user.state } : {};
  const where = { site: site ?? client_id, address, browser };
  return [
    fields({ error_code, at, result, method, ...who, sub: login.userSub, ...where, advice: json.advice }),
    ...(user ? [loginLines('BEFORE', json.before, 'Nothing before.'), triesLines(json.wrong_tries)] : []),
  ].join('\n\n');
}

/** What the support desk can do. */
function adviceOn(contractId: string, found: FoundError): string {
  const { login, user, tries } = found;
  if (login.userSub === null)
    return 'nobody has the user ID that was typed: check its spelling with the caller';
  if (!user) return 'the user was deleted since';
  const { userId, state } = user.user;
  const command = (verb: string) => `sekisho user ${verb} ${contractId} ${shellWord(userId)}`;
  if (state === 'disabled') return `the user is disabled: ${command('enable')}`;
  const lock = tries.find(({ locked }) => locked);
  const forgotten = triedAnswers(found)
    ? `; if the answer is forgotten: ${command('invite')} (replaces all credentials)`
    : '';
  if (state !== 'locked' && !lock) return `nothing is locked any more: the user can try again${forgotten}`;
  const unlockAt = user.user.unlockAt ?? lock?.unlockAt ?? null;
  const byItself = unlockAt === null ? '' : `, or wait until ${new Date(unlockAt).toISOString()}`;
  return `make sure that it is the user who calls, then ${command('unlock')}${byItself}${forgotten}`;
}

/** Whether what went wrong last were secret answers. */
function triedAnswers({ login, before, tries }: FoundError): boolean {
  const last = [login, ...before].find(({ result }) => result !== 'locked');
  return last?.result === 'wrong_answer' || tries.some(({ answers, locked }) => answers && locked);
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
