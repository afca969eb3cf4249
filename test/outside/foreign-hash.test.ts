/** Hashes that come from other systems, checked against what is published, in the hash slots as at a login. */
import { compareSync } from 'bcryptjs';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyForeignHash } from '#outside/passwords/foreign-hash.ts';
import { createPasswordHasher } from '#outside/passwords/password-hasher.ts';
import { toBase64, WRAPPED } from '#outside/passwords/stored-hash.ts';

const hasher = createPasswordHasher({ memoryKib: 64, iterations: 1, slots: 2, queue: 100 });
/** Dearer than the weak hashes of Argon2 below. */
const ours = createPasswordHasher({ memoryKib: 1024, iterations: 1, slots: 1, queue: 100 });
afterAll(() => Promise.all([hasher.close(), ours.close()]));

const MATCH = { matches: true, needsRehash: true };
const NO_MATCH = { matches: false, needsRehash: false };
const phc = (bytes: Buffer | string, form: BufferEncoding = 'utf8') =>
  toBase64(typeof bytes === 'string' ? Buffer.from(bytes, form) : bytes);

/** RFC 7914 section 12; the vector with an empty salt follows below. */
const SCRYPT_VECTORS = [
  [
    'password',
    `$scrypt$ln=10,r=8,p=16$${phc('NaCl')}$${phc('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640', 'hex')}`,
  ],
  [
    'pleaseletmein',
    `$scrypt$ln=14,r=8,p=1$${phc('SodiumChloride')}$${phc('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887', 'hex')}`,
  ],
  // A PHC string of passlib.
  ['password', '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E'],
] as const;

/** RFC 7914 section 11 (SHA-256) and RFC 6070 (SHA-1). */
const PBKDF2_VECTORS = [
  [
    'passwd',
    `$pbkdf2-sha256$i=1,l=64$${phc('salt')}$${phc('55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783', 'hex')}`,
  ],
  [
    'Password',
    `$pbkdf2-sha256$i=80000$${phc('NaCl')}$${phc('4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d', 'hex')}`,
  ],
  ['password', `$pbkdf2$i=1$${phc('salt')}$${phc('0c60c80f961f0e71f3a9b524af6012062fe037a6', 'hex')}`],
  ['password', `$pbkdf2-sha1$i=4096$${phc('salt')}$${phc('4b007901b765489abead49d926f721d065a429c1', 'hex')}`],
  [
    'passwordPASSWORDpassword',
    `$pbkdf2-sha1$i=4096$${phc('saltSALTsaltSALTsaltSALTsaltSALTsalt')}$${phc('3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038', 'hex')}`,
  ],
  // The form of passlib: no name before the iterations, and dots for the plus signs.
  ['password', '$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44'],
] as const;

const LONG = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Openwall's crypt_blowfish. */
const BCRYPT_VECTORS = [
  ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
  ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
  [LONG, '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui'],
  [LONG, '$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui'],
  [LONG, '$2y$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui'],
] as const;

/** Django's own tests, and those of libraries that follow it. */
const DJANGO_VECTORS = [
  ['lètmein', 'pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0='],
  ['lètmein', 'pbkdf2_sha256$100000$seasalt$BNZ6eyaNc8qFTJPjrAq99hSYb73EgAdytAtdBg2Sdcc='],
  ['ExjGmyUT73bFoT', 'pbkdf2_sha1$24000$KQ8zeK6wKRuR$tSJh4xdxfMJotlxfkCGjTFpGYZU='],
  [
    'lètmein',
    'scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==',
  ],
  ['ExjGmyUT73bFoT', 'bcrypt$$2b$12$LZSJchsWG/DrBy1erNs4ee31eJ7DaWiuwhDOC7aqIyqGGggfu6Y/.'],
  ['ExjGmyUT73bFoT', 'bcrypt_sha256$$2b$12$LZSJchsWG/DrBy1erNs4eeYo6tZNlLFQmONdxN9HPesa1EyXVcTXK'],
  ['lètmein', 'bcrypt_sha256$$2a$08$NDjSAIcas.EcoxCRiArvT.MkNiPYVhrsrnJsRkLueZOoV1bsQqlmC'],
  ['secret', 'argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q'],
] as const;

