/** `sekisho serve` as a newcomer starts it: a process of its own in an empty folder. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '../support/agent.ts';
import { freePort } from '../support/installation.ts';
import { codeIn } from '../support/received-mail.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'sekisho.js');

export interface Serving {
  /** What it has printed so far. */
  out(): string;
  err(): string;
  /** Its exit code; it is killed, and this rejects, when it neither ends nor greets in time. */
  readonly ended: Promise<number | null>;
  /** Resolves when a line with this has been printed, or it has ended. */
  until(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** @param env the whole environment @param cwd where it looks for `.env` and makes its data folder */
export function serve(env: Readonly<Record<string, string>>, cwd: string): Serving {
  const child = spawn(process.execPath, [LAUNCHER, 'serve'], { cwd, env });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const until = async (text: string) => {
    const seen = new Promise<void>((done) => {
      const look = () => out.includes(text) && done();
      child.stdout.on('data', look);
      look();
    });
    await Promise.race([seen, ended]);
  };
  return { out: () => out, err: () => err, ended, until, signal: (name) => void child.kill(name) };
}

export interface Trial extends Serving {
  readonly folder: string;
  readonly port: number;
  readonly issuer: string;
  /** The sample site. */
  readonly site: string;
  /** The code of the next mail to an address. @param before how many mails to it there were */
  code(address: string, before: number): Promise<string>;
  mailsTo(address: string): Promise<InboxMail[]>;
  /** Ends it, and takes its folder away. */
  close(): Promise<void>;
}

interface InboxMail {
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** Starts a trial with nothing but PORT set, and waits for its greeting. */
export async function startTrial(): Promise<Trial> {
  const folder = await emptyFolder();
  const port = await twoFreePorts();
  const issuer = `http://localhost:${port}`;
  const serving = serve({ PORT: String(port) }, folder);
  await serving.until('Ctrl+C');
  const mailsTo = async (address: string) => {
    const { body } = await new Agent().get(`${issuer}/inbox.json`);
    return (JSON.parse(body) as InboxMail[]).filter(({ to }) => to === address);
  };
  return {
    ...serving,
    folder,
    port,
    issuer,
    site: `http://localhost:${port + 1}`,
    mailsTo,
    // Another process sends the mail: all that can be done is to look until it is there.
    code: async (address, before) => {
      for (let looks = 0; looks < 200; looks += 1) {
        const codes = (await mailsTo(address)).map(({ text }) => codeIn(text)).filter(Boolean);
        if (codes.length > before) return codes[0] ?? '';
        await sleep(25);
      }
      throw new Error(`No mail with a code to ${address}`);
    },
    close: async () => {
      serving.signal('SIGKILL');
      await serving.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sekisho-trial-'));
}

/** A port that was free a moment ago, and the one after it. */
export async function twoFreePorts(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port >= 65_535) continue;
    const next = await occupy(port + 1).catch(() => undefined);
    if (!next) continue;
    await new Promise((done) => next.close(done));
    return port;
  }
}

/** Listens on a port where trial mode would. */
export function occupy(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, 'localhost', () => done(server));
  });
}
