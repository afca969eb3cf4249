import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, RegisterDocument, UpdateProfileDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('updateProfile on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  type Input = { name?: string | null; username?: string | null; phone?: string | null; locale?: string | null };
  const update = async ({ accessToken }: Person, input: Input) =>
    (await latchkey.ask(UpdateProfileDocument, { input }, { bearer: accessToken })).updateProfile;

  test('absent fields stay unchanged, and null removes optional ones', async () => {
    const ada = await latchkey.person({ username: 'ada.first' });
    const full = { name: 'Zoë  O’Neil', username: 'ada.second', phone: '+49 151 1111111', locale: 'de-AT' };
    expect(await update(ada, full)).toMatchObject({
      __typename: 'UpdateProfileSuccess',
      user: { ...full, phone: '+491511111111', locale: 'de', email: ada.email, isVerified: true },
    });
    expect(await update(ada, { phone: null })).toMatchObject({ user: { username: 'ada.second', phone: null } });
    expect(await update(ada, { username: null })).toMatchObject({ user: { name: full.name, username: null } });
    expect(await update(ada, {})).toMatchObject({ user: { name: full.name, username: null, locale: 'de' } });
  });

  test('a new username signs in at once, the old one no more', async () => {
    const ada = await latchkey.person({ username: 'grace.old' });
    await update(ada, { username: 'Grace.New' });
    const login = async (identifier: string) =>
      (await latchkey.ask(LoginDocument, { input: { identifier, password: PASSWORD } })).login.__typename;
    expect([await login('grace.new'), await login('grace.old')]).toEqual(['LoginSuccess', 'InvalidCredentialsError']);
  });

  test('all problems are reported at once, and nothing changes', async () => {
    const ada = await latchkey.person();
    expect(await update(ada, { name: null, username: '12', phone: '123', locale: 'xx' })).toMatchObject({
      __typename: 'ValidationError',
      fieldErrors: [
        { path: ['name'], code: 'REQUIRED' },
        { path: ['username'], code: 'INVALID_FORMAT' },
        { path: ['phone'], code: 'INVALID_FORMAT' },
        { path: ['locale'], code: 'NOT_ALLOWED' },
      ],
    });
    expect(await update(ada, { locale: null })).toMatchObject({ __typename: 'ValidationError' });
  });

  test('what a verified account has is taken; what one has oneself may be said again', async () => {
    const [ada, bob] = [
      await latchkey.person({ username: 'taken.one', phone: '+491512222222' }),
      await latchkey.person(),
    ];
    expect(await update(bob, { username: 'Taken.One', phone: '+491512222222' })).toMatchObject({
      fieldErrors: [
        { path: ['username'], code: 'ALREADY_TAKEN' },
        { path: ['phone'], code: 'ALREADY_TAKEN' },
      ],
    });
    expect(await update(ada, { username: 'taken.one' })).toMatchObject({ __typename: 'UpdateProfileSuccess' });
  });

  test('an unverified account gives up its username', async () => {
    const squatter = latchkey.address();
    const input = { name: 'Squatter', email: squatter, password: PASSWORD, username: 'squatted' };
    await latchkey.ask(RegisterDocument, { input });
    expect(await update(await latchkey.person(), { username: 'squatted' })).toMatchObject({
      user: { username: 'squatted' },
    });
    const { username } = await latchkey.app.parts.database.prisma.user.findUniqueOrThrow({
      where: { email: squatter },
    });
    expect(username).toBeNull();
  });

  test('of many who want one username at once, one gets it', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => latchkey.person()));
    const answers = await Promise.all(people.map((person) => update(person, { username: 'wanted.by.all' })));
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
      'UpdateProfileSuccess',
      ...Array(4).fill('ValidationError'),
    ]);
  });

  test('telling what is taken draws on the discovery budget of the network, what is free does not', async () => {
    const holder = await latchkey.person({ username: `taken.${engine}` });
    const asker = await latchkey.person();
    const ip = engine === 'embedded' ? '198.51.100.40' : '198.51.100.41';
    const ask = async (username: string) =>
      (await latchkey.ask(UpdateProfileDocument, { input: { username } }, { bearer: asker.accessToken, ip }))
        .updateProfile.__typename;
    for (let n = 0; n < 35; n++) expect(await ask(`free${n}.${engine}`)).toBe('UpdateProfileSuccess');
    for (let n = 0; n < 30; n++) expect(await ask(`taken.${engine}`)).toBe('ValidationError');
    expect(await ask(`taken.${engine}`)).toBe('TooManyAttemptsError');
    const register = async () =>
      (
        await latchkey.ask(
          RegisterDocument,
          { input: { name: 'Ada', email: latchkey.address(), password: PASSWORD, username: `taken.${engine}` } },
          { ip },
        )
      ).register.__typename;
    expect(await register()).toBe('TooManyAttemptsError');
    expect(holder.id).not.toBe(asker.id);
  });

  test('needs a session', async () => {
    const { errors } = await latchkey.send(UpdateProfileDocument, { input: { name: 'Mallory' } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
