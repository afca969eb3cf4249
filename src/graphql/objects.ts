/** Objects that several capabilities answer with. */
import { shownEmailAddress } from '#core/input/email-address.ts';
import type { Tokens } from '#core/sessions/session.ts';
import { builder } from './builder.ts';

export const UserObject = builder.prismaObject('User', {
  description: 'A person with an account. Shown to the person, and to whoever holds a proof that was mailed to them.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID; the `sub` of access tokens.' }),
    name: t.exposeString('name', { description: 'Name as entered by the person.' }),
    email: t.exposeString('email', { description: 'Address in its canonical form: lower-case, the domain in ASCII.' }),
    displayEmail: t.string({
      description:
        'The address to show to people: a domain such as `xn--mnchen-3ya.de` as `münchen.de`, where it can be taken for no other. Both forms are accepted wherever an address is asked for.',
      resolve: (user) => shownEmailAddress(user.email),
    }),
    username: t.exposeString('username', {
      nullable: true,
      description: 'Sign-in name, lower-case; null when none was chosen.',
    }),
    phone: t.exposeString('phone', { nullable: true, description: 'Phone number in E.164; null when none was given.' }),
    role: t.exposeString('role', { description: 'Platform role, one of the roles this service is configured with.' }),
    isVerified: t.boolean({
      description: 'Whether the email address has been proven.',
      resolve: (user) => user.emailVerifiedAt !== null,
    }),
    locale: t.exposeString('locale', { description: 'Language of emails and pages: en, de, es or fr.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the account last changed.' }),
  }),
});

export const SessionObject = builder.prismaObject('Session', {
  description: 'A sign-in that goes on: it lives as long as its refresh token is used.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID; the `sid` of access tokens.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the person signed in.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'When the session was last refreshed.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends if it is not refreshed before.' }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'Network address the person signed in from.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'Program the person signed in with, as it named itself.',
    }),
  }),
});

export const TokensObject = builder
  .objectRef<Omit<Tokens, 'refreshToken'> & { refreshToken: string | null }>('Tokens')
  .implement({
    description: 'What a client keeps to act for the person. Treat both tokens as secrets.',
    fields: (t) => ({
      accessToken: t.exposeString('accessToken', {
        description: 'JWT (RFC 9068) for the `Authorization: Bearer` header.',
      }),
      tokenType: t.exposeString('tokenType', { description: 'Always `Bearer` (RFC 6750).' }),
      expiresIn: t.exposeInt('expiresIn', {
        description: 'Seconds until the access token expires; use it when your clock may be wrong.',
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the access token expires.' }),
      refreshToken: t.exposeString('refreshToken', {
        nullable: true,
        description:
          'Exchange it with `refresh` for new tokens; every exchange gives a new one and spends this one. Null when it is in a cookie.',
      }),
      refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', {
        type: 'DateTime',
        description: 'When the session ends if it is not refreshed before.',
      }),
    }),
  });
