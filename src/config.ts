/** Environment to one typed, frozen Config, or one message that names everything missing or wrong. */
import { isIP } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';

/** Everything that an installation sets. See docs/operators-guide.md and .env.example. */
export interface Config {
  /** `trial`: no ISSUER, loopback only, sample data, inbox. `real`: ISSUER is set. */
  readonly mode: 'trial' | 'real';
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  /** `sqlite:<file>` or `postgres://…` */
  readonly databaseUrl: string;
  /** null: trial mode without a mail server, mails go to the inbox page */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  /** Newest first. Empty in trial mode without SECRETS: the data folder's own are used then. */
  readonly secrets: readonly string[];
  readonly dataDir: string;
  /** How many reverse proxies in front are trusted to report the client's address. */
  readonly trustProxy: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly defaultLocale: 'ja' | 'en';
  /** IANA name of the zone in which pages and mails show times, unless a contract says otherwise. */
  readonly timeZone: string;
}

/** The environment cannot be used; the message lists every fault on a line of its own. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const MIN_SECRET = 32;
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

function parsedUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}

/** Sites compare the issuer character by character, so there is one way to write it: as browsers write an origin. */
function issuerFault(value: string): string | undefined {
  const url = parsedUrl(value);
  const secure = url?.protocol === 'https:';
  if (!url || !(secure || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname))))
    return 'must be an https origin, such as https://login.example.com (http only on a loopback host)';
  if (url.origin === value) return undefined;
  return `must be an origin as browsers write it, without a path or trailing slash: write ${url.origin}`;
}

const issuer = z.string().superRefine((value, context) => {
  const message = issuerFault(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const databaseUrl = z
  .string()
  .refine(
    (value) => /^sqlite:.+/.test(value) || /^postgres(ql)?:$/.test(parsedUrl(value)?.protocol ?? ''),
    'must be sqlite:<file> or postgres://user:password@host/database',
  );

const smtpUrl = z
  .string()
  .refine((value) => /^smtps?:$/.test(parsedUrl(value)?.protocol ?? ''), 'must be smtp://… or smtps://…');

const mailFrom = z
  .string()
  .refine(
    (value) => /^[^@\s<>\p{Cc}]+@[^@\s<>\p{Cc}]+$/u.test(value) && value.length <= 254,
    'must be one plain address, such as login@example.com',
  );

const secrets = z
  .string()
  .transform((value) => value.split(',').map((secret) => secret.trim()))
  .refine(
    (list) => list.every((secret) => secret.length >= MIN_SECRET),
    `each secret must have at least ${MIN_SECRET} characters (openssl rand -base64 32)`,
  );

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`);

const timeZone = z.string().refine((value) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}, 'must be an IANA time zone, such as Asia/Tokyo');

const host = z
  .string()
  .refine((value) => isIP(value) !== 0 || /^[a-z0-9.-]+$/i.test(value), 'must be an address or a host name');

const environment = z.object({
  ISSUER: issuer.optional(),
  PORT: whole(1, 65_535).optional(),
  HOST: host.optional(),
  DATABASE_URL: databaseUrl.optional(),
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: mailFrom.optional(),
  SECRETS: secrets.optional(),
  DATA_DIR: z.string().optional(),
  TRUST_PROXY: whole(0, 10).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
  DEFAULT_LOCALE: z.enum(['ja', 'en']).optional(),
  TZ_DISPLAY: timeZone.optional(),
});

const NEEDED_IN_REAL_MODE = ['SECRETS', 'SMTP_URL', 'MAIL_FROM'] as const;

/** Reads the environment. Creates and changes nothing. @throws ConfigError */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const filled = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(filled);
  const faults = parsed.success
    ? []
    : parsed.error.issues.map((fault) => `${fault.path.join('.')}: ${describe(fault.message)}`);
  if (filled.ISSUER !== undefined) {
    for (const name of NEEDED_IN_REAL_MODE) {
      if (filled[name] === undefined) faults.push(`${name}: is missing (required when ISSUER is set)`);
    }
  } else {
    if (filled.HOST !== undefined && !LOOPBACK_HOSTS.has(filled.HOST)) {
      faults.push('HOST: must be a loopback address in trial mode; set ISSUER to serve others');
    }
    if (filled.PORT === '65535')
      faults.push('PORT: must be at most 65534 in trial mode, the sample site is on the next');
  }
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(`The settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  return Object.freeze(complete(parsed.data));
}

function describe(message: string): string {
  return message.replace(/^Invalid option: expected one of /, 'must be one of ');
}

function complete(env: z.infer<typeof environment>): Config {
  const port = env.PORT ?? 3000;
  const dataDir = env.DATA_DIR ?? './data';
  const common = {
    port,
    dataDir,
    databaseUrl: env.DATABASE_URL ?? `sqlite:${join(dataDir, 'sekisho.db')}`,
    smtpUrl: env.SMTP_URL ?? null,
    secrets: env.SECRETS ?? [],
    trustProxy: env.TRUST_PROXY ?? 0,
    logLevel: env.LOG_LEVEL ?? (env.ISSUER ? 'info' : 'warn'),
    defaultLocale: env.DEFAULT_LOCALE ?? 'ja',
    timeZone: env.TZ_DISPLAY ?? 'Asia/Tokyo',
  } as const;
  return env.ISSUER
    ? {
        ...common,
        mode: 'real',
        issuer: env.ISSUER,
        host: env.HOST ?? '0.0.0.0',
        mailFrom: env.MAIL_FROM ?? '',
      }
    : {
        ...common,
        mode: 'trial',
        issuer: `http://localhost:${port}`,
        host: env.HOST ?? 'localhost',
        mailFrom: env.MAIL_FROM ?? 'login@sekisho.example',
      };
}
