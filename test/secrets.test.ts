import { describe, expect, test } from '@jest/globals';
import { CannotOpen, hashToken, newId, newToken, Secrets, sameString } from '../src/secrets.ts';

const OLD = 'the old secret of this installation';
const NEW = 'the new secret of this installation';

describe('what is sealed', () => {
  const secrets = new Secrets([OLD]);

  test.each(['', 'text', '関所 🏯', 'x'.repeat(100_000)])('opens again at its place', (text) => {
    expect(secrets.open('seal key', 'row 1', secrets.seal('seal key', 'row 1', text))).toBe(text);
  });

  test('looks different each time and does not show the text', () => {
    const [one, two] = [secrets.seal('seal key', 'row', 'text'), secrets.seal('seal key', 'row', 'text')];
    expect(one.equals(two)).toBe(false);
    expect(one.includes('text')).toBe(false);
  });

  test('opens at no other place, for no other purpose and with no other secret', () => {
    const sealed = secrets.seal('seal key', 'row 1', 'text');
    expect(() => secrets.open('seal key', 'row 2', sealed)).toThrow(CannotOpen);
    expect(() => secrets.open('seal provider model', 'row 1', sealed)).toThrow(CannotOpen);
    expect(() => new Secrets([NEW]).open('seal key', 'row 1', sealed)).toThrow(CannotOpen);
  });

  test('opens no more when any of its bytes is another', () => {
    const sealed = secrets.seal('seal key', 'row', 'text');
    for (let at = 0; at < sealed.length; at += 1) {
      const damaged = Buffer.from(sealed);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(() => secrets.open('seal key', 'row', damaged)).toThrow(CannotOpen);
    }
  });

  test('opens no more when it is cut, down to nothing', () => {
    const sealed = secrets.seal('seal key', 'row', 'text');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => secrets.open('seal key', 'row', sealed.subarray(0, length))).toThrow(CannotOpen);
    }
  });
});

describe('rotation', () => {
  const before = new Secrets([OLD]);
  const during = new Secrets([NEW, OLD]);
  const after = new Secrets([NEW]);

  test('the first secret seals, all of them open', () => {
    const old = before.seal('seal key', 'row', 'text');
    expect(during.open('seal key', 'row', old)).toBe('text');
    const resealed = during.seal('seal key', 'row', 'text');
    expect(after.open('seal key', 'row', resealed)).toBe('text');
    expect(() => before.open('seal key', 'row', resealed)).toThrow(CannotOpen);
    expect(() => after.open('seal key', 'row', old)).toThrow(CannotOpen);
  });

  test('what was made by an older secret can still be made and verified by its name', () => {
    const mac = before.mac('device cookie', 'data');
    expect(during.mac('device cookie', 'data')).not.toBe(mac);
    expect(during.mac('device cookie', 'data', before.currentId)).toBe(mac);
    expect(during.verifyMac('device cookie', 'data', mac)).toBe(true);
    expect(after.verifyMac('device cookie', 'data', mac)).toBe(false);
    expect(() => after.mac('device cookie', 'data', before.currentId)).toThrow(CannotOpen);
  });

  test('a secret keeps its name wherever it stands', () => {
    expect(during.currentId).toBe(after.currentId);
    expect(during.currentId).not.toBe(before.currentId);
    expect(during.currentId).toMatch(/^[0-9a-f]{16}$/);
  });

  test('without any secret there is nothing to work with', () => {
    expect(() => new Secrets([])).toThrow('at least one secret');
  });
});

describe('a MAC', () => {
  const secrets = new Secrets([NEW]);

  test('depends on purpose and data', () => {
    const macs = [
      secrets.mac('device cookie', 'data'),
      secrets.mac('form token', 'data'),
      secrets.mac('device cookie', 'other'),
    ];
    expect(new Set(macs).size).toBe(3);
    expect(secrets.mac('device cookie', 'data')).toBe(macs[0]);
    expect(secrets.macBytes('device cookie', 'data')).toHaveLength(32);
  });

  test('is verified whole', () => {
    const mac = secrets.mac('form token', 'data');
    expect(secrets.verifyMac('form token', 'data', mac)).toBe(true);
    for (const wrong of ['', mac.slice(0, -1), `${mac}A`, 'x'.repeat(mac.length), '長い']) {
      expect(secrets.verifyMac('form token', 'data', wrong)).toBe(false);
    }
  });
});

describe('random values', () => {
  test('identifiers and tokens have their size and never come twice', () => {
    const made = Array.from({ length: 5000 }, () => [newId(), newToken()]).flat();
    expect(new Set(made).size).toBe(made.length);
    expect(newId()).toMatch(/^[\w-]{22}$/);
    expect(newToken()).toMatch(/^[\w-]{43}$/);
  });

  test('no part of one is part of another', () => {
    const halves = Array.from({ length: 1000 }, newToken).flatMap((token) => [
      token.slice(0, 20),
      token.slice(20, 40),
    ]);
    expect(new Set(halves).size).toBe(halves.length);
  });

  test('a token is kept as its SHA-256', () => {
    expect(hashToken('abc')).toBe(
      Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex').toString(
        'base64url',
      ),
    );
  });

  test('strings are compared by their bytes', () => {
    expect(sameString('関所', '関所')).toBe(true);
    expect(sameString('abc', 'abd')).toBe(false);
    expect(sameString('abc', 'abcd')).toBe(false);
    expect(sameString('', '')).toBe(true);
  });
});
