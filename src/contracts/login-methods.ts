/** Login methods, and what each asks a person to prove. */

/** Login methods that this version can carry out. */
export const LOGIN_METHODS = ['otp', 'password', 'password+otp'] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];

/** One thing that a person proves in a login: a password known, a code received. */
export type Factor = 'password' | 'otp';

/** The factors of each login method, in the order in which they are asked for. */
export const FACTORS: Readonly<Record<LoginMethod, readonly Factor[]>> = {
  otp: ['otp'],
  password: ['password'],
  'password+otp': ['password', 'otp'],
};

/** Whether a user of this method registers a password. */
export function hasPassword(method: LoginMethod): boolean {
  return FACTORS[method].includes('password');
}

/** The factors of all lists together, each once, in the order in which they are asked for. */
export function allFactors(...lists: readonly (readonly Factor[])[]): Factor[] {
  const wanted = lists.flat();
  return (['password', 'otp'] as const).filter((factor) => wanted.includes(factor));
}
