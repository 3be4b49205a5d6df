import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../src/admin/commands/program.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'commands.md'), 'utf8');

/** Commands that do something, with their whole names. */
function commandsOf(command: Command, prefix = ''): [name: string, command: Command][] {
  return command.commands.flatMap((each) => {
    const name = `${prefix}${each.name()}`;
    return each.commands.length > 0 ? commandsOf(each, `${name} `) : [[name, each] as [string, Command]];
  });
}

const commands = commandsOf(createProgram({}));

test.each(commands)('docs/commands.md explains %s', (name, command) => {
  const heading = new RegExp(`^### .*\\b${name}\\b`, 'm');
  expect(page).toMatch(heading);
  for (const { flags } of command.options) expect(page).toContain(flags.split(' ')[0]);
  expect(command.description()).not.toBe('');
  expect(command.options.map(({ long }) => long)).toEqual(
    expect.arrayContaining(name === 'serve' ? [] : ['--json']),
  );
});

test('docs/commands.md explains no command that is not there', () => {
  const explained = [...page.matchAll(/^### (.+)$/gm)].flatMap(([, heading = '']) => heading.split(' and '));
  expect(explained.sort()).toEqual(commands.map(([name]) => name).sort());
});
