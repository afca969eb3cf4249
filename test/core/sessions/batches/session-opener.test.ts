import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPEN, OPEN_FREE } from '#core/sessions/batches/open-statements.ts';
import { createSessionOpener, type NewSession } from '#core/sessions/batches/session-opener.ts';
import type { User } from '#generated/prisma/client.ts';
import type { Database } from '#outside/database.ts';
import { ENGINES } from '../../../support/database.ts';
import { type Latchkey, startLatchkey } from '../../../support/latchkey.ts';

describe.each(ENGINES)('the session opener on %s', (engine) => {
  let latchkey: Latchkey;
  let prisma: Database['prisma'];
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    ({ prisma } = latchkey.app.parts.database);
  });
  afterAll(() => latchkey.close());

  /** An opener on the database of the service, and the names of the statements it has sent. */
  function counted() {
    const { database } = latchkey.app.parts;
    const sent: string[] = [];
    const query: Database['query'] = (statement, values) => {
      sent.push(statement.name);
      return database.query(statement, values);
    };
    const statements = { open: OPEN, openFree: OPEN_FREE };
    return { ...createSessionOpener({ database: { query }, tracing: null, statements }), sent };
  }

  async function users(count: number): Promise<User[]> {
    const people = await Promise.all(Array.from({ length: count }, () => latchkey.person()));
    return Promise.all(people.map(({ id }) => prisma.user.findUniqueOrThrow({ where: { id } })));
  }

  function sessionOf(user: User, more: Partial<NewSession> = {}): NewSession {
    const now = latchkey.app.parts.clock();
    return {
      session_id: uuid(),
      user_id: user.id,
      password_hash: user.passwordHash,
      opened_at: now,
      expires_at: new Date(now.getTime() + 1000),
      absolute_expires_at: new Date(now.getTime() + 2000),
      ip_address: '203.0.113.7',
      user_agent: `agent of "${user.email}", \\ and 'more'`,
      request_id: `request of ${user.id}`,
      method: 'password',
      rotates: true,
      amr: 'pwd',
      second_factor: null,
      device_id: null,
      is_admitted: false,
      presented_id: null,
      presented_generation: 0,
      known_since: new Date(0),
      new_device_id: uuid(),
      completed_id: uuid(),
      limited_id: uuid(),
      session_ref: `ref ${user.id.slice(-8)}`,
      ...more,
    };
  }

  test('opens all that are asked for at once with one statement, each with what is its own', async () => {
    const { open, sent } = counted();
    const asked = (await users(4)).map((user) => sessionOf(user));
    const opened = await Promise.all(asked.map(open));
    expect(sent).toEqual(['open-free-sessions']);
    for (const [at, session] of asked.entries()) {
      const { session_id: id, user_id: userId, new_device_id: deviceId } = session;
      expect(opened[at]).toEqual({ sessionId: id, ended: 0, deviceId, deviceGeneration: 1 });
      expect(await prisma.session.findUniqueOrThrow({ where: { id } })).toMatchObject({
        userId,
        createdAt: session.opened_at,
        expiresAt: session.expires_at,
        absoluteExpiresAt: session.absolute_expires_at,
        ipAddress: session.ip_address,
        userAgent: session.user_agent,
        method: 'password',
        amr: ['pwd'],
        rotates: true,
        secondFactor: null,
        secondFactorAt: null,
        knownDeviceId: deviceId,
      });
      const device = await prisma.device.findUniqueOrThrow({ where: { id: deviceId ?? '' } });
      expect(device).toMatchObject({ userId, generation: 1, userAgent: session.user_agent });
      const event = await prisma.auditEvent.findFirstOrThrow({ where: { id: session.completed_id ?? '' } });
      expect(event).toMatchObject({
        name: 'login.completed',
        subjectId: userId,
        sessionRef: session.session_ref,
        requestId: session.request_id,
        userAgent: session.user_agent,
      });
    }
  });

  test('each presents a device of its own: a known one is renewed, that of someone else is not', async () => {
    const { open } = counted();
    const [ada, bob, eve] = await users(3);
    if (!ada || !bob || !eve) throw new Error('Nobody is there.');
    const first = await Promise.all([ada, bob].map((user) => open(sessionOf(user))));
    const presents = (of: number) => ({ presented_id: first[of]?.deviceId ?? null, presented_generation: 1 });
    const stolen = sessionOf(eve, presents(0));
    const again = await Promise.all([sessionOf(ada, presents(0)), sessionOf(bob, presents(1)), stolen].map(open));
    expect(again.map((it) => [it?.deviceId, it?.deviceGeneration])).toEqual([
      [first[0]?.deviceId, 2],
      [first[1]?.deviceId, 2],
      [stolen.new_device_id, 1],
    ]);
  });

  test('one that may not sign in does not, and the others do', async () => {
    const { open } = counted();
    const [changed, disabled, leaving, guarded, suspended, admitted, fine] = await users(7);
    if (!changed || !disabled || !leaving || !guarded || !suspended || !admitted || !fine) throw new Error('Nobody.');
    const change = (user: User, data: object) => prisma.user.update({ where: { id: user.id }, data });
    await change(changed, { passwordHash: 'another' });
    await change(disabled, { disabledAt: new Date() });
    await change(leaving, { deletesAt: new Date() });
    await change(guarded, { hasSecondFactor: true });
    await change(suspended, { passwordSuspendedAt: new Date() });
    await change(admitted, { hasSecondFactor: true });
    const asked = [
      ...[changed, disabled, leaving, guarded, suspended].map((user) => sessionOf(user)),
      sessionOf(admitted, { is_admitted: true, second_factor: 'totp' }),
      sessionOf(fine),
    ];
    const opened = await Promise.all(asked.map(open));
    const ids = asked.map(({ session_id: id }) => id);
    expect(opened.map((it) => it?.sessionId)).toEqual([...Array.from({ length: 5 }, () => undefined), ...ids.slice(5)]);
    const rows = await prisma.session.findMany({ where: { id: { in: ids } }, select: { id: true } });
    expect(rows.map(({ id }) => id).sort()).toEqual(ids.slice(5).sort());
  });

  test('of one account, however many at once, 50 sessions remain, and its device is renewed by each', async () => {
    const { open } = counted();
    const [user] = await users(1);
    if (!user) throw new Error('Nobody is there.');
    const known = await open(sessionOf(user));
    const presented = { presented_id: known?.deviceId ?? null, presented_generation: 1 };
    const later = { expires_at: new Date(Date.now() + 1e9), absolute_expires_at: new Date(Date.now() + 1e9) };
    const opened = await Promise.all(
      Array.from({ length: 60 }, () => open(sessionOf(user, { ...presented, ...later }))),
    );
    expect(opened.every((it) => it !== null)).toBe(true);
    // A token counts while it is the newest or the one before.
    expect(opened.filter((it) => it?.deviceId === known?.deviceId).length).toBeGreaterThan(0);
    expect(await prisma.session.count({ where: { userId: user.id, endedAt: null } })).toBe(50);
  });

  test('a session that cannot be written fails alone', async () => {
    const { open } = counted();
    const [ada, bob, eve] = await users(3);
    if (!ada || !bob || !eve) throw new Error('Nobody is there.');
    const existing = await open(sessionOf(ada));
    const twice = sessionOf(bob, { session_id: existing?.sessionId ?? '' });
    const [failed, fine] = await Promise.allSettled([open(twice), open(sessionOf(eve))]);
    expect([failed?.status, fine?.status]).toEqual(['rejected', 'fulfilled']);
  });

  test.runIf(engine === 'postgresql')('an account that someone else has locked holds up no other', async () => {
    const { open } = counted();
    const [locked, ...free] = await users(4);
    if (!locked) throw new Error('Nobody is there.');
    let isOpened = false;
    const waiting = await prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${locked.id}::uuid FOR UPDATE`;
      const held = open(sessionOf(locked)).finally(() => {
        isOpened = true;
      });
      const others = await Promise.all(free.map((user) => open(sessionOf(user))));
      expect(others.every((it) => it !== null)).toBe(true);
      expect(isOpened).toBe(false);
      // What happens meanwhile counts: the password is another one now.
      await tx.user.update({ where: { id: locked.id }, data: { passwordHash: 'another' } });
      return { held };
    });
    expect(await waiting.held).toBeNull();
  });
});
