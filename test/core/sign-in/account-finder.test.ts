import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PresentedDevice } from '#core/devices/device-token.ts';
import type { Identifier } from '#core/input/identifier.ts';
import { createAccountFinder } from '#core/sign-in/account-finder.ts';
import type { Database } from '#outside/database.ts';
import { ENGINES } from '../../support/database.ts';
import { type Latchkey, type Person, startLatchkey } from '../../support/latchkey.ts';

describe.each(ENGINES)('the account finder on %s', (engine) => {
  let latchkey: Latchkey;
  let people: Person[];
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    people = await Promise.all(Array.from({ length: 3 }, () => latchkey.person()));
  });
  afterAll(() => latchkey.close());

  /** A finder on the database of the service, and the names of the statements it has sent. */
  function counted() {
    const { database, clock } = latchkey.app.parts;
    const sent: string[] = [];
    const query: Database['query'] = (statement, values) => {
      sent.push(statement.name);
      return database.query(statement, values);
    };
    return { ...createAccountFinder({ database: { query }, clock, tracing: null }), sent };
  }

  const byEmail = (value: string): Identifier => ({ kind: 'email', value });

  test('finds everyone who is looked for at once, and nobody for an unknown address, with one statement', async () => {
    const { find, sent } = counted();
    const emails = people.flatMap(({ email }) => [email, `nobody-${email}`, email]);
    const found = await Promise.all(emails.map((email) => find(byEmail(email), null)));
    expect(found.map(({ user }) => user?.id)).toEqual(people.flatMap(({ id }) => [id, undefined, id]));
    expect(sent).toEqual(['find-users-by-email']);
  });

  test('gives what the query builder of Prisma reads, value by value', async () => {
    const { find } = counted();
    const { prisma } = latchkey.app.parts.database;
    const found = await Promise.all(people.map(({ email }) => find(byEmail(email), null)));
    const users = await Promise.all(people.map(({ id }) => prisma.user.findUniqueOrThrow({ where: { id } })));
    expect(found).toEqual(users.map((user) => ({ user, isKnownDevice: false })));
  });

  test('a device is known only to its own account', async () => {
    const { find } = counted();
    const { prisma } = latchkey.app.parts.database;
    const devices = await Promise.all(
      people.map(({ id: userId }) =>
        prisma.device.create({ data: { userId, generation: 4, createdAt: new Date(), lastSeenAt: new Date() } }),
      ),
    );
    const [ada, bob, eve] = people.map(({ email }) => byEmail(email));
    const [adas, bobs, eves] = devices;
    if (!ada || !bob || !eve || !adas || !bobs || !eves) throw new Error('Nobody is there.');
    const asked: [Identifier, PresentedDevice | null][] = [
      [ada, adas],
      [bob, { ...bobs, generation: 3 }],
      [eve, { ...eves, generation: 2 }],
      [eve, adas],
      [ada, null],
      [byEmail('nobody@example.com'), adas],
    ];
    const found = await Promise.all(asked.map(([identifier, device]) => find(identifier, device)));
    expect(found.map(({ isKnownDevice }) => isKnownDevice)).toEqual([true, true, false, false, false, false]);
  });

  test('each kind of identifier has its column, and never matches another', async () => {
    const { find } = counted();
    const { prisma } = latchkey.app.parts.database;
    const [ada] = people;
    const data = { username: `ada-${engine}`, phone: '+442079460958' };
    await prisma.user.update({ where: { id: ada?.id ?? '' }, data });
    const asked: Identifier[] = [
      { kind: 'username', value: data.username },
      { kind: 'phone', value: data.phone },
      { kind: 'email', value: data.username },
      { kind: 'username', value: ada?.email ?? '' },
    ];
    const found = await Promise.all(asked.map((identifier) => find(identifier, null)));
    expect(found.map(({ user }) => user?.id)).toEqual([ada?.id, ada?.id, undefined, undefined]);
  });

  test('one that cannot be looked for fails alone', async () => {
    const { find } = counted();
    const asked = [people[0]?.email ?? '', 'no text \0', people[1]?.email ?? ''];
    const found = await Promise.allSettled(asked.map((email) => find(byEmail(email), null)));
    expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
