import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSessionReader } from '#core/sessions/batches/session-reader.ts';
import type { Database } from '#outside/database.ts';
import { ENGINES } from '../../../support/database.ts';
import { type Latchkey, type Person, startLatchkey } from '../../../support/latchkey.ts';

describe.each(ENGINES)('the session reader on %s', (engine) => {
  let latchkey: Latchkey;
  let people: Person[];
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    people = await Promise.all(Array.from({ length: 5 }, () => latchkey.person()));
  });
  afterAll(() => latchkey.close());

  /** A reader on the database of the service, and how many ids each of its statements asked for. */
  function counted() {
    const asked: number[] = [];
    const rows: Database['rows'] = (statement, values) => {
      asked.push((values[0] as string[]).length);
      return latchkey.app.parts.database.rows(statement, values);
    };
    return { reader: createSessionReader({ database: { rows }, tracing: null }), asked };
  }

  test('gives each who asks their own session, or none, with one statement for all who ask at once', async () => {
    const { reader, asked } = counted();
    const ids = people.flatMap(({ sessionId }) => [sessionId, randomUUID(), sessionId.toUpperCase()]);
    const found = await Promise.all(ids.map((id) => reader.read(id)));
    const expected = people.flatMap(({ sessionId, id }) => [[sessionId, id], null, [sessionId, id]]);
    expect(found.map((it) => it && [it.session.id, it.user.id])).toEqual(expected);
    expect(asked).toEqual([10]);
  });

  test('reads what the query builder of Prisma reads, value by value', async () => {
    const { reader } = counted();
    const { prisma } = latchkey.app.parts.database;
    for (const { sessionId } of people) {
      const { user, ...session } = await prisma.session.findUniqueOrThrow({
        where: { id: sessionId },
        include: { user: true },
      });
      expect(await reader.read(sessionId)).toEqual({ session, user });
    }
  });

  test('answers thousands at once, a hundred with each statement', async () => {
    const { reader, asked } = counted();
    const ids = Array.from({ length: 1000 }, () => randomUUID());
    expect(new Set(await Promise.all(ids.map((id) => reader.read(id))))).toEqual(new Set([null]));
    expect(asked).toEqual(Array.from({ length: 10 }, () => 100));
  });

  test('someone who asks while a statement is under way gets what is true when they ask', async () => {
    const { reader } = counted();
    const [someone] = people;
    const sessionId = someone?.sessionId ?? '';
    const before = reader.read(sessionId);
    await new Promise(setImmediate);
    await latchkey.app.parts.database.prisma.session.update({
      where: { id: sessionId },
      data: { endedAt: new Date(), endReason: 'logout' },
    });
    const after = reader.read(sessionId);
    expect((await before)?.session.id).toBe(sessionId);
    expect((await after)?.session.endReason).toBe('logout');
  });

  test('in an outage, a statement fails for those who asked with it, and the next works', async () => {
    let fails = true;
    let sent = 0;
    const rows: Database['rows'] = (statement, values) => {
      sent += 1;
      if (fails) return Promise.reject(new Error('Connection terminated unexpectedly'));
      return latchkey.app.parts.database.rows(statement, values);
    };
    const reader = createSessionReader({ database: { rows }, tracing: null });
    const ids = people.map(({ sessionId }) => sessionId);
    const failed = await Promise.allSettled(ids.map((id) => reader.read(id)));
    expect(failed.every(({ status }) => status === 'rejected')).toBe(true);
    expect(sent).toBe(1);
    fails = false;
    const found = await Promise.all(ids.map((id) => reader.read(id)));
    expect(found.map((it) => it?.session.id)).toEqual(ids);
  });
});
