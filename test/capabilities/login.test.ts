import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServiceBusyError } from '#errors/domain-errors.ts';
import { LoginDocument, MeDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('login on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  let networks = 0;
  const network = () => `203.0.113.${++networks}`;
  const login = async (identifier: string, password: string, ip = network()) =>
    (await latchkey.ask(LoginDocument, { input: { identifier, password } }, { ip })).login;

  test('signs in by email address, username or phone number', async () => {
    const username = `Ada.${process.pid}`;
    const { id, email } = await latchkey.person({ username, phone: '+49 151 7654321' });
    for (const identifier of [
      email,
      email.toUpperCase(),
      username.toLowerCase(),
      username,
      '+491517654321',
      '0049 (151) 765-4321',
    ]) {
      const result = await login(identifier, PASSWORD);
      expect(result).toMatchObject({
        __typename: 'LoginSuccess',
        user: { id },
        tokens: { tokenType: 'Bearer', expiresIn: 900 },
      });
    }
  });

  test('the access token opens me', async () => {
    const { email, accessToken } = await latchkey.person();
    expect((await latchkey.ask(MeDocument, {}, { bearer: accessToken })).me).toMatchObject({ email, isVerified: true });
  });

  test('an access token names no address, phone or name', async () => {
    const { id, sessionId, accessToken } = await latchkey.person();
    const [header, claims] = accessToken
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(Object.keys(claims).sort()).toEqual([
      'acr',
      'amr',
      'aud',
      'auth_time',
      'client_id',
      'email_verified',
      'exp',
      'gen',
      'iat',
      'iss',
      'jti',
      'role',
      'sid',
      'sub',
    ]);
    expect(claims).toMatchObject({
      iss: 'https://auth.example.test',
      sub: id,
      sid: sessionId,
      role: 'customer',
      email_verified: true,
    });
  });

  test('answers for known and unknown identifiers are equal', async () => {
    const { email } = await latchkey.person();
    const { runs } = latchkey.app.parts.passwordHasher;
    const answers: string[] = [];
    for (const identifier of [email, latchkey.address(), 'nobody', '+4930123456', 'not an identifier']) {
      const before = runs();
      answers.push(JSON.stringify([await login(identifier, 'wrong'), { hashes: runs() - before }]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('InvalidCredentialsError');
    expect(answers[0]).toContain('{"hashes":1}');
  });

  test('an identifier is compared, never matched: wildcards find nobody', async () => {
    await latchkey.person();
    for (const identifier of ['%', '_', 'person%@example.test', "' OR 1=1 --", '*', '\u0000']) {
      expect((await login(identifier, PASSWORD)).__typename).toBe('InvalidCredentialsError');
    }
  });

  test('that an account is disabled is revealed only to someone who knows the password', async () => {
    const { id, email, accessToken } = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { disabledAt: new Date() } });
    expect((await login(email, 'wrong')).__typename).toBe('InvalidCredentialsError');
    expect((await login(email, PASSWORD)).__typename).toBe('AccountDisabledError');
    const { errors } = await latchkey.send(MeDocument, {}, { bearer: accessToken });
    expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });

  test('five wrong passwords, then growing waits; the right password in time forgets them', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    for (let attempt = 0; attempt < 5; attempt++)
      expect((await login(email, 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
    expect(await login(email, PASSWORD, ip)).toMatchObject({
      __typename: 'TooManyAttemptsError',
      retryAfterSeconds: 1,
    });
    latchkey.advance({ seconds: 1 });
    expect((await login(email, 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
    expect(await login(email, PASSWORD, ip)).toMatchObject({
      __typename: 'TooManyAttemptsError',
      retryAfterSeconds: 2,
    });
    latchkey.advance({ seconds: 2 });
    expect((await login(email, PASSWORD, ip)).__typename).toBe('LoginSuccess');
    for (let attempt = 0; attempt < 5; attempt++)
      expect((await login(email, 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
  });

  test('what is refused for too many attempts costs no hash', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    for (let attempt = 0; attempt < 5; attempt++) await login(email, 'wrong', ip);
    const before = latchkey.app.parts.passwordHasher.runs();
    for (const password of ['wrong', PASSWORD])
      expect((await login(email, password, ip)).__typename).toBe('TooManyAttemptsError');
    expect(latchkey.app.parts.passwordHasher.runs()).toBe(before);
  });

  test('refused sign-ins are in the audit log, once a window for an account and network', async () => {
    const { id, email } = await latchkey.person();
    const ip = network();
    await Promise.all(Array.from({ length: 20 }, () => login(email, 'wrong', ip)));
    const { prisma } = latchkey.app.parts.database;
    const events = await prisma.auditEvent.findMany({ where: { subjectId: id, name: 'login.throttled' } });
    expect(events).toMatchObject([{ outcome: 'FAILURE', ipAddress: ip }]);
  });

  const failures = async (id: string) =>
    latchkey.app.parts.database.prisma.auditEvent.count({ where: { subjectId: id, name: 'login.after_failures' } });

  test('the owner hears once of a sign-in that follows many wrong passwords, whatever networks they came from', async () => {
    const { id, email } = await latchkey.person();
    for (let attempt = 0; attempt < 10; attempt++) await login(email, 'wrong');
    const ip = network();
    const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
    const input = { identifier: email, password: PASSWORD };
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => latchkey.ask(LoginDocument, { input }, { ip, headers })),
    );
    expect(new Set(answers.map(({ login: answer }) => answer.__typename))).toEqual(new Set(['LoginSuccess']));
    const mail = await latchkey.mailTo(email, 2);
    expect(mail.subject).toBe('New sign-in after many failed attempts');
    expect(mail.text).toContain('after 10 failed attempts');
    expect(mail.text).toContain(`Device: Firefox, Linux. IP address: ${ip}.`);
    expect(await failures(id)).toBe(1);
    await login(email, PASSWORD);
    expect(await failures(id)).toBe(1);
  });

  test('a few wrong passwords, or many a long time ago, cause no notification', async () => {
    const few = await latchkey.person();
    for (let attempt = 0; attempt < 9; attempt++) await login(few.email, 'wrong');
    await login(few.email, PASSWORD);
    await login(few.email, 'wrong');
    await login(few.email, PASSWORD);
    expect(await failures(few.id)).toBe(0);

    const old = await latchkey.person();
    for (let attempt = 0; attempt < 12; attempt++) await login(old.email, 'wrong');
    latchkey.advance({ days: 1, seconds: 1 });
    expect((await login(old.email, PASSWORD)).__typename).toBe('LoginSuccess');
    expect(await failures(old.id)).toBe(0);
  });

  test('parallel guesses cannot run past the budget', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    const results = await Promise.all(Array.from({ length: 30 }, () => login(email, 'wrong', ip)));
    expect(results.filter((result) => result.__typename === 'InvalidCredentialsError')).toHaveLength(5);
    expect(results.filter((result) => result.__typename === 'TooManyAttemptsError')).toHaveLength(25);
  });

  test('many logins at once with the right password wait for each other, and none is refused', async () => {
    const people = await Promise.all(Array.from({ length: 3 }, () => latchkey.person()));
    const ip = network();
    const logins = Array.from({ length: 60 }, (_, index) => login(people[index % 3]?.email ?? '', PASSWORD, ip));
    expect(new Set((await Promise.all(logins)).map((result) => result.__typename))).toEqual(new Set(['LoginSuccess']));
  });

  test('logins of one account at once, again and again, never wait for each other’s locks', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    for (let round = 0; round < 15; round++) {
      const results = await Promise.all(Array.from({ length: 8 }, () => login(email, PASSWORD, ip)));
      expect(new Set(results.map((result) => result.__typename))).toEqual(new Set(['LoginSuccess']));
    }
  });

  test('the same account under email, username and phone has one budget', async () => {
    const { email } = await latchkey.person({ username: `grace.${process.pid}`, phone: '+49 30 5550100' });
    const ip = network();
    for (const identifier of [
      email,
      `grace.${process.pid}`,
      '+49305550100',
      email.toUpperCase(),
      `GRACE.${process.pid}`,
    ]) {
      expect((await login(identifier, 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
    }
    for (const identifier of [email, `grace.${process.pid}`, '+49305550100']) {
      expect((await login(identifier, PASSWORD, ip)).__typename).toBe('TooManyAttemptsError');
    }
  });

  test('a stranger elsewhere does not lock the owner out', async () => {
    const { email } = await latchkey.person();
    const stranger = network();
    for (let attempt = 0; attempt < 8; attempt++) await login(email, 'wrong', stranger);
    expect((await login(email, PASSWORD)).__typename).toBe('LoginSuccess');
  });

  test('unknown identifiers wait like known ones', async () => {
    const unknown = latchkey.address();
    const ip = network();
    for (let attempt = 0; attempt < 5; attempt++)
      expect((await login(unknown, 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
    expect(await login(unknown, 'wrong', ip)).toMatchObject({
      __typename: 'TooManyAttemptsError',
      retryAfterSeconds: 1,
    });
  });

  test('one network may fail twenty times in five minutes, whatever the accounts', async () => {
    const ip = network();
    const { email } = await latchkey.person();
    for (let attempt = 0; attempt < 20; attempt++)
      expect((await login(latchkey.address(), 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
    expect((await login(email, PASSWORD, ip)).__typename).toBe('TooManyAttemptsError');
    expect((await login(email, PASSWORD)).__typename).toBe('LoginSuccess');
  });

  test('a right sign-in does not forget what its network failed before', async () => {
    const ip = network();
    const { email } = await latchkey.person();
    for (let attempt = 0; attempt < 19; attempt++) await login(latchkey.address(), 'wrong', ip);
    expect((await login(email, PASSWORD, ip)).__typename).toBe('LoginSuccess');
    expect((await login(latchkey.address(), 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
    expect((await login(latchkey.address(), 'wrong', ip)).__typename).toBe('TooManyAttemptsError');
  });

  test('an unknown identifier has one budget under all its spellings, like a known one', async () => {
    const known = await latchkey.person({ username: `hedy.${engine}`, phone: '+49 30 5550188' });
    const spellings = (email: string, username: string) => [
      [email, email.toUpperCase(), ` ${email} `, email, email, email.toUpperCase()],
      [username, username.toUpperCase(), ` ${username}`, username, username, username.toUpperCase()],
    ];
    const phones = [
      '+49 30 5550199',
      '+49305550199',
      '0049 30 5550199',
      '+49-30-555-0199',
      '+49 (30) 5550199',
      '+49305550199',
    ];
    for (const group of [
      ...spellings(known.email, `hedy.${engine}`).slice(0, 1),
      ...spellings('nobody.at.all@example.test', `nobody.${engine}`),
      phones,
    ]) {
      const ip = network();
      const answers: string[] = [];
      for (const identifier of group) answers.push((await login(identifier, 'wrong', ip)).__typename);
      expect(answers).toEqual([...Array(5).fill('InvalidCredentialsError'), 'TooManyAttemptsError']);
    }
  });

  test('a password that was not checked because the service is busy costs no try', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    const { passwordHasher } = latchkey.app.parts;
    const { verify } = passwordHasher;
    passwordHasher.verify = () => Promise.reject(new ServiceBusyError(1));
    try {
      for (let attempt = 0; attempt < 25; attempt++)
        expect((await login(email, 'wrong', ip)).__typename).toBe('ServiceBusyError');
    } finally {
      passwordHasher.verify = verify;
    }
    for (let attempt = 0; attempt < 5; attempt++)
      expect((await login(email, 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
    for (let attempt = 0; attempt < 15; attempt++)
      expect((await login(latchkey.address(), 'wrong', ip)).__typename).toBe('InvalidCredentialsError');
    expect((await login(latchkey.address(), 'wrong', ip)).__typename).toBe('TooManyAttemptsError');
  });

  test('an address that a client made up does not give it a new budget', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    for (let attempt = 0; attempt < 5; attempt++) await login(email, 'wrong', `198.51.100.${attempt}, ${ip}`);
    expect((await login(email, PASSWORD, `198.51.100.77, ${ip}`)).__typename).toBe('TooManyAttemptsError');
  });

  test('budgets survive a restart', async () => {
    const { email } = await latchkey.person();
    const ip = network();
    for (let attempt = 0; attempt < 5; attempt++) await login(email, 'wrong', ip);
    for (const wait of [1, 2, 4, 8]) {
      latchkey.advance({ seconds: wait });
      await login(email, 'wrong', ip);
    }
    await latchkey.restart();
    expect((await login(email, PASSWORD, ip)).__typename).toBe('TooManyAttemptsError');
  });

  test('a password in another Unicode form is the same password', async () => {
    const { email } = await latchkey.person({ password: 'pässwörter sind ﬁes' });
    expect((await login(email, 'pa\u0308sswo\u0308rter sind fies')).__typename).toBe('LoginSuccess');
  });

  test.each([
    ['an empty identifier', { identifier: '  ', password: 'x' }, ['identifier']],
    ['an empty password', { identifier: 'ada', password: '' }, ['password']],
    ['an endless identifier', { identifier: 'a'.repeat(5000), password: 'x' }, ['identifier']],
  ])('refuses %s', async (_, input, fields) => {
    const { login: result } = await latchkey.ask(LoginDocument, { input });
    expect(result.__typename === 'ValidationError' && result.fieldErrors.map(({ path }) => path[0])).toEqual(fields);
  });

  test.each([['x'.repeat(90_000)], ['\ud800'], ['a\u0000b']])(
    'a password that can be nobody’s is a wrong one',
    async (password) => {
      const { email } = await latchkey.person();
      expect((await login(email, password)).__typename).toBe('InvalidCredentialsError');
    },
  );

  test('a password whose hash is older than the settings is hashed again', async () => {
    const { id, email } = await latchkey.person();
    const old = await latchkey.app.parts.database.prisma.user.findUniqueOrThrow({ where: { id } });
    const weaker = '$argon2id$v=19$m=32,t=1,p=1$';
    const { hash } = await import('@node-rs/argon2');
    const passwordHash = await hash(PASSWORD, { memoryCost: 32, timeCost: 1, parallelism: 1 });
    expect(passwordHash.startsWith(weaker)).toBe(true);
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { passwordHash } });
    expect((await login(email, PASSWORD)).__typename).toBe('LoginSuccess');
    const { passwordHash: renewed } = await latchkey.app.parts.database.prisma.user.findUniqueOrThrow({
      where: { id },
    });
    expect(renewed?.slice(0, 26)).toBe(old.passwordHash?.slice(0, 26));
    expect((await login(email, PASSWORD)).__typename).toBe('LoginSuccess');
  });

  test('many logins at once whose hash is due to be renewed are all let in', async () => {
    const { id, email } = await latchkey.person();
    const { hash } = await import('@node-rs/argon2');
    const passwordHash = await hash(PASSWORD, { memoryCost: 32, timeCost: 1, parallelism: 1 });
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { passwordHash } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => login(email, PASSWORD)));
    expect(new Set(answers.map(({ __typename }) => __typename))).toEqual(new Set(['LoginSuccess']));
  });
});
