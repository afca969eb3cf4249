import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, MySecurityDocument, SecurityOfUserDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { protectedPerson } from '../support/second-factor.ts';

describe('me.security', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

  test('shows how a person signs in, to themselves and to administrators, and no secret', async () => {
    const [ada, admin] = [await protectedPerson(latchkey), await latchkey.person()];
    const { me } = await latchkey.ask(MySecurityDocument, {}, { bearer: ada.accessToken });
    expect(me?.security).toMatchObject({ hasPassword: true, hasSecondFactor: true, recoveryCodesLeft: 10 });
    expect(JSON.stringify(me)).not.toContain(ada.secret);
    const { prisma } = latchkey.app.parts.database;
    await prisma.user.update({ where: { id: admin.id }, data: { role: 'admin' } });
    const { user } = await latchkey.ask(SecurityOfUserDocument, { id: ada.id }, { bearer: admin.accessToken });
    expect(user?.security).toMatchObject({ totpFactors: [{ id: ada.factorId, name: 'Phone' }] });
  });

  test('is refused for the account of someone else', async () => {
    const [ada, bob] = [await latchkey.person(), await latchkey.person()];
    const { prisma } = latchkey.app.parts.database;
    await prisma.user.update({ where: { id: ada.id }, data: { role: 'admin' } });
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: bob.email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const bearer = login.tokens.accessToken;
    const { data, errors } = await latchkey.send(SecurityOfUserDocument, { id: ada.id }, { bearer });
    expect(data?.user ?? null).toBeNull();
    expect(errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  });
});
