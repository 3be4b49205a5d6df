/**
 * A contract's rules: one validated object with defaults, kept as JSON beside the contract. What a contract does not set
 * follows the defaults of the running version. Reference: docs/policy.md.
 */
import { z } from 'zod';
import { LOGIN_METHODS } from './login-methods.ts';
import { DEFAULT_SECRET_QUESTIONS } from './secret-questions.ts';

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters');
const whole = (min: number, max: number) => z.int().min(min).max(max);
const rate = (points: number, seconds: number) =>
  z
    .strictObject({
      /** How many. */
      points: whole(1, 1_000_000_000).default(points),
      /** In how many seconds. */
      seconds: whole(1, 86_400).default(seconds),
    })
    .prefault({});

/** PNG, JPEG or WebP as a data URL, so that a page loads nothing from elsewhere. */
const logo = z
  .string()
  .max(90_000)
  .regex(
    /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/,
    'must be a data: URL of a PNG, JPEG or WebP image',
  );

const secretQuestion = z.strictObject({
  /** Stays when the words are mended. */
  id: z.string().regex(/^[a-z0-9_]{1,40}$/, 'must have 1 to 40 of the characters a-z, 0-9 and _'),
  /** The question in Japanese. */
  ja: text(100),
  /** The question in English. */
  en: text(100),
});

export const policySchema = z.strictObject({
  /** Login methods of the contract; the first is a new user's. */
  login_methods: z.array(z.enum(LOGIN_METHODS)).min(1).default(['otp']),
  /** Language where the reader has not asked for one. */
  locale: z.enum(['ja', 'en']).optional(),
  /** IANA time zone of dates on pages and in mails; the installation's TZ_DISPLAY if absent. */
  time_zone: z
    .string()
    .refine(
      (zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC',
      'must be an IANA time zone',
    )
    .optional(),
  user_id: z
    .strictObject({
      /** Whether P-01 and p-01 are two users. */
      case_sensitive: z.boolean().default(false),
    })
    .prefault({}),
  code: z
    .strictObject({
      digits: whole(6, 8).default(6),
      /** How long a code can be used. */
      minutes: whole(1, 60).default(10),
      /** Wait between two mails of one attempt. */
      resend_wait_seconds: whole(10, 600).default(60),
      /** How often a code may be mailed again in one attempt. */
      resends: whole(0, 20).default(4),
      /** Codes an account may have mailed in an hour from one browser, or from all unknown ones; a login by a code starts it anew. As many again for forgotten credentials. */
      mails_per_hour: whole(1, 100).default(5),
    })
    .prefault({}),
  lock: z
    .strictObject({
      /** The wrong code with this number locks. */
      tries: whole(1, 20).default(5),
      /** Opens by itself after so many minutes; absent: the support desk opens it. */
      unlock_after_minutes: whole(1, 525_600).optional(),
    })
    .prefault({}),
  password: z
    .strictObject({
      /** Least characters of a password that is the only factor. */
      min_length: whole(15, 64).default(15),
      /** Least characters of a password that an OTP follows. */
      min_length_with_otp: whole(8, 64).default(8),
    })
    .prefault({}),
  secret_question: z
    .strictObject({
      /** What users choose from. */
      questions: z
        .array(secretQuestion)
        .min(1)
        .max(30)
        .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'must not hold an id twice')
        .default(() => [...DEFAULT_SECRET_QUESTIONS]),
    })
    .prefault({}),
  registration: z
    .strictObject({
      /** How long an invitation can be used. */
      days: whole(1, 90).default(14),
      /** Digits of the initial OTP. */
      digits: whole(6, 8).default(8),
      /** How registration URL and initial OTP reach the user: in one mail, in two, or by the administrator. */
      delivery: z.enum(['one_mail', 'two_mails', 'administrator']).default('one_mail'),
      /** An unused invitation is reminded of so many days before it ends; 0: never. */
      remind_days_before: whole(0, 30).default(3),
    })
    .prefault({}),
  forgotten_credentials: z
    .strictObject({
      /** Whether users may register anew by themselves, with a mailed code and the secret answer. */
      self_service: z.boolean().default(true),
    })
    .prefault({}),
  validity: z
    .strictObject({
      /** User and administrator are reminded so many days before the last day of login; 0: never. */
      remind_days_before: whole(0, 90).default(14),
    })
    .prefault({}),
  /** Who enters the users: named in invitations, and told what they have to hand over. */
  administrator: z
    .strictObject({
      name: text(100),
      /** Company or department. */
      company: text(100).optional(),
      /** Where mails to administrators go. */
      emails: z.array(z.email()).min(1).max(10),
    })
    .optional(),
  /** `tell`: an error page says that no code could be sent. `silent`: nothing tells a stranger which user IDs exist. */
  unknown_user: z.enum(['tell', 'silent']).default('tell'),
  session: z
    .strictObject({
      /** Single sign-on lasts so long after the last use. */
      hours: whole(1, 720).default(12),
      /** Life of a refresh token since its last use. */
      refresh_token_days: whole(1, 365).default(14),
    })
    .prefault({}),
  support_desk: z
    .strictObject({
      name: text(100),
      email: z.email().optional(),
      phone: z
        .string()
        .regex(/^[+0-9() -]{5,30}$/, 'must be a telephone number')
        .optional(),
      hours: text(100).optional(),
      url: z.url({ protocol: /^https?$/ }).optional(),
    })
    .optional(),
  mail: z
    .strictObject({
      /** Name shown as the sender; the contract's name if absent. */
      sender_name: text(80).optional(),
    })
    .prefault({}),
  appearance: z
    .strictObject({
      /** Name in the head of pages; the contract's name if absent. */
      name: text(80).optional(),
      logo: logo.optional(),
      /** Colour of the head and of buttons, #rrggbb, dark enough for white text (WCAG contrast 4.5). */
      colour: z
        .string()
        .regex(/^#[0-9a-f]{6}$/i, 'must be #rrggbb')
        .refine((colour) => contrastWithWhite(colour) >= 4.5, 'must have a contrast of 4.5 to white')
        .optional(),
    })
    .prefault({}),
  notices: z
    .strictObject({
      /** Mail about a login from a browser not seen before; of logins without a mailed code 10 an hour at most. */
      new_browser: z.boolean().default(true),
    })
    .prefault({}),
  rates: z
    .strictObject({
      /** Code requests from one address (IPv6: one /64). */
      code_requests_per_address: rate(100, 600),
      /** Entries of codes, passwords and secret answers from one address. */
      tries_per_address: rate(200, 600),
      /** Code requests of the whole contract. */
      code_requests_per_contract: rate(20_000, 600),
    })
    .prefault({}),
  /** How long the login history is kept. */
  history_days: whole(31, 3660).default(400),
});

/** A policy with every default filled in. */
export type Policy = z.output<typeof policySchema>;
/** What a contract sets itself. */
export type PolicyInput = z.input<typeof policySchema>;

/** Fills in the defaults. @throws ZodError naming each path that is wrong */
export function parsePolicy(input: unknown): Policy {
  return policySchema.parse(input);
}

/** WCAG 2.2 contrast ratio of a colour to white, 1 to 21. */
export function contrastWithWhite(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}
