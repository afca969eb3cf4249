import { deviceOf } from '#core/input/device.ts';
import { SessionNotFoundError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion, SecondFactorMethodEnum } from '#graphql/errors/errors.ts';
import { SessionObject, UserObject } from '#graphql/objects/account-objects.ts';
import { SessionDeviceObject } from '#graphql/objects/device-objects.ts';
import { SignInMethodEnum, signInMethodOf } from '#graphql/objects/sign-in-objects.ts';
import { endOtherSessions, endOwnSession, isCurrentSession, visibleSessions } from './sessions.ts';

const AssuranceEnum = builder.enumType('Assurance', {
  description: 'Authenticator assurance level of a session (NIST SP 800-63B-4).',
  values: {
    AAL1: { description: 'One factor: a password, or a code or link from an email.' },
    AAL2: { description: 'Two factors.' },
  },
});

builder.prismaObjectFields(SessionObject, (t) => ({
  device: t.field({
    type: SessionDeviceObject,
    access: 'holder',
    description: 'Browser and operating system, read from `userAgent`.',
    select: { userAgent: true },
    resolve: ({ userAgent }) => deviceOf(userAgent),
  }),
  isCurrent: t.boolean({
    description: 'Whether the access token of this request belongs to it. Ending it signs out the client that asks.',
    select: { id: true },
    resolve: (session, _args, ctx) => isCurrentSession(ctx, session.id),
  }),
  authenticatedAt: t.expose('authenticatedAt', {
    type: 'DateTime',
    description: 'When the person last showed who they are in it, by signing in or with `reauthenticate`.',
  }),
  assurance: t.field({
    type: AssuranceEnum,
    description: 'How strongly they showed it; the claim `acr` of its access tokens.',
    select: { secondFactorAt: true },
    resolve: ({ secondFactorAt }) => (secondFactorAt === null ? 'AAL1' : 'AAL2'),
  }),
  secondFactor: t.field({
    type: SecondFactorMethodEnum,
    nullable: true,
    description: 'Which second factor confirmed it; null if none did, for example on a trusted device.',
    select: { secondFactor: true },
    resolve: ({ secondFactor }) => (secondFactor === null ? null : secondFactor === 'totp' ? 'TOTP' : 'RECOVERY_CODE'),
  }),
  method: t.field({
    type: SignInMethodEnum,
    description: 'Whether a password or an email opened it.',
    select: { method: true },
    resolve: ({ method }) => signInMethodOf(method),
  }),
}));

builder.prismaObjectField(UserObject, 'sessions', (t) =>
  t.relatedConnection(
    'sessions',
    {
      access: 'self',
      cursor: 'id',
      nullable: true,
      description:
        'Devices on which the person is signed in, most recently used first. Empty for anyone who may not see ' +
        'them. At most 50.',
      query: async (_args, ctx) => ({
        where: await visibleSessions(ctx),
        orderBy: [{ lastUsedAt: 'desc' }, { id: 'desc' }],
      }),
    },
    { name: 'UserSessionsConnection', description: 'A page of signed-in devices, most recently used first.' },
    { name: 'UserSessionsEdge', description: 'A session and its place in the list.' },
  ),
);

const EndSessionInputObject = builder.inputType('EndSessionInput', {
  description: 'The device to sign out.',
  fields: (t) => ({
    sessionId: t.id({
      description: "From `me.sessions`. Someone else's session answers like one that does not exist.",
    }),
  }),
});

const EndSessionSuccessObject = builder.objectRef<{ endedSessionId: string }>('EndSessionSuccess').implement({
  description: 'Access tokens and refresh token of the session stop working at once.',
  fields: (t) => ({ endedSessionId: t.exposeID('endedSessionId', { description: 'The session that is over now.' }) }),
});

builder.mutationField('endSession', (t) =>
  t.field({
    access: 'viewer',
    protectsAccount: true,
    type: resultUnion('EndSessionResult', EndSessionSuccessObject, [SessionNotFoundError]),
    description: 'Signs the viewer out on one device, for example a lost one. May be the current one.',
    args: {
      input: t.arg({
        type: EndSessionInputObject,
        description: 'For example `{sessionId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => endOwnSession(ctx, input),
  }),
);

const EndOtherSessionsSuccessObject = builder
  .objectRef<{ endedSessions: number }>('EndOtherSessionsSuccess')
  .implement({
    description: 'Only the current device is still signed in.',
    fields: (t) => ({
      endedSessions: t.exposeInt('endedSessions', {
        description: 'Number of devices that were signed out; 0 if there were none.',
      }),
    }),
  });

builder.mutationField('endOtherSessions', (t) =>
  t.field({
    access: 'viewer',
    protectsAccount: true,
    type: resultUnion('EndOtherSessionsResult', EndOtherSessionsSuccessObject, []),
    description: 'Signs the viewer out on every device except the current one.',
    resolve: (_root, _args, ctx) => endOtherSessions(ctx),
  }),
);
