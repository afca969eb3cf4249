import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSessionRotator } from '#core/sessions/batches/session-rotator.ts';
import type { Database } from '#outside/database.ts';
import { ENGINES } from '../../../support/database.ts';
import { type Latchkey, startLatchkey } from '../../../support/latchkey.ts';

describe.each(ENGINES)('the session rotator on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  /** A rotator on the database of the service, and the names of the statements it has sent. */
  function counted() {
    const { parts } = latchkey.app;
    const sent: string[] = [];
    const rows: Database['rows'] = (statement, values) => {
      sent.push(statement.name);
      return parts.database.rows(statement, values);
    };
    return { ...createSessionRotator({ ...parts, database: { rows } }), sent };
  }

  /** The ids of sessions in their first generation. */
  async function sessions(count: number): Promise<string[]> {
    const people = await Promise.all(Array.from({ length: count }, () => latchkey.person()));
    return people.map(({ sessionId }) => sessionId);
  }

  const change = (id: string, data: object) =>
    latchkey.app.parts.database.prisma.session.update({ where: { id }, data });

  test('advances all that are presented at once with one statement, each by one generation', async () => {
    const { rotate, sent } = counted();
    const ids = await sessions(4);
    const rotated = await Promise.all(ids.map((id) => rotate(id.toUpperCase(), 1)));
    expect(rotated.map((it) => it && [it.session.id, it.session.generation])).toEqual(ids.map((id) => [id, 2]));
    expect(sent).toEqual(['rotate-free-sessions']);
  });

  test('of many who present one token, in one statement and in several, one advances the session', async () => {
    const { rotate } = counted();
    const [id = ''] = await sessions(1);
    const rotated = await Promise.all(Array.from({ length: 250 }, () => rotate(id, 1)));
    expect(rotated.filter((it) => it !== null).map(({ session }) => session.generation)).toEqual([2]);
    expect((await rotate(id, 2))?.session.generation).toBe(3);
  });

  test('one that may not be advanced is not, and the others are', async () => {
    const { rotate } = counted();
    const [ended = '', expired = '', kept = '', spent = '', live = ''] = await sessions(5);
    await change(ended, { endedAt: new Date(), endReason: 'logout' });
    await change(expired, { expiresAt: new Date(0) });
    await change(kept, { rotates: false });
    await change(spent, { generation: 2 });
    const rotated = await Promise.all([ended, expired, kept, spent, randomUUID(), live].map((id) => rotate(id, 1)));
    expect(rotated.map((it) => it?.session.id)).toEqual([...Array.from({ length: 5 }, () => undefined), live]);
    const rows = await latchkey.app.parts.database.prisma.session.findMany({
      where: { id: { in: [ended, expired, kept, spent] } },
      select: { generation: true },
    });
    expect(rows.map(({ generation }) => generation).sort()).toEqual([1, 1, 1, 2]);
  });

  test.runIf(engine === 'postgresql')('a session that someone else has locked holds up no other', async () => {
    const { rotate } = counted();
    const [locked = '', ...free] = await sessions(4);
    const { prisma } = latchkey.app.parts.database;
    let isAdvanced = false;
    const waiting = await prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM sessions WHERE id = ${locked}::uuid FOR UPDATE`;
      const held = rotate(locked, 1).finally(() => {
        isAdvanced = true;
      });
      const others = await Promise.all(free.map((id) => rotate(id, 1)));
      expect(others.map((it) => it?.session.generation)).toEqual([2, 2, 2]);
      expect(isAdvanced).toBe(false);
      return { held };
    });
    expect((await waiting.held)?.session.generation).toBe(2);
  });
});
