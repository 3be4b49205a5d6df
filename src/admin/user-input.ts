/** What an administrator says of a user, checked. */
import { z } from 'zod';
import { LOGIN_METHODS } from '../contracts/login-methods.ts';
import { readAddress } from '../users/address.ts';
import { DEVICE_TYPES } from '../users/user.ts';
import { readUserId } from '../users/user-id.ts';
import { readValidUntil } from '../users/valid-until.ts';

/** Devices that a user can have. */
const MOST_DEVICES = 10;

/** Applies `read`, which folds what was typed and says null to what cannot be meant. */
const readBy = <T>(read: (typed: string) => T | null, message: string) =>
  z.string().transform((typed, context): T => {
    const meant = read(typed);
    if (meant !== null) return meant;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const device = z.strictObject({
  address: readBy(readAddress, 'must be a mail address, such as taro@example.co.jp'),
  type: z.enum(DEVICE_TYPES).default('pc'),
});

const devices = z
  .array(device)
  .min(1, 'must have at least one address')
  .max(MOST_DEVICES, `must have at most ${MOST_DEVICES} addresses`)
  .refine(
    (list) => new Set(list.map(({ address }) => address.toLowerCase())).size === list.length,
    'must not hold an address twice',
  );

const locale = z.enum(['ja', 'en']);

const validUntil = (timeZone: string) =>
  readBy(
    (text) => readValidUntil(text, timeZone),
    'must be a day (2027-03-31) or a date-time with its offset (2027-03-31T17:00:00+09:00)',
  );

/** @param timeZone IANA name: the zone in which a day without a time ends */
export function newUserSchema(timeZone: string) {
  return z.strictObject({
    userId: readBy(readUserId, 'must have 1 to 128 characters and no control characters'),
    devices,
    method: z.enum(LOGIN_METHODS).optional(),
    active: z.boolean().default(false),
    validUntil: validUntil(timeZone).optional(),
    locale: locale.optional(),
  });
}

export type NewUserInput = z.input<ReturnType<typeof newUserSchema>>;

/** What is absent stays; null takes a date or a language away. @param timeZone as above */
export function userChangesSchema(timeZone: string) {
  return z.strictObject({
    devices: devices.optional(),
    active: z.literal(true).optional(),
    validUntil: validUntil(timeZone).nullish(),
    locale: locale.nullish(),
  });
}

export type UserChangesInput = z.input<ReturnType<typeof userChangesSchema>>;
