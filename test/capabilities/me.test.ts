import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CurrentSessionDocument, MeDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('me on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  test('is null for nobody', async () => {
    expect(await latchkey.ask(MeDocument, {})).toEqual({ me: null });
    expect(await latchkey.ask(CurrentSessionDocument, {})).toEqual({ session: null });
  });

  test('is the person behind the token, and session the session', async () => {
    const { id, email, sessionId, accessToken } = await latchkey.person();
    expect((await latchkey.ask(MeDocument, {}, { bearer: accessToken })).me).toMatchObject({
      id,
      email,
      role: 'customer',
      isVerified: true,
    });
    const { session } = await latchkey.ask(CurrentSessionDocument, {}, { bearer: accessToken });
    expect(session?.id).toBe(sessionId);
  });

  test('a role change is seen at the next request', async () => {
    const { id, accessToken } = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { role: 'admin' } });
    expect((await latchkey.ask(MeDocument, {}, { bearer: accessToken })).me?.role).toBe('admin');
  });

  test('stays when a list beside it or below it is refused', async () => {
    const { id, accessToken } = await latchkey.person();
    const query = parse(`{
      users { nodes { id } }
      me { id memberships { nodes { organization { id members { nodes { id } } } } } }
    }`);
    await latchkey.app.parts.database.prisma.membership.updateMany({ where: { userId: id }, data: { role: 'MEMBER' } });
    await latchkey.app.parts.database.prisma.organization.updateMany({
      where: { memberships: { some: { userId: id } } },
      data: { suspendedAt: new Date() },
    });
    const { data, errors } = await latchkey.send(query, {}, { bearer: accessToken });
    expect(data).toMatchObject({
      users: null,
      me: { id, memberships: { nodes: [{ organization: { members: null } }] } },
    });
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });

  test('an expired token is UNAUTHENTICATED with its reason, and the answer stays 200', async () => {
    const { accessToken } = await latchkey.person();
    latchkey.advance({ minutes: 16 });
    const { data, errors } = await latchkey.send(MeDocument, {}, { bearer: accessToken });
    expect(data).toEqual({ me: null });
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' });
  });
});
