/** A user and its devices as the rest of the program sees them. */
import type { LoginMethod } from '../contracts/login-methods.ts';

export type UserState = 'invited' | 'active' | 'locked' | 'disabled';

export const DEVICE_TYPES = ['pc', 'mobile', 'smartphone'] as const;
/** パソコン / 携帯電話 / スマートフォン */
export type DeviceType = (typeof DEVICE_TYPES)[number];

export interface User {
  /** Subject identifier: opaque, stable, never reused. */
  readonly sub: string;
  readonly contractId: string;
  readonly userId: string;
  readonly loginMethod: LoginMethod;
  readonly state: UserState;
  /** When a lock opens by itself (ms); null: the support desk opens it. Only with state `locked`. */
  readonly unlockAt: number | null;
  /** Login is possible until then (ms); null: without end. */
  readonly validUntil: number | null;
  readonly locale: 'ja' | 'en' | null;
  /** How often all that the user was signed in by was ended: a login from before an end does not become a session. */
  readonly signOuts: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Device {
  /** 端末No, from 1. */
  readonly number: number;
  readonly address: string;
  readonly type: DeviceType;
  /** Since when mail goes there (ms); null: not confirmed yet. */
  readonly confirmedAt: number | null;
  readonly createdAt: number;
}

/** Whether the user may have sessions and tokens. A lock stops new logins of strangers, not what is signed in. */
export function mayUseSessions(user: User, now: number): boolean {
  const usable = user.state === 'active' || user.state === 'locked';
  return usable && (user.validUntil === null || now < user.validUntil);
}

/** Whether the user may have credentials. */
export function mayRegister({ state, validUntil }: User, now: number): boolean {
  return state !== 'disabled' && (validUntil === null || now < validUntil);
}
