import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CurrentOrganizationDocument, RefreshDocument, SwitchOrganizationDocument } from '../generated/graphql.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { by, loner, refusalOf, type Tenant, tenant } from '../support/organizations.ts';

describe('access tokens for an organization', () => {
  let latchkey: Latchkey;
  let ada: Person;
  let ben: Person;
  let team: Tenant;
  let other: Tenant;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    [ada, ben] = await Promise.all([loner(latchkey), loner(latchkey)]);
    team = await tenant(latchkey, [[ada, 'ADMIN']]);
    other = await tenant(latchkey, [
      [ada, 'MEMBER'],
      [ben, 'OWNER'],
    ]);
  });
  afterAll(() => latchkey.close());

  const switchTo = (who: Person, organizationId: string, header?: string) =>
    latchkey.send(SwitchOrganizationDocument, { input: { organizationId } }, by(who, header));

  const switched = async (who: Person, organizationId: string) => {
    const answer = (await switchTo(who, organizationId)).data?.switchOrganization;
    if (answer?.__typename !== 'SwitchOrganizationSuccess') throw new Error(JSON.stringify(answer));
    return answer;
  };

  test('switchOrganization gives one with org_id and org_role, for the same session', async () => {
    const answer = await switched(ada, team.id);
    expect(answer).toMatchObject({ role: 'ADMIN', organization: { id: team.id } });
    // Not beyond the token it was asked with, which is some moments old.
    expect(900 - answer.expiresIn).toBeLessThan(30);
    const claims = decodeJwt(answer.accessToken);
    expect(claims).toMatchObject({ sub: ada.id, sid: ada.sessionId, org_id: team.id, org_role: 'ADMIN' });
    expect(decodeJwt(ada.accessToken)).not.toHaveProperty('org_id');
  });

  test('a stolen access token cannot be stretched: the new one ends no later', async () => {
    const person = await loner(latchkey);
    const mine = await tenant(latchkey, [[person, 'OWNER']]);
    latchkey.advance({ minutes: 10 });
    const answer = await switched(person, mine.id);
    expect(answer.expiresIn).toBeLessThanOrEqual(300);
    expect(decodeJwt(answer.accessToken).exp).toBe(decodeJwt(person.accessToken).exp);
  });

  test('here the header decides, whatever the token says', async () => {
    const { accessToken: bearer } = await switched(ada, team.id);
    const headers = { 'x-organization-id': other.id };
    const { currentOrganization } = await latchkey.ask(CurrentOrganizationDocument, {}, { bearer, headers });
    expect(currentOrganization).toMatchObject({ organization: { id: other.id }, role: 'MEMBER' });
    expect((await latchkey.ask(CurrentOrganizationDocument, {}, { bearer })).currentOrganization).toBeNull();
  });

  test('there is none for an organization that may not be acted in, nor for another than the header’s', async () => {
    expect(refusalOf(await switchTo(ben, team.id))).toBe('FORBIDDEN');
    expect(refusalOf(await switchTo(ben, 'nonsense'))).toBe('FORBIDDEN');
    expect(refusalOf(await switchTo(ada, team.id, other.id))).toBe('FORBIDDEN');
    const malformed = (await switchTo(ada, team.id, 'nonsense')).data?.switchOrganization;
    expect(malformed).toMatchObject({ code: 'INVALID_ORGANIZATION_HEADER' });
  });

  test('refresh with the header gives the same claims; a refused header does not spend the token', async () => {
    const person = await loner(latchkey);
    const mine = await tenant(latchkey, [[person, 'OWNER']]);
    const refresh = (refreshToken: string, header?: string) =>
      latchkey.send(
        RefreshDocument,
        { input: { refreshToken } },
        header === undefined ? {} : { headers: { 'x-organization-id': header } },
      );
    expect(refusalOf(await refresh(person.refreshToken, team.id))).toBe('FORBIDDEN');
    const malformed = (await refresh(person.refreshToken, 'nonsense')).data?.refresh;
    expect(malformed).toMatchObject({ code: 'INVALID_ORGANIZATION_HEADER' });
    const session = await latchkey.app.parts.database.prisma.session.findUnique({ where: { id: person.sessionId } });
    expect(session).toMatchObject({ generation: 1, endedAt: null });
    const first = (await refresh(person.refreshToken, mine.id)).data?.refresh;
    if (first?.__typename !== 'RefreshSuccess') throw new Error(first?.__typename);
    expect(decodeJwt(first.tokens.accessToken)).toMatchObject({ org_id: mine.id, org_role: 'OWNER' });
    const second = (await refresh(first.tokens.refreshToken ?? '')).data?.refresh;
    if (second?.__typename !== 'RefreshSuccess') throw new Error(second?.__typename);
    expect(decodeJwt(second.tokens.accessToken)).not.toHaveProperty('org_id');
  });
});
