import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foreignHashFault } from '../../src/credentials/foreign-hash.ts';
import { hashers } from './hashers.ts';

/** What the libraries themselves made of this password. */
const PASSWORD = '合言葉 Pa55!';
const MADE: [string, string][] = [
  ['passlib, PBKDF2 SHA-1', '$pbkdf2$1000$6L137h3D.F9LaQ1hzDlHyA$/w09ue4WDOnrnN3FIjcQHAFlqYQ'],
  [
    'passlib, PBKDF2 SHA-256',
    '$pbkdf2-sha256$1000$H0NoTel9r5VSqjXm3HuvVQ$9K.qg8YoNGAgdQazwB4Rdgf9v.2W3BEuwV/pDQmeTUM',
  ],
  [
    'passlib, PBKDF2 SHA-512',
    '$pbkdf2-sha512$1000$/X.vFSKklDKmlDJGKEVICQ$aP2JTjcomep1VDOX7TOw7HYr1jjElfUUg.5noAq.B.Ukvg2Z/v9A/PIr828ll9G9bEMPRPnGaZdkKQpGs9UzrQ',
  ],
  [
    'passlib, scrypt',
    '$scrypt$ln=10,r=8,p=1$7x0j5JzTWouxtlbqvffeWw$yR5ge9NasarvuuAlBDhf2P8eTg6nqsiTNTEzFbR9/GA',
  ],
  [
    'Werkzeug, scrypt',
    'scrypt:1024:8:1$XBcXKnhm7omCwReU$c965755535e796eaa996f110f7ebe8ee42e7caa7d7b12e6e63fefd9279b3b455bcf6ab27183b4f33c642f9ac38d5d49ce8e5e0180a71ce0f02d9445120446e29',
  ],
  [
    'Werkzeug, PBKDF2 SHA-256',
    'pbkdf2:sha256:1000$uUN6TIeLAIT2sttG$e5945ec85d3fd7945cb279944c7dddc556f056d6bf465a75d3a9f3c19fa0ef06',
  ],
  [
    'Werkzeug, PBKDF2 SHA-512',
    'pbkdf2:sha512:1000$QJj9ep3VEdKTWRB2$18942397fd99457a84ece9f1e7b875c3b2aad4924310e9836561ab0290dec7d5dfefcef7c8f46170216823c0cfc0a8c0b95a36e62f43077af6142b192b4bf02d',
  ],
  [
    'Django, PBKDF2 SHA-256',
    'pbkdf2_sha256$1000$Xk93jdDkeLw0qpVm$NP6c4kKaf87D99+JCyu+8O9NPias8JT1TQrxgvBhcWA=',
  ],
  ['Django, PBKDF2 SHA-1', 'pbkdf2_sha1$1000$Xk93jdDkeLw0qpVm$zHiaWRjSYjT153HE/rIfQb4mfIA='],
  [
    'Django, scrypt',
    'scrypt$1024$Xk93jdDkeLw0qpVm$8$1$VRiyWOJqE7p5Pb0h8rEhUkMZClP5lU3R+sMroqIdlUkbvPihxTgdJcdZN4QzzJLaLtGMjCruPUzu6jShB+FTig==',
  ],
  [
    'Django, Argon2',
    'argon2$argon2id$v=19$m=256,t=1,p=2$WGs5M2pkRGtlTHcwcXBWbQ$6qB47mKJbwAkz/HlZ372xqUdCd738ELfyPjX/FHuxZ0',
  ],
  ['Django, bcrypt', 'bcrypt$$2b$04$yaP6VsQDGi07F/S/V4lNquCV5O4m6HdTD0z2v2Egtbm/w8o5R9tMO'],
  [
    'argon2-cffi, Argon2i',
    '$argon2i$v=19$m=64,t=1,p=4$x97HbLyEsAJxZoyE+GyiCA$PvMmRgltUZkvp2DAVnMkNaCN9JYZg51+xcBd7JI/bYQ',
  ],
  [
    'argon2-cffi, Argon2d',
    '$argon2d$v=19$m=64,t=1,p=4$VKdNY5YSyoajK04/lk0boA$zga+gXrd4A9rIRAlm8NiP/Y5YjqeE17A9lBgp1JRF3Y',
  ],
  [
    'argon2-cffi, Argon2id',
    '$argon2id$v=19$m=64,t=1,p=4$13hxKjwu2gyaLD3Fvow5gw$08EBvMoliB2/YSlgFOw/WI09QX43ewZtgHF2k3ezEVc',
  ],
  [
    'parameters in another order',
    '$argon2id$v=19$t=1,p=4,m=64$13hxKjwu2gyaLD3Fvow5gw$08EBvMoliB2/YSlgFOw/WI09QX43ewZtgHF2k3ezEVc',
  ],
  ['bcrypt 2a', '$2a$04$e4sESNDMXl/MGIDimlZUaeIKdaA4T3HU68UGSEbHFVncXI.EoINJS'],
  ['bcrypt 2b', '$2b$04$a7/gLLYTRt7ER4SJK8u9BufBcbVzL4S0GNlkew0NE0ITFWHGqkIsG'],
  ['bcrypt 2y, as PHP writes it', '$2y$04$a7/gLLYTRt7ER4SJK8u9BufBcbVzL4S0GNlkew0NE0ITFWHGqkIsG'],
];

