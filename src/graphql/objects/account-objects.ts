/** Objects that several capabilities answer with. */
import { shownEmailAddress } from '#core/input/email-address.ts';
import type { Tokens } from '#core/sessions/session.ts';
import { builder } from '#graphql/builder.ts';
import { NodeInterface } from '#graphql/entities/node-interface.ts';

export const UserObject = builder.prismaObject('User', {
  interfaces: [NodeInterface],
  description:
    'A person with an account, as shown to themselves, to administrators, and to anyone who holds a code or link that was emailed to them. Members of an organization see each other as `Member`.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID that never changes; the `sub` claim of access tokens.' }),
    name: t.exposeString('name', { description: 'Display name, as the person entered it. Not unique.' }),
    email: t.exposeString('email', {
      description:
        'Email address in its canonical form: lower case, the domain in ASCII. Unique, and can be used to sign in once ' +
        'it is verified. To show it to people, use `displayEmail`.',
    }),
    displayEmail: t.string({
      description:
        'Email address to show to people: a domain such as `xn--mnchen-3ya.de` reads `münchen.de`, unless it could be ' +
        'mistaken for another. Wherever an address is asked for, both forms are accepted.',
      resolve: (user) => shownEmailAddress(user.email),
    }),
    username: t.exposeString('username', {
      nullable: true,
      description: 'Name to sign in with, in lower case. Unique; null if none was chosen.',
    }),
    phone: t.exposeString('phone', {
      nullable: true,
      description: 'Phone number in E.164 (`+4915112345678`). Unique, can be used to sign in; null if none was given.',
    }),
    role: t.exposeString('role', {
      description: 'Platform role: one of USER_ROLES in the settings of the service, for example `user` or `admin`.',
    }),
    isVerified: t.boolean({
      description:
        'Whether the person has shown that they can read email sent to `email`. Unverified accounts cannot sign in.',
      resolve: (user) => user.emailVerifiedAt !== null,
    }),
    locale: t.exposeString('locale', {
      description:
        'Language of the emails and pages for this person: `en`, `de`, `es`, `fr`, or one that the operator added.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the person registered, or an administrator created the account.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description:
        'When the profile, the password or the state of the account last changed. Signing in does not count.',
    }),
  }),
});

export const SessionObject = builder.prismaObject('Session', {
  description: 'A signed-in device. It stays signed in for as long as it keeps using its refresh token.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID; the `sid` claim of access tokens. Not a secret.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the person signed in on this device.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When tokens were last issued for it, by `login` or `refresh`; requests in between do not count.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it ends unless `refresh` is called before.',
    }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'IP address of the sign-in; null where it is not known.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'User-Agent header of the sign-in, up to 512 characters; null where there was none.',
    }),
  }),
});

export const TokensObject = builder
  .objectRef<Omit<Tokens, 'refreshToken'> & { refreshToken: string | null }>('Tokens')
  .implement({
    description: 'What a client needs to act for the person. Both tokens are secrets: keep them out of URLs and logs.',
    fields: (t) => ({
      accessToken: t.exposeString('accessToken', {
        description:
          'JWT (RFC 9068) to send as `Authorization: Bearer …`. Other services verify it with `/.well-known/jwks.json`.',
      }),
      tokenType: t.exposeString('tokenType', {
        description: 'How to send the access token: always `Bearer` (RFC 6750).',
      }),
      expiresIn: t.exposeInt('expiresIn', {
        description:
          'Lifetime of the access token in seconds, counted from now. Safer than `expiresAt` if the clock of the client may be wrong.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When the access token expires, by the clock of the service. Call `refresh` before.',
      }),
      refreshToken: t.exposeString('refreshToken', {
        nullable: true,
        description:
          'Give it to `refresh` for new tokens. Each can be used once: store the new one. Null if it is in a cookie (`TokenTransport.COOKIE`).',
      }),
      deviceToken: t.exposeString('deviceToken', {
        nullable: true,
        description:
          'After every sign-in: keep it on this device for the next `login`, so that the device is known. It is a ' +
          'secret, but signs in nowhere by itself. Null after `refresh`, and if it is in a cookie.',
      }),
      refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', {
        type: 'DateTime',
        description: 'When the person has to sign in again unless `refresh` is called before.',
      }),
    }),
  });
