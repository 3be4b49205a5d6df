/** `sekisho serve`: starts, says what to do next, stops when told to. */

import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { SekishoError } from './errors.ts';
import { type RunningServer, startServer } from './server.ts';

/** Serves until SIGTERM or SIGINT. @param config with its secrets filled in @throws SekishoError */
export async function serve(config: Config): Promise<void> {
  const trial = config.mode === 'trial';
  const server = await startServer(config).catch(explain);
  const closing = [() => server.stop()];
  if (trial)
    closing.unshift(
      await startTrial(config, server).catch((error) => server.stop().then(() => explain(error))),
    );
  const stop = async () => {
    for (const close of closing.splice(0)) await close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** Says what to set where there is no listening on an address. @throws SekishoError, or what it is given */
function explain(
  cause: NodeJS.ErrnoException & { port?: number; hostname?: string; address?: string },
): never {
  const { code = '', syscall, port, hostname, address } = cause;
  if (syscall === 'listen' && code === 'EADDRINUSE') {
    const text = `port ${port} is in use, and the sample site needs it; set PORT so that it and the next one are free`;
    throw new SekishoError('invalid_input', text, { cause });
  }
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    const where = hostname ?? `${address} port ${port}`;
    throw new SekishoError('invalid_input', `cannot listen on ${where} (${code}); check HOST and PORT`, {
      cause,
    });
  }
  throw cause;
}

/** Sample data and sample site, and the words that greet a newcomer. @returns closes the site */
async function startTrial(config: Config, { uow, secrets }: RunningServer): Promise<() => Promise<void>> {
  const port = config.port + 1;
  const origin = `http://localhost:${port}`;
  // Loaded here only: a real installation has neither.
  const [{ startSampleSite }, { invitedUserIds, loadTrialData, trialUserIds }] = await Promise.all([
    import('./sites/sample/site.ts'),
    import('./trial.ts'),
  ]);
  const context = { uow, secrets, clock: systemClock, installation: config, actor: 'trial' };
  const client = await loadTrialData(context, origin);
  const site = await startSampleSite({
    issuer: config.issuer,
    ...client,
    origin,
    host: config.host,
    port,
    cookieSecret: secrets.mac('trial client', 'cookies'),
    inboxUrl: `${config.issuer}/inbox`,
    note: {
      ja: [...trialUserIds, ...invitedUserIds.map((userId) => `${userId}（受信箱の招待から登録）`)],
      en: [
        ...trialUserIds,
        ...invitedUserIds.map((userId) => `${userId} (register by the invitation in the inbox)`),
      ],
    },
  });
  console.log(greeting(config.issuer, origin, trialUserIds[0] ?? '', invitedUserIds.join(', ')));
  return () => site.close();
}

function greeting(issuer: string, site: string, userId: string, invited: string): string {
  return `
Sekisho runs in trial mode: sample data, this machine only. 試用モードで動いています。

  1. Open the sample site   見本サイトを開く      ${site}
  2. Log in as              ユーザIDを入力        ${userId}
  3. Read the code here     届いたメールを読む    ${issuer}/inbox

With a password: ${invited} find their invitation in the inbox. パスワードの登録は、受信箱の招待メールから。

Discovery document          ${issuer}/.well-known/openid-configuration
Set ISSUER to run it for real: docs/operators-guide.md. Ctrl+C stops it.
`;
}
