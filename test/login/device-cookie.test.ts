import { expect, test } from '@jest/globals';
import { newDeviceCookie, readDeviceCookie } from '../../src/login/device-cookie.ts';
import { hashToken, Secrets } from '../../src/secrets.ts';

const OLD = 'the old secret, at least thirty-two characters';
const NEW = 'the new secret, at least thirty-two characters';
const secrets = new Secrets([OLD]);

test('carries a random token; what the database knows is its hash', () => {
  const cookie = newDeviceCookie(secrets);
  const [token = ''] = cookie.value.split('.');
  expect(token).toHaveLength(43);
  expect(cookie.hash).toBe(hashToken(token));
  expect(cookie.value).not.toContain(cookie.hash);
  expect(newDeviceCookie(secrets).value).not.toBe(cookie.value);
});

test('is read as it was given', () => {
  const cookie = newDeviceCookie(secrets);
  expect(readDeviceCookie(secrets, cookie.value)).toEqual(cookie);
});

test('is signed anew by the newest secret, and gone with the secret that signed it', () => {
  const cookie = newDeviceCookie(secrets);
  const renewed = readDeviceCookie(new Secrets([NEW, OLD]), cookie.value);
  expect(renewed?.hash).toBe(cookie.hash);
  expect(renewed?.value).not.toBe(cookie.value);
  expect(readDeviceCookie(new Secrets([NEW]), renewed?.value)).toEqual(renewed);
  expect(readDeviceCookie(new Secrets([NEW]), cookie.value)).toBeUndefined();
});

test('everything else is no cookie', () => {
  const { value } = newDeviceCookie(secrets);
  const [token = '', mac = ''] = value.split('.');
  const form = secrets.mac('form token', token);
  for (const bad of [
    undefined,
    '',
    '.',
    '..',
    token,
    `${token}.`,
    `.${mac}`,
    `${token}.${form}`,
    `${token}x.${mac}`,
    `${value}.x`,
    `${mac}.${token}`,
    '💥.💥',
  ]) {
    expect(readDeviceCookie(secrets, bad)).toBeUndefined();
  }
});