describe('a hash that came with an import', () => {
  const hasher = hashers()();

  test.each(MADE)('%s: right for its password alone, and to be made anew', async (_, hash) => {
    expect(foreignHashFault(hash)).toBeNull();
    expect(await hasher.verify('password', hash, PASSWORD)).toEqual({ right: true, outdated: true });
    for (const wrong of ['合言葉 Pa55', '合言葉 pa55!', ''])
      expect(await hasher.verify('password', hash, wrong)).toEqual({ right: false, outdated: false });
  });

  test('in the form of PHC strings, PBKDF2 names the iterations and may name the length', async () => {
    const [salt, tag] = ['H0NoTel9r5VSqjXm3HuvVQ', '9K+qg8YoNGAgdQazwB4Rdgf9v+2W3BEuwV/pDQmeTUM'];
    for (const list of ['i=1000', 'i=1000,l=32']) {
      const hash = `$pbkdf2-sha256$${list}$${salt}$${tag}`;
      expect((await hasher.verify('password', hash, PASSWORD)).right).toBe(true);
    }
    for (const list of ['i=1000,l=20', 'i=1000,x=1', 'i=', 'i=1e3'])
      expect(foreignHashFault(`$pbkdf2-sha256$${list}$${salt}$${tag}`)).not.toBeNull();
  });

  test('is no hash of a secret answer', async () => {
    const [, hash = ''] = MADE[0] ?? [];
    expect((await hasher.verify('secret answer', hash, PASSWORD)).right).toBe(false);
  });

  test.each([
    [
      'as it was typed',
      '2955c390163ee68914508dc7d8355b989fb1b2fdcdc131a1161fb3b4714118e2',
      'ｐａｓｓｗｏｒｄ１',
    ],
    ['in its normal form', '7e9a974c3cd09737910c4b4dd7fc2adfcb265fcd82b7d178203fcf8a34c0e190', 'password1'],
  ])('may be of the password %s', async (_, tag, plain) => {
    const hash = `pbkdf2:sha256:1000$Xk93jdDkeLw0qpVm$${tag}`;
    for (const typed of [plain, 'ｐａｓｓｗｏｒｄ１'])
      expect((await hasher.verify('password', hash, typed)).right).toBe(true);
    expect((await hasher.verify('password', hash, 'ｐａｓｓｗｏｒｄ２')).right).toBe(false);
  });

  test('of bcrypt knows 72 bytes: of a longer password no hash of ours is made, for its end may be mistyped', async () => {
    const hash = '$2b$04$tD2FcvFev7bjeLP3ujsy3e.O1XB7GunKfy3Ly4KIrX6INKg2RD7zu';
    expect(await hasher.verify('password', hash, 'x'.repeat(72))).toEqual({ right: true, outdated: true });
    expect(await hasher.verify('password', hash, `${'x'.repeat(72)}y`)).toEqual({
      right: true,
      outdated: false,
    });
    expect((await hasher.verify('password', hash, 'x'.repeat(71))).right).toBe(false);
  });
});