describe.each<[string, readonly (readonly [string, string])[]]>([
  ['scrypt', SCRYPT_VECTORS],
  ['PBKDF2', PBKDF2_VECTORS],
  ['bcrypt', BCRYPT_VECTORS],
  ['Django', DJANGO_VECTORS],
])('published vectors of %s', (_, vectors) => {
  test.each(vectors)('%s matches %s, nothing else does, and it is to be renewed', async (password, stored) => {
    expect(hasher.problemOf(stored)).toBeNull();
    expect(await hasher.verify(stored, password)).toEqual(MATCH);
    expect(await hasher.verify(stored, `x${password}`)).toEqual(NO_MATCH);
    expect(await hasher.verify(stored, null)).toEqual(NO_MATCH);
  });

  test.each(vectors)('%s matches %s after an import, whose key is then nowhere', async (password, stored) => {
    const kept = await hasher.wrap(stored);
    if (!isWeakAsOwaspSays(stored)) return expect(kept).toBe(stored);
    expect(kept).toMatch(/^\$wrapped\$.+\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(kept).not.toContain(stored.slice(-20));
    expect(hasher.problemOf(kept)).toBeNull();
    expect(await hasher.verify(kept, password)).toEqual(MATCH);
    expect(await hasher.verify(kept, `x${password}`)).toEqual(NO_MATCH);
    expect(await hasher.verify(kept, null)).toEqual(NO_MATCH);
    // Not wrapped twice, and with another salt each time.
    expect(await hasher.wrap(kept)).toBe(kept);
    expect(await hasher.wrap(stored)).not.toBe(kept);
    return undefined;
  });
});

/** bcrypt from cost 10; none of the others among the vectors is strong enough. */
function isWeakAsOwaspSays(stored: string): boolean {
  return !/\$2.\$1\d\$/.test(stored);
}

/**
 * Of the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c), each with the password "password".
 */
test.each([
  '$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY',
  '$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E',
  '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  'argon2$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc',
])('%s is weak, and matches when it is wrapped', async (stored) => {
  expect(await ours.verify(stored, 'password')).toEqual(MATCH);
  const kept = await ours.wrap(stored);
  expect(kept).toContain(WRAPPED);
  expect(kept).not.toContain(stored.slice(-20));
  expect(await ours.verify(kept, 'password')).toEqual(MATCH);
  expect(await ours.verify(kept, 'Password')).toEqual(NO_MATCH);
  expect(await ours.wrap(kept)).toBe(kept);
});

test.each([
  ['m=7168,t=5', false],
  ['m=19456,t=2', false],
  ['m=65536,t=1', false],
  ['m=7168,t=4', true],
  ['m=6144,t=9', true],
  ['m=19456,t=1', true],
])('Argon2id with %s is weak: %s', async (cost, isWeak) => {
  const stored = `$argon2id$v=19$${cost},p=1$${phc('saltsaltsaltsalt')}$${phc(Buffer.alloc(32, 1))}`;
  const strong = createPasswordHasher({ memoryKib: 65_536, iterations: 3, slots: 1, queue: 1 });
  expect(strong.isWeak(stored)).toBe(isWeak);
  // Nothing is gained from another of the same cost around it.
  const [memoryKib = 0, iterations = 0] = cost.split(',').map((it) => Number(it.slice(2)));
  const same = createPasswordHasher({ memoryKib, iterations, slots: 1, queue: 1 });
  expect(same.isWeak(stored)).toBe(false);
  await Promise.all([strong.close(), same.close()]);
});

test.each([
  ['$2b$09$', true],
  ['$2b$10$', false],
] as const)('bcrypt %s is weak: %s', async (prefix, isWeak) => {
  const stored = `${prefix}abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui`;
  expect((await hasher.wrap(stored)) !== stored).toBe(isWeak);
});

test.each([
  ['sha1', 1_300_000],
  ['sha256', 600_000],
  ['sha512', 210_000],
] as const)('PBKDF2 with %s is weak below %i iterations', async (digest, iterations) => {
  const tail = `$${phc('saltsaltsaltsalt')}$${phc(Buffer.alloc(32, 1))}`;
  const strong = `$pbkdf2-${digest}$i=${iterations}${tail}`;
  expect(await hasher.wrap(strong)).toBe(strong);
  const weak = `$pbkdf2-${digest}$i=${iterations - 1}${tail}`;
  expect(await hasher.wrap(weak)).toContain(WRAPPED);
});

test.each([
  ['ln=17,r=8,p=1', false],
  ['ln=14,r=8,p=5', false],
  ['ln=13,r=8,p=10', false],
  ['ln=14,r=8,p=4', true],
  ['ln=12,r=8,p=99', true],
])('scrypt with %s is weak: %s', async (cost, isWeak) => {
  const stored = `$scrypt$${cost}$${phc('saltsaltsaltsalt')}$${phc(Buffer.alloc(32, 1))}`;
  expect((await hasher.wrap(stored)) !== stored).toBe(isWeak);
});

test('a password with a NUL matches no wrapped bcrypt hash either', async () => {
  const kept = await hasher.wrap(BCRYPT_VECTORS[0][1]);
  for (const password of ['U*U\0', 'U*U\0U*U', '']) expect(await hasher.verify(kept, password)).toEqual(NO_MATCH);
});

test('scrypt of the empty text with the empty salt (RFC 7914 section 12)', () => {
  const key = Buffer.from(
    '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    'hex',
  );
  expect(verifyForeignHash({ kind: 'scrypt', cost: { N: 16, r: 1, p: 1 }, salt: Buffer.alloc(0), key }, '')).toBe(true);
});

describe('bcrypt', () => {
  const stored = BCRYPT_VECTORS[3][1];

  test('knows 72 bytes of a password, as where it comes from', async () => {
    expect(await hasher.verify(stored, `${LONG}chars after 72 are ignored`)).toEqual(MATCH);
    expect(await hasher.verify(stored, LONG.slice(0, -1))).toEqual(NO_MATCH);
  });

  test('never takes the part in front of a NUL for the whole', async () => {
    expect(await hasher.verify(BCRYPT_VECTORS[0][1], 'U*U\0')).toEqual(NO_MATCH);
    expect(await hasher.verify(BCRYPT_VECTORS[0][1], 'U*U\0more')).toEqual(NO_MATCH);
    // Read in a circle with a NUL behind it, as bcrypt reads a key, this is the same key as the password's.
    expect(await hasher.verify(BCRYPT_VECTORS[0][1], 'U*U\0U*U')).toEqual(NO_MATCH);
    expect(compareSync('U*U\0U*U', BCRYPT_VECTORS[0][1])).toBe(true);
  });
});

describe('a hash that would stop a thread, or is none, is refused with a reason and costs one hash of ours', () => {
  const salt = phc('saltsaltsaltsalt');
  const key = phc(Buffer.alloc(32, 1));
  test.each([
    [`$argon2id$v=19$m=1048577,t=1,p=1$${salt}$${key}`, 'more than 1 GiB'],
    [`${WRAPPED}$2b$05$abcdefghijklmnopqrstuu${'.'.repeat(31)}`, 'not a complete wrapped hash'],
    [`${WRAPPED}md5$x$$argon2id$v=19$m=64,t=1,p=1$${salt}$${key}`, 'not a complete wrapped hash'],
    [`${WRAPPED}$argon2id$v=19$m=64,t=1,p=1$${salt}$${key}`, 'not a complete wrapped hash'],
    [`${WRAPPED}$argon2id$v=19$m=8,t=1,p=1$${salt}$${key}$argon2i$v=19$m=64,t=1,p=1$${salt}$${key}`, 'wrapped hash'],
    [
      `${WRAPPED}${WRAPPED}$2b$05$abcdefghijklmnopqrstuu${'.'.repeat(31)}$argon2id$v=19$m=64,t=1,p=1$${salt}$${key}`,
      'not a complete wrapped hash',
    ],
    [
      `${WRAPPED}pbkdf2_sha256$4000001$seasalt$${key}$argon2id$v=19$m=64,t=1,p=1$${salt}$${key}`,
      'not a complete wrapped hash',
    ],
    [`$argon2id$v=19$m=1048576,t=5,p=1$${salt}$${key}`, '4 GiB over all passes'],
    [`$argon2id$v=19$m=64,t=101,p=1$${salt}$${key}`, '100 passes'],
    [`argon2$argon2id$v=19$m=99999999,t=9,p=1$${salt}$${key}`, 'more than 1 GiB'],
    [`$scrypt$ln=20,r=8,p=1$${salt}$${key}`, '256 MiB'],
    [`$scrypt$ln=17,r=8,p=99$${salt}$${key}`, '2 GiB over all lanes'],
    [`$scrypt$ln=1,r=1,p=999999999$${salt}$${key}`, '256 MiB'],
    [`$scrypt$ln=99,r=8,p=1$${salt}$${key}`, '256 MiB'],
    [`scrypt$16385$seasalt$8$1$${key}`, 'not a complete scrypt'],
    [`scrypt$16384$seasalt$0$1$${key}`, 'not a complete scrypt'],
    [`pbkdf2_sha256$4000001$seasalt$${key}`, '4000000 iterations'],
    [`$pbkdf2-sha512$i=999999999999$${salt}$${key}`, '4000000 iterations'],
    [`$pbkdf2-sha256$i=0$${salt}$${key}`, 'not a complete PBKDF2'],
    [`pbkdf2_sha256$1000$seasalt$${phc('short')}`, 'not a complete PBKDF2'],
    [`pbkdf2_sha256$1000$seasalt$${phc(Buffer.alloc(65))}`, 'not a complete PBKDF2'],
    ['$2b$16$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui', '4 to 15'],
    ['$2b$99$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui', '4 to 15'],
    ['$2x$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui', '$2x'],
    ['$2b$12$tooshort', 'not a complete bcrypt'],
    ['sha1$salt$0123456789abcdef', 'not of a known kind'],
    ['md5$salt$0123456789abcdef', 'not of a known kind'],
    ['plain text password', 'not of a known kind'],
    ['', 'not of a known kind'],
    [`$pbkdf2-sha256$i=1000$${'A'.repeat(2000)}$${key}`, 'too long'],
  ])('%s', async (stored, reason) => {
    const problem = hasher.problemOf(stored);
    expect(problem).toContain(reason);
    if (stored.length > 40) expect(problem).not.toContain(stored.slice(-40));
    const runs = hasher.runs();
    const started = performance.now();
    expect(await hasher.verify(stored, 'any password')).toEqual(NO_MATCH);
    expect(performance.now() - started).toBeLessThan(500);
    expect(hasher.runs()).toBe(runs + 1);
  });

  test('what our own settings ask for is never too much', () => {
    const dear = createPasswordHasher({ memoryKib: 2_097_152, iterations: 3, slots: 1, queue: 1 });
    expect(dear.problemOf(`$argon2id$v=19$m=2097152,t=3,p=1$${salt}$${key}`)).toBeNull();
    return dear.close();
  });
});

test('the event loop goes on while a thread is busy with a foreign hash', async () => {
  let longest = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  await hasher.verify(DJANGO_VECTORS[4][1], 'wrong');
  clearInterval(beat);
  expect(longest).toBeLessThan(150);
});
