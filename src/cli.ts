/** The `sekisho` command. Settings come from the environment, and from `.env` in the working folder if there is one. */
import { existsSync } from 'node:fs';
import { run } from './admin/commands/program.ts';

if (existsSync('.env')) process.loadEnvFile('.env');

const code = await run(process.argv.slice(2), process.env);
// Set and not called for success: `serve` has begun and goes on. A failure ends whatever was begun.
if (code === 0) process.exitCode = 0;
else process.exit(code);