describe('a hash that cannot be taken on', () => {
  const salt = 'c2FsdHNhbHRzYWx0';
  const tag = 'A'.repeat(43);
  const bcrypt = 'a7/gLLYTRt7ER4SJK8u9BufBcbVzL4S0GNlkew0NE0ITFWHGqkIsG';

  test.each([
    ['nothing', ''],
    ['a password', 'correct horse'],
    ['MD5', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['LDAP', '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g'],
    ['SHA-512 of crypt(3)', '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2'],
    ['bcrypt of a hash', `bcrypt_sha256$$2b$04$${bcrypt}`],
    ['bcrypt with the bug of 2x', `$2x$04$${bcrypt}`],
    ['bcrypt that is cut off', `$2b$04$${bcrypt.slice(0, -1)}`],
    ['two lines', `$2b$04$${bcrypt}\n`],
    ['PBKDF2 of another digest', `$pbkdf2-md5$i=1000$${salt}$${tag}`],
    ['Argon2 version 1.0', `$argon2id$v=16$m=64,t=1,p=1$${salt}$${tag}`],
    ['Argon2 without a version', `$argon2id$m=64,t=1,p=1$${salt}$${tag}`],
    ['Argon2 with a key', `$argon2id$v=19$m=64,t=1,p=1,keyid=AAAA$${salt}$${tag}`],
    ['Argon2 with associated data', `$argon2id$v=19$m=64,t=1,p=1,data=AAAA$${salt}$${tag}`],
    ['something long', `$argon2id$v=19$m=64,t=1,p=1$${salt}$${'A'.repeat(2000)}`],
  ])('is in no known form: %s', (_, hash) => {
    expect(foreignHashFault(hash)).toMatch(/^The hash is in none of the forms/);
  });

  test.each([
    ['$2b$03$', /cost of bcrypt.*4 to 15.*3/],
    ['$2b$16$', /cost of bcrypt.*4 to 15.*16/],
    ['$2b$31$', /cost of bcrypt/],
  ])('costs too much or too little: %s', (start, fault) => {
    expect(foreignHashFault(`${start}${bcrypt}`)).toMatch(fault);
  });

  test.each([
    [`$pbkdf2-sha256$i=5000001$${salt}$${tag}`, /iterations.*1 to 5000000.*5000001/],
    [`$pbkdf2-sha256$i=0$${salt}$${tag}`, /iterations/],
    [`$pbkdf2-sha256$i=1000$AAAA$${tag}`, /length of the salt.*8 to 128.*3/],
    [`$pbkdf2-sha256$i=1000$${salt}$AAAA`, /length of the hash.*16 to 128.*3/],
    [`$scrypt$ln=18,r=8,p=1$${salt}$${tag}`, /256 MiB/],
    [`$scrypt$ln=60,r=8,p=1$${salt}$${tag}`, /256 MiB/],
    [`$scrypt$ln=17,r=8,p=16$${salt}$${tag}`, /too long/],
    [`$scrypt$ln=0,r=8,p=1$${salt}$${tag}`, /power of two/],
    [`$scrypt$ln=10,r=0,p=1$${salt}$${tag}`, /block size/],
    [`$scrypt$ln=10,r=8,p=0$${salt}$${tag}`, /lanes.*1 to 16.*0/],
    [`scrypt:1000:8:1$saltsalt$${'00'.repeat(32)}`, /power of two/],
    [`$pbkdf2-sha1$i=5000000$${salt}$${'A'.repeat(28)}`, /too long/],
    [`$pbkdf2-sha256$i=1250001$${salt}$${'A'.repeat(171)}`, /too long/],
    [`scrypt:65536:1:1$saltsalt$${'00'.repeat(32)}`, /power of 16 r/],
    [`$argon2id$v=19$m=262145,t=1,p=1$${salt}$${tag}`, /256 MiB/],
    [`$argon2id$v=19$m=262144,t=9,p=1$${salt}$${tag}`, /too long/],
    [`$argon2id$v=19$m=64,t=0,p=1$${salt}$${tag}`, /needs a pass/],
    [`$argon2id$v=19$m=31,t=1,p=4$${salt}$${tag}`, /8 KiB/],
    [`$argon2id$v=19$m=64,t=1,p=17$${salt}$${tag}`, /lanes.*17/],
  ])('costs too much, or cannot be: %s', (hash, fault) => {
    expect(foreignHashFault(hash)).toMatch(fault);
  });

  test.each([
    [`$2b$15$${bcrypt}`],
    [`$pbkdf2-sha512$i=5000000$${salt}$${tag}`],
    [`$pbkdf2-sha256$i=1250000$${salt}$${'A'.repeat(171)}`],
    [`$scrypt$ln=17,r=8,p=1$${salt}$${tag}`],
    [`scrypt:32768:1:1$saltsalt$${'00'.repeat(32)}`],
    [`$argon2id$v=19$m=262143,t=8,p=4$${salt}$${tag}`],
  ])('is not this one, at the upper end: %s', (hash) => {
    expect(foreignHashFault(hash)).toBeNull();
  });

  test('is never a fault of the program, and its reason never shows it', () => {
    const parts = fc.constantFrom(
      '$',
      '2b',
      'argon2id',
      'v=19',
      'm=64,t=1,p=1',
      'pbkdf2-sha256',
      'i=1',
      ':',
      salt,
      tag,
    );
    const likely = fc.array(fc.oneof(parts, fc.string({ unit: 'binary' })), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.oneof(
          likely.map((list) => list.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const fault = foreignHashFault(text);
          if (fault !== null && text.length > 30) expect(fault).not.toContain(text);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
