import { createHmac, hkdfSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { deriveCode, isCode, newCode, readCode } from '../../src/credentials/one-time-code.ts';
import { CannotOpen, Secrets } from '../../src/secrets.ts';

const SECRET = 'a secret of at least thirty-two characters';
const secrets = new Secrets([SECRET]);
const NOW = Date.parse('2026-11-21T12:00:00Z');

/** RFC 4226 section 5.3, written out. */
function hotp(key: Buffer, counter: bigint, digits: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(counter);
  const hash = createHmac('sha1', key).update(message).digest();
  const offset = (hash[19] ?? 0) & 0xf;
  const truncated = hash.readUInt32BE(offset) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, '0');
}

test('the library computes the values of RFC 4226 appendix D', () => {
  const secret = Buffer.from('12345678901234567890');
  const expected = [
    '755224',
    '287082',
    '359152',
    '969429',
    '338314',
    '254676',
    '287922',
    '162583',
    '399871',
    '520489',
  ];
  for (const [counter, value] of expected.entries()) {
    expect(generateSync({ strategy: 'hotp', secret, counter, digits: 6 })).toBe(value);
    expect(hotp(secret, BigInt(counter), 6)).toBe(value);
  }
});

test.each([6, 7, 8])(
  'a code of %i digits is HOTP over a key of its own, derived from the secret and its id',
  (digits) => {
    const code = { id: 'V1StGXR8_Z5jdHi6B-myTA', secretId: secrets.currentId, digits };
    const purposeKey = Buffer.from(hkdfSync('sha256', SECRET, 'sekisho', 'one-time code', 32));
    const key = createHmac('sha256', purposeKey).update(code.id).digest();
    expect(deriveCode(secrets, code)).toBe(hotp(key, 0n, digits));
    expect(deriveCode(secrets, code)).toHaveLength(digits);
  },
);

test('a new code lives as long as it says and is known by id only', () => {
  const code = newCode(secrets, 6, 600_000, NOW);
  expect(code).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    secretId: secrets.currentId,
    digits: 6,
    account: null,
    createdAt: NOW,
    expiresAt: NOW + 600_000,
    spentAt: null,
  });
  expect(newCode(secrets, 6, 1, NOW).id).not.toBe(code.id);
});

test('survives a new secret in front, and ends with the secret that made it', () => {
  const code = newCode(secrets, 6, 600_000, NOW);
  const digits = deriveCode(secrets, code);
  const rotated = new Secrets(['a newer secret of at least thirty-two characters', SECRET]);
  expect(deriveCode(rotated, code)).toBe(digits);
  const gone = new Secrets(['a newer secret of at least thirty-two characters']);
  expect(() => deriveCode(gone, code)).toThrow(CannotOpen);
});

test('codes are spread over all values: leading zeros come, and no value comes too often', () => {
  const values = Array.from({ length: 20_000 }, () => deriveCode(secrets, newCode(secrets, 6, 1, NOW)));
  expect(values.every((value) => /^\d{6}$/.test(value))).toBe(true);
  for (let digit = 0; digit <= 9; digit += 1) {
    const share = values.filter((value) => value.startsWith(String(digit))).length / values.length;
    expect(share).toBeGreaterThan(0.085);
    expect(share).toBeLessThan(0.115);
  }
});

test('is this code and nothing else', () => {
  const code = newCode(secrets, 6, 600_000, NOW);
  const digits = deriveCode(secrets, code);
  expect(isCode(secrets, code, ` ${digits.slice(0, 3)}-${digits.slice(3)} `)).toBe(true);
  for (const other of [
    '',
    digits.slice(1),
    `${digits}0`,
    `0${digits}`,
    String(Number(digits) + 1),
    `+${digits}`,
  ]) {
    expect(isCode(secrets, code, other)).toBe(false);
  }
});

test('reads what keyboards and mail programs make of a code', () => {
  for (const typed of [
    '１２３４５６',
    '123 456',
    '１２３－４５６',
    '123−456',
    '123ー456',
    '\ufeff123\u200b456\u2060',
    '123\r\n456\0',
  ]) {
    expect(readCode(typed)).toBe('123456');
  }
});
