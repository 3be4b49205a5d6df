import { describe, expect, test } from '@jest/globals';
import { type Demand, demandOf, factorsToProve, meets } from '../../src/oidc/demand.ts';

const OTP = 'urn:sekisho:acr:otp';
const PASSWORD = 'urn:sekisho:acr:password';
const BOTH = 'urn:sekisho:acr:password+otp';

const claims = (acr: unknown) => JSON.stringify({ id_token: { acr } });

describe('what a request asks for', () => {
  test.each<[string, Record<string, unknown>, Demand | null]>([
    ['nothing', {}, null],
    ['an empty wish', { acr_values: ' ' }, null],
    [
      'a wish',
      { acr_values: `${BOTH}  ${OTP}` },
      { anyOf: [['password', 'otp'], ['otp']], essential: false },
    ],
    ['unknown values', { acr_values: `urn:a ${OTP}` }, { anyOf: [['otp']], essential: false }],
    [
      'a claim before a wish',
      { acr_values: OTP, claims: claims({ value: PASSWORD }) },
      { anyOf: [['password']], essential: false },
    ],
    [
      'an essential claim before a wish',
      { acr_values: OTP, claims: claims({ essential: true, values: [BOTH] }) },
      { anyOf: [['password', 'otp']], essential: true },
    ],
    ['an essential claim of any value', { claims: claims({ essential: true }) }, null],
    [
      'an essential claim of any value, and a wish',
      { acr_values: OTP, claims: claims({ essential: true }) },
      { anyOf: [['otp']], essential: false },
    ],
    ['a claim without a wish of its own', { claims: claims(null) }, null],
    ['no claim acr', { claims: '{"userinfo":{}}' }, null],
    [
      'an essential claim without values',
      { claims: claims({ essential: true, values: [] }) },
      { anyOf: [], essential: true },
    ],
    [
      'value and values',
      { claims: claims({ essential: true, value: OTP, values: [PASSWORD, OTP] }) },
      { anyOf: [['otp']], essential: true },
    ],
    [
      'value and other values',
      { claims: claims({ essential: true, value: OTP, values: [PASSWORD] }) },
      { anyOf: [], essential: true },
    ],
  ])('%s', (_name, parameters, demand) => {
    expect(demandOf(parameters)).toEqual(demand);
  });
});

describe('what a user proves for it', () => {
  const wish: Demand = { anyOf: [['password', 'otp'], ['password']], essential: false };
  const must: Demand = { ...wish, essential: true };

  test('the login method alone where it does, or nothing is asked for', () => {
    expect(factorsToProve(null, ['otp'], ['password', 'otp'])).toEqual(['otp']);
    expect(factorsToProve(must, ['password'], ['password', 'otp'])).toEqual(['password']);
  });

  test('besides it the first set that the user can prove', () => {
    expect(factorsToProve(must, ['otp'], ['password', 'otp'])).toEqual(['password', 'otp']);
    expect(factorsToProve({ anyOf: [['otp']], essential: true }, ['password'], ['password', 'otp'])).toEqual([
      'password',
      'otp',
    ]);
  });

  test('a wish that cannot be met is dropped, a condition refuses', () => {
    expect(factorsToProve(wish, ['otp'], ['otp'])).toEqual(['otp']);
    expect(factorsToProve(must, ['otp'], ['otp'])).toBeNull();
    expect(factorsToProve({ anyOf: [], essential: true }, ['otp'], ['password', 'otp'])).toBeNull();
  });

  test('more than is asked for meets it', () => {
    expect(meets({ anyOf: [['otp']], essential: true }, ['password', 'otp'])).toBe(true);
    expect(meets({ anyOf: [['password', 'otp']], essential: true }, ['otp'])).toBe(false);
  });
});
