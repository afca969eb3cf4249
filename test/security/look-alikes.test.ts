/**
 * Texts that look like someone's email address, username or phone number, or that some library folds into it, never
 * reach their account or their mailbox (Unicode TS 39; the reset at GitHub of 2019 that went to a look-alike).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LoginDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResendVerificationDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

const VICTIM = 'mike.kiss@kiosk-fis.test';

/** For each letter, characters that fold into it (NFKC, lowercase, uppercase), or that look like it. */
const SUBSTITUTES: readonly (readonly [letter: string, others: string])[] = [
  ['k', '\u212a\uff4b\uff2b\u043a\u1d0b\u{1d424}\u24da'],
  ['i', '\u0131\u0130\u0456\uff49\u2170\u{1d422}\u24d8\u03b9'],
  ['s', '\u017f\u0455\uff53\u{1d42c}\ua731'],
  ['e', '\u0435\uff45\u212f\u{1d41e}\u0117'],
  ['m', '\uff4d\u217f\u{1d426}'],
  ['.', '\uff0e\u3002\u2024\u00b7'],
  ['@', '\uff20\ufe6b'],
  ['-', '\u2010\u2011\uff0d\u00ad'],
];
/** What is not seen, and could be dropped on the way. */
const INVISIBLE = [
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u00ad',
  '\u034f',
  '\u202e',
  '\0',
  '\u0301',
  '\r\n',
  '\t',
  ' ',
];

const lookAlikes = [
  ...SUBSTITUTES.flatMap(([letter, others]) =>
    [...others].flatMap((other) => [
      VICTIM.replace(letter, other),
      // The last one is in the domain.
      VICTIM.slice(0, VICTIM.lastIndexOf(letter)) + other + VICTIM.slice(VICTIM.lastIndexOf(letter) + 1),
    ]),
  ),
  ...INVISIBLE.flatMap((it) => [
    VICTIM.replace('k', `k${it}`),
    VICTIM.replace('@', `@${it}`),
    VICTIM.replace('.', `.${it}`),
  ]),
  VICTIM.replace('fi', '\ufb01'),
  VICTIM.replace('ss', '\u00df'),
  `${VICTIM},attacker@evil.test`,
  `attacker@evil.test,${VICTIM}`,
  `<${VICTIM}>`,
  `"x" <${VICTIM}>`,
  `${VICTIM}(comment)`,
  `"mike.kiss"@kiosk-fis.test`,
  'mike.kiss+x@kiosk-fis.test',
  'mikekiss@kiosk-fis.test',
  `${VICTIM}.`,
  `${VICTIM}\\n`,
  encodeURIComponent(VICTIM),
].filter((it) => it.trim() !== VICTIM && it.trim().toLowerCase() !== VICTIM);

describe.each(ENGINES)('look-alikes of an address, on %s', (engine) => {
  let latchkey: Latchkey;
  let victim: Person;
  let ip = 0;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    victim = await latchkey.person({ email: VICTIM });
  });
  afterAll(() => latchkey.close());
  /** A network of its own for each, so that it is not a budget that refuses. */
  const from = () => ({ ip: `198.51.${Math.floor(++ip / 250)}.${(ip % 250) + 1}` });

  test('never reach the account or the mailbox of its owner', { timeout: 120_000 }, async () => {
    const { prisma } = latchkey.app.parts.database;
    const toVictim = () =>
      latchkey.smtp.mails.filter(({ envelope }) => envelope.to.join().toLowerCase().includes(VICTIM));
    const before = toVictim().length;
    const sessions = await prisma.session.count({ where: { userId: victim.id } });
    const signedIn: string[] = [];
    for (const email of lookAlikes) {
      const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } }, from());
      if (login.__typename === 'LoginSuccess') signedIn.push(email);
      await latchkey.send(RequestPasswordResetDocument, { input: { email } }, from());
      await latchkey.send(ResendVerificationDocument, { input: { email } }, from());
      await latchkey.send(RegisterDocument, { input: { name: 'Mallory', email, password: PASSWORD } }, from());
    }
    expect(signedIn).toEqual([]);
    expect(await prisma.session.count({ where: { userId: victim.id } })).toBe(sessions);
    expect(await prisma.challenge.count({ where: { userId: victim.id, consumedAt: null } })).toBe(0);
    // What was queued for anyone else has been sent before this one.
    await latchkey.person();
    expect(toVictim()).toHaveLength(before);
    const { email, name } = await prisma.user.findUniqueOrThrow({ where: { id: victim.id } });
    expect([email, name]).toEqual([VICTIM, 'Ada Example']);
    // Every account that came of it has an address in plain ASCII, which is not that of the victim.
    const others = await prisma.user.findMany({ where: { name: 'Mallory' }, select: { email: true } });
    for (const other of others) expect(other.email).toMatch(/^[\x21-\x7e]+$/);
    expect(others.map((other) => other.email)).not.toContain(VICTIM);
  });

  test('nor do those of a username or phone number', async () => {
    const owner = await latchkey.person({ username: 'kiss.mike', phone: '+4915112345678' });
    const { prisma } = latchkey.app.parts.database;
    const identifiers = ['\u212aiss.mike', 'k\u0131ss.mike', 'ki\u017fs.mike', 'kiss\u200b.mike', 'kiss\uff0emike'];
    for (const identifier of [
      ...identifiers,
      '+4915112345678\u0660',
      '+49151123456\u0967\u0968',
      '+4915112345678;ext=1',
    ]) {
      const { login } = await latchkey.ask(LoginDocument, { input: { identifier, password: PASSWORD } }, from());
      expect([identifier, login.__typename]).toEqual([identifier, 'InvalidCredentialsError']);
      const taken = { name: 'Mallory', email: latchkey.address(), password: PASSWORD };
      await latchkey.send(RegisterDocument, { input: { ...taken, username: identifier } }, from());
      await latchkey.send(RegisterDocument, { input: { ...taken, phone: identifier } }, from());
    }
    expect(await prisma.user.count({ where: { username: { contains: 'kiss' } } })).toBe(1);
    expect(await prisma.session.count({ where: { userId: owner.id } })).toBe(1);
  });
});
