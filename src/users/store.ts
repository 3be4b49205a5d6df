/** Users, their devices and the browsers they have logged in from, in the database. */
import type { LoginMethod } from '../contracts/policy.ts';
import type { Writer } from '../database/database.ts';
import { statement } from '../database/statement.ts';
import type { Device, DeviceType, User, UserState } from './user.ts';

export interface UserStore {
  find(sub: string): Promise<User | undefined>;
  /** @param userIdKey see user-id.ts */
  findByUserId(contractId: string, userIdKey: string): Promise<User | undefined>;
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
  setValidUntil(sub: string, validUntil: number | null, now: number): Promise<boolean>;
  delete(sub: string): Promise<boolean>;
  /** By number. */
  devices(sub: string): Promise<Device[]>;
  addDevice(sub: string, device: Device): Promise<void>;
}

export interface BrowserStore {
  /** Whether the user has logged in from this browser. @param browser hash of the device cookie's token */
  knows(sub: string, browser: string): Promise<boolean>;
  /** Remembers a login. @returns whether the browser is new to the user */
  remember(sub: string, browser: string, now: number): Promise<boolean>;
  /** Forgets browsers not seen since `before`. @returns how many, `limit` at most */
  sweep(before: number, limit: number): Promise<number>;
}

interface UserRow {
  sub: string;
  contract_id: string;
  user_id: string;
  login_method: LoginMethod;
  state: UserState;
  unlock_at: number | null;
  valid_until_at: number | null;
  locale: 'ja' | 'en' | null;
  created_at: number;
  updated_at: number;
}

interface DeviceRow {
  number: number;
  address: string;
  type: DeviceType;
  confirmed_at: number | null;
  created_at: number;
}

const findBySub = statement<{ sub: string }, UserRow>((knex, { sub }) => knex('users').where({ sub }));
const findByKey = statement<{ contractId: string; key: string }, UserRow>((knex, p) =>
  knex('users').where({ contract_id: p.contractId, user_id_key: p.key }),
);
const listUsers = statement<{ contractId: string; after: string; limit: number }, UserRow>((knex, p) =>
  knex('users')
    .where({ contract_id: p.contractId })
    .where('user_id_key', '>', p.after)
    .orderBy('user_id_key')
    .limit(p.limit),
);
const addUser = statement<{
  sub: string;
  contractId: string;
  userId: string;
  key: string;
  loginMethod: string;
  state: string;
  unlockAt: number | null;
  validUntil: number | null;
  locale: string | null;
  createdAt: number;
  updatedAt: number;
}>((knex, p) =>
  knex('users')
    .insert({
      sub: p.sub,
      contract_id: p.contractId,
      user_id: p.userId,
      user_id_key: p.key,
      login_method: p.loginMethod,
      state: p.state,
      unlock_at: p.unlockAt,
      valid_until_at: p.validUntil,
      locale: p.locale,
      created_at: p.createdAt,
      updated_at: p.updatedAt,
    })
    .onConflict(['contract_id', 'user_id_key'])
    .ignore(),
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
const setValidUntil = statement<{ sub: string; validUntil: number | null; now: number }>((knex, p) =>
  knex('users').where({ sub: p.sub }).update({ valid_until_at: p.validUntil, updated_at: p.now }),
);
const deleteUser = statement<{ sub: string }>((knex, { sub }) => knex('users').where({ sub }).delete());
const devicesOf = statement<{ sub: string }, DeviceRow>((knex, { sub }) =>
  knex('devices').where({ user_sub: sub }).orderBy('number'),
);
const addDevice = statement<{
  sub: string;
  number: number;
  address: string;
  type: string;
  confirmedAt: number | null;
  createdAt: number;
}>((knex, p) =>
  knex('devices').insert({
    user_sub: p.sub,
    number: p.number,
    address: p.address,
    type: p.type,
    confirmed_at: p.confirmedAt,
    created_at: p.createdAt,
  }),
);
const knowsBrowser = statement<{ sub: string; browser: string }, { number: number }>((knex, p) =>
  knex('browsers').where({ user_sub: p.sub, browser: p.browser }).select(knex.raw('1 as number')),
);
const rememberBrowser = statement<{ sub: string; browser: string; now: number }, { first_seen_at: number }>(
  (knex, p) =>
    knex('browsers')
      .insert({ user_sub: p.sub, browser: p.browser, first_seen_at: p.now, last_seen_at: p.now })
      .onConflict(['user_sub', 'browser'])
      .merge({ last_seen_at: p.now })
      .returning('first_seen_at'),
);
const sweepBrowsers = statement<{ before: number; limit: number }>((knex, p) =>
  knex('browsers')
    .whereIn(
      ['user_sub', 'browser'],
      knex('browsers').select('user_sub', 'browser').where('last_seen_at', '<', p.before).limit(p.limit),
    )
    .delete(),
);

function toUser(row: UserRow): User {
  return {
    sub: row.sub,
    contractId: row.contract_id,
    userId: row.user_id,
    loginMethod: row.login_method,
    state: row.state,
    unlockAt: row.unlock_at,
    validUntil: row.valid_until_at,
    locale: row.locale,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toDevice(row: DeviceRow): Device {
  return {
    number: row.number,
    address: row.address,
    type: row.type,
    confirmedAt: row.confirmed_at,
    createdAt: row.created_at,
  };
}

export function userStore(db: Writer): UserStore {
  return {
    find: async (sub) => {
      const row = await db.first(findBySub, { sub });
      return row && toUser(row);
    },
    findByUserId: async (contractId, key) => {
      const row = await db.first(findByKey, { contractId, key });
      return row && toUser(row);
    },
    list: async (contractId, after, limit) =>
      (await db.all(listUsers, { contractId, after, limit })).map(toUser),
    add: async (user, key) => (await db.run(addUser, { ...user, key })) === 1,
    setState: async (sub, state, unlockAt, now) =>
      (await db.run(setState, { sub, state, unlockAt, now })) === 1,
    changeState: async (sub, from, state, unlockAt, now) =>
      (await db.run(changeState, { sub, from, state, unlockAt, now })) === 1,
    lock: async (sub, unlockAt, now) => (await db.run(lockUser, { sub, unlockAt, now })) === 1,
    setValidUntil: async (sub, validUntil, now) =>
      (await db.run(setValidUntil, { sub, validUntil, now })) === 1,
    delete: async (sub) => (await db.run(deleteUser, { sub })) === 1,
    devices: async (sub) => (await db.all(devicesOf, { sub })).map(toDevice),
    addDevice: async (sub, device) => {
      await db.run(addDevice, { sub, ...device });
    },
  };
}

export function browserStore(db: Writer): BrowserStore {
  return {
    knows: async (sub, browser) => (await db.first(knowsBrowser, { sub, browser })) !== undefined,
    remember: async (sub, browser, now) => {
      // One statement for both; two logins within one millisecond would both count as new, which costs a mail at most.
      const row = await db.first(rememberBrowser, { sub, browser, now });
      return row?.first_seen_at === now;
    },
    sweep: (before, limit) => db.run(sweepBrowsers, { before, limit }),
  };
}
