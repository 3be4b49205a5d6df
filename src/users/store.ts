/** Users, their devices and the browsers they have logged in from, in the database. */
import type { Writer } from '../database/database.ts';
import { type Statement, statement } from '../database/statement.ts';
import { type Stored, sweepOf, table } from '../database/table.ts';
import type { Device, User, UserState } from './user.ts';

export interface UserStore {
  find(sub: string): Promise<User | undefined>;
  /** @param userIdKey see user-id.ts */
  findByUserId(contractId: string, userIdKey: string): Promise<User | undefined>;
  /** Those of these user ID keys that are taken in the contract. */
  taken(contractId: string, userIdKeys: readonly string[]): Promise<string[]>;
  /** In the order of their user IDs, `limit` at most after `after` (a user ID key). */
  list(contractId: string, after: string, limit: number): Promise<User[]>;
  /** @returns false when the user ID is taken in its contract */
  add(user: User, userIdKey: string): Promise<boolean>;
  /** @returns false when there is none */
  setState(sub: string, state: UserState, unlockAt: number | null, now: number): Promise<boolean>;
  /** The same, unless the state is another than `from` by now. @returns whether it was changed */
  changeState(
    sub: string,
    from: UserState,
    state: UserState,
    unlockAt: number | null,
    now: number,
  ): Promise<boolean>;
  /** Locks a user who may log in; one who is disabled, invited or gone stays so. @param unlockAt see User.unlockAt */
  lock(sub: string, unlockAt: number | null, now: number): Promise<boolean>;
  /** Counts one more end of all that the user is signed in by, and holds the user to the end of the unit of work. */
  signOut(sub: string): Promise<void>;
  setValidUntil(sub: string, validUntil: number | null, now: number): Promise<boolean>;
  /** Writes date and language, unless the user was changed since `seen` (its `updatedAt`). @returns whether it did */
  updateProfile(
    user: Pick<User, 'sub' | 'validUntil' | 'locale' | 'updatedAt'>,
    seen: number,
  ): Promise<boolean>;
  /**
   * Users of a contract who end in (`after`, `until`] and were not reminded of that yet; the first to end first. Not who has
   * not registered: the invitation names the date.
   */
  endingUnreminded(contractId: string, after: number, until: number, limit: number): Promise<EndingUser[]>;
  /** Notes that a user was reminded of this end, unless it is another by now: true for one caller only. */
  takeValidityReminder(sub: string, validUntil: number): Promise<boolean>;
  delete(sub: string): Promise<boolean>;
  /** By number. */
  devices(sub: string): Promise<Device[]>;
  addDevice(sub: string, device: Device): Promise<void>;
  removeDevices(sub: string): Promise<void>;
}

/** A user who cannot log in for ever. */
export type EndingUser = User & { readonly validUntil: number };

export interface KnownBrowser {
  /** Hash of the device cookie's token. */
  readonly browser: string;
  readonly lastSeenAt: number;
}

