/** Known answers of the standards. */
import { expect, test } from '@jest/globals';
import { type Derivation, derive } from '../../src/credentials/derivation.ts';

const bytes = (value: number, length: number) => new Uint8Array(length).fill(value);
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (value: string) => new Uint8Array(Buffer.from(value));

/** RFC 9106, section 5. */
const argon2 = {
  memory: 32,
  passes: 3,
  lanes: 4,
  salt: bytes(2, 16),
  length: 32,
  secret: bytes(3, 8),
  associatedData: bytes(4, 12),
};

const KNOWN: [string, Derivation, string, Buffer][] = [
  [
    'RFC 9106, 5.1',
    { kind: 'argon2d', ...argon2 },
    '\x01'.repeat(32),
    hex('512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb'),
  ],
  [
    'RFC 9106, 5.2',
    { kind: 'argon2i', ...argon2 },
    '\x01'.repeat(32),
    hex('c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8'),
  ],
  [
    'RFC 9106, 5.3',
    { kind: 'argon2id', ...argon2 },
    '\x01'.repeat(32),
    hex('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659'),
  ],
  [
    'RFC 6070, 4096 iterations',
    { kind: 'pbkdf2', digest: 'sha1', iterations: 4096, salt: text('salt'), length: 20 },
    'password',
    hex('4b007901b765489abead49d926f721d065a429c1'),
  ],
  [
    'RFC 7914, 11',
    { kind: 'pbkdf2', digest: 'sha256', iterations: 1, salt: text('salt'), length: 64 },
    'passwd',
    hex(
      '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
    ),
  ],
  [
    'RFC 7914, 12',
    { kind: 'scrypt', n: 1024, blockSize: 8, lanes: 16, salt: text('NaCl'), length: 64 },
    'password',
    hex(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    ),
  ],
  [
    'crypt_blowfish, U*U',
    { kind: 'bcrypt', cost: 5, setting: '$2b$05$CCCCCCCCCCCCCCCCCCCCC.' },
    'U*U',
    Buffer.from('E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
  ],
];

test.each(KNOWN)('%s', (_, derivation, password, hash) => {
  expect(Buffer.from(derive(derivation, password)).toString('hex')).toBe(hash.toString('hex'));
});