export interface BrowserStore {
  /** The user's browsers, those seen last first, `limit` at most. */
  list(sub: string, limit: number): Promise<KnownBrowser[]>;
  /** Whether the user has logged in from this browser. @param browser hash of the device cookie's token */
  knows(sub: string, browser: string): Promise<boolean>;
  /** Remembers a login. @returns whether the browser is new to the user */
  remember(sub: string, browser: string, now: number): Promise<boolean>;
  /** Forgets browsers not seen since `before`. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

const users = table<User>('users', {
  sub: 'sub',
  contractId: 'contract_id',
  userId: 'user_id',
  loginMethod: 'login_method',
  state: 'state',
  unlockAt: 'unlock_at',
  validUntil: 'valid_until_at',
  locale: 'locale',
  signOuts: 'sign_outs',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

const devices = table<Device>('devices', {
  number: 'number',
  address: 'address',
  type: 'type',
  confirmedAt: 'confirmed_at',
  createdAt: 'created_at',
});

const findBySub = statement<{ sub: string }, User>((knex, { sub }) => users.select(knex).where({ sub }));
const findByKey = statement<{ contractId: string; key: string }, User>((knex, p) =>
  users.select(knex).where({ contract_id: p.contractId, user_id_key: p.key }),
);
const listUsers = statement<{ contractId: string; after: string; limit: number }, User>((knex, p) =>
  users
    .select(knex)
    .where({ contract_id: p.contractId })
    .where('user_id_key', '>', p.after)
    .orderBy('user_id_key')
    .limit(p.limit),
);
const addUser = statement<Stored<User> & { key: string }>((knex, p) =>
  users.insert(knex, p, { user_id_key: p.key }).onConflict(['contract_id', 'user_id_key']).ignore(),
);
const setState = statement<{ sub: string; state: string; unlockAt: number | null; now: number }>((knex, p) =>
  knex('users').where({ sub: p.sub }).update({ state: p.state, unlock_at: p.unlockAt, updated_at: p.now }),
);
const changeState = statement<{
  sub: string;
  from: string;
  state: string;
  unlockAt: number | null;
  now: number;
}>((knex, p) =>
  knex('users')
    .where({ sub: p.sub, state: p.from })
    .update({ state: p.state, unlock_at: p.unlockAt, updated_at: p.now }),
);
const lockUser = statement<{ sub: string; unlockAt: number | null; now: number }>((knex, p) =>
  knex('users')
    .where({ sub: p.sub })
    .whereIn('state', ['active', 'locked'])
    .update({ state: 'locked', unlock_at: p.unlockAt, updated_at: p.now }),
);
const signOut = statement<{ sub: string }>((knex, { sub }) =>
  knex('users')
    .where({ sub })
    .update({ sign_outs: knex.raw('sign_outs + 1') }),
);
/**
 * For a condition of another store's statement: the user, if `signOuts` are all up to now. Holds him, so that the statement
 * and an end of all that he is signed in by come one after the other.
 */
export const notSignedOut = ((knex, { sub, signOuts }) =>
  knex('users').select(knex.raw('1')).where({ sub, sign_outs: signOuts }).forShare()) satisfies Statement<
  { sub: string | null; signOuts: number },
  unknown
>['build'];
const setValidUntil = statement<{ sub: string; validUntil: number | null; now: number }>((knex, p) =>
  knex('users').where({ sub: p.sub }).update({ valid_until_at: p.validUntil, updated_at: p.now }),
);
const updateProfile = statement<{
  sub: string;
  validUntil: number | null;
  locale: string | null;
  updatedAt: number;
  seen: number;
}>((knex, p) =>
  knex('users')
    .where({ sub: p.sub, updated_at: p.seen })
    .update({ valid_until_at: p.validUntil, locale: p.locale, updated_at: p.updatedAt }),
);
const NOT_REMINDED = '(reminded_of_at is null or reminded_of_at <> valid_until_at)';
const endingUnreminded = statement<
  { contractId: string; after: number; until: number; limit: number },
  EndingUser
>((knex, p) =>
  users
    .select(knex)
    .where({ contract_id: p.contractId })
    .where('valid_until_at', '>', p.after)
    .where('valid_until_at', '<=', p.until)
    .whereIn('state', ['active', 'locked'])
    .whereRaw(NOT_REMINDED)
    .orderBy('valid_until_at')
    .orderBy('sub')
    .limit(p.limit),
);
const takeValidityReminder = statement<{ sub: string; validUntil: number }>((knex, p) =>
  knex('users')
    .where({ sub: p.sub, valid_until_at: p.validUntil })
    .whereIn('state', ['active', 'locked'])
    .whereRaw(NOT_REMINDED)
    .update({ reminded_of_at: p.validUntil }),
);
const deleteUser = statement<{ sub: string }>((knex, { sub }) => knex('users').where({ sub }).delete());
const devicesOf = statement<{ sub: string }, Device>((knex, { sub }) =>
  devices.select(knex).where({ user_sub: sub }).orderBy('number'),
);
const addDevice = statement<Stored<Device> & { sub: string }>((knex, p) =>
  devices.insert(knex, p, { user_sub: p.sub }),
);
const removeDevices = statement<{ sub: string }>((knex, { sub }) =>
  knex('devices').where({ user_sub: sub }).delete(),
);
const listBrowsers = statement<{ sub: string; limit: number }, KnownBrowser>((knex, p) =>
  knex('browsers')
    .select({ browser: 'browser', lastSeenAt: 'last_seen_at' })
    .where({ user_sub: p.sub })
    .orderBy('last_seen_at', 'desc')
    .orderBy('browser')
    .limit(p.limit),
);
const knowsBrowser = statement<{ sub: string; browser: string }, { number: number }>((knex, p) =>
  knex('browsers').where({ user_sub: p.sub, browser: p.browser }).select(knex.raw('1 as number')),
);
const rememberBrowser = statement<{ sub: string; browser: string; now: number }, { firstSeenAt: number }>(
  (knex, p) =>
    knex('browsers')
      .insert({ user_sub: p.sub, browser: p.browser, first_seen_at: p.now, last_seen_at: p.now })
      .onConflict(['user_sub', 'browser'])
      .merge({ last_seen_at: p.now })
      .returning('first_seen_at as firstSeenAt'),
);
const sweepBrowsers = sweepOf('browsers', ['user_sub', 'browser'], 'last_seen_at');

export function userStore(db: Writer): UserStore {
  return {
    find: (sub) => db.first(findBySub, { sub }),
    findByUserId: (contractId, key) => db.first(findByKey, { contractId, key }),
    taken: async (contractId, keys) => {
      const found = await db.query<{ key: string }>((knex) =>
        knex('users')
          .select({ key: 'user_id_key' })
          .where({ contract_id: contractId })
          .whereIn('user_id_key', keys),
      );
      return found.map(({ key }) => key);
    },
    list: (contractId, after, limit) => db.all(listUsers, { contractId, after, limit }),
    add: async (user, key) => (await db.run(addUser, { ...user, key })) === 1,
    setState: async (sub, state, unlockAt, now) =>
      (await db.run(setState, { sub, state, unlockAt, now })) === 1,
    changeState: async (sub, from, state, unlockAt, now) =>
      (await db.run(changeState, { sub, from, state, unlockAt, now })) === 1,
    lock: async (sub, unlockAt, now) => (await db.run(lockUser, { sub, unlockAt, now })) === 1,
    signOut: async (sub) => {
      await db.run(signOut, { sub });
    },
    setValidUntil: async (sub, validUntil, now) =>
      (await db.run(setValidUntil, { sub, validUntil, now })) === 1,
    updateProfile: async ({ sub, validUntil, locale, updatedAt }, seen) =>
      (await db.run(updateProfile, { sub, validUntil, locale, updatedAt, seen })) === 1,
    endingUnreminded: (contractId, after, until, limit) =>
      db.all(endingUnreminded, { contractId, after, until, limit }),
    takeValidityReminder: async (sub, validUntil) =>
      (await db.run(takeValidityReminder, { sub, validUntil })) === 1,
    delete: async (sub) => (await db.run(deleteUser, { sub })) === 1,
    devices: (sub) => db.all(devicesOf, { sub }),
    addDevice: async (sub, device) => {
      await db.run(addDevice, { sub, ...device });
    },
    removeDevices: async (sub) => {
      await db.run(removeDevices, { sub });
    },
  };
}

export function browserStore(db: Writer): BrowserStore {
  return {
    list: (sub, limit) => db.all(listBrowsers, { sub, limit }),
    knows: async (sub, browser) => (await db.first(knowsBrowser, { sub, browser })) !== undefined,
    remember: async (sub, browser, now) => {
      // One statement for both; two logins within one millisecond would both count as new, which costs a mail at most.
      const row = await db.first(rememberBrowser, { sub, browser, now });
      return row?.firstSeenAt === now;
    },
    sweep: (before, limit) => db.run(sweepBrowsers, { before, limit }),
  };
}
