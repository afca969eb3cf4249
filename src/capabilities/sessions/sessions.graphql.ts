import { type Device, deviceOf } from '#core/sessions/device.ts';
import { SessionNotFoundError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { SessionObject, UserObject } from '#graphql/objects.ts';
import { endOtherSessions, endOwnSession, isCurrentSession, visibleSessions } from './sessions.ts';

const DeviceKindEnum = builder.enumType('DeviceKind', {
  description: 'What kind of device a session is used on.',
  values: {
    DESKTOP: { description: 'A computer.' },
    MOBILE: { description: 'A phone.' },
    TABLET: { description: 'A tablet.' },
    TV: { description: 'A television.' },
    BOT: { description: 'A program that names itself as one.' },
    UNKNOWN: { description: 'The user agent does not tell, as that of most apps and command line tools.' },
  },
});

const SessionDeviceObject = builder.objectRef<Device>('SessionDevice').implement({
  description: 'What the user agent says of a device. It can say anything: good for recognising, not for trusting.',
  fields: (t) => ({
    browser: t.exposeString('browser', { nullable: true, description: 'Such as `Firefox`; null when unknown.' }),
    operatingSystem: t.exposeString('operatingSystem', {
      nullable: true,
      description: 'Such as `Windows` or `iOS`; null when unknown.',
    }),
    kind: t.expose('kind', { type: DeviceKindEnum, description: 'What kind of device it is.' }),
  }),
});

const SignInMethodEnum = builder.enumType('SignInMethod', {
  description: 'How a person proved who they are when a session was opened.',
  values: {
    PASSWORD: { description: 'With the password of the account.' },
    EMAIL: { description: 'With a code or link that was mailed to them.' },
  },
});

builder.prismaObjectFields(SessionObject, (t) => ({
  device: t.field({
    type: SessionDeviceObject,
    access: 'holder',
    description: 'What the person signed in with, read from the user agent.',
    select: { userAgent: true },
    resolve: ({ userAgent }) => deviceOf(userAgent),
  }),
  isCurrent: t.boolean({
    description: 'Whether this is the session of the access token this was asked with.',
    select: { id: true },
    resolve: (session, _args, ctx) => isCurrentSession(ctx, session.id),
  }),
  method: t.field({
    type: SignInMethodEnum,
    description: 'How the person signed in.',
    select: { method: true },
    resolve: ({ method }) => (method === 'password' ? 'PASSWORD' : 'EMAIL'),
  }),
}));

builder.prismaObjectField(UserObject, 'sessions', (t) =>
  t.relatedConnection(
    'sessions',
    {
      access: 'self',
      cursor: 'id',
      nullable: true,
      description: 'Where the person is signed in, the session used last first. Empty for others.',
      query: async (_args, ctx) => ({
        where: await visibleSessions(ctx),
        orderBy: [{ lastUsedAt: 'desc' }, { id: 'desc' }],
      }),
    },
    { name: 'UserSessionsConnection', description: 'One page of the sessions of a person.' },
    { name: 'UserSessionsEdge', description: 'A session and its place in the list.' },
  ),
);

const EndSessionInputObject = builder.inputType('EndSessionInput', {
  description: 'Which session to end.',
  fields: (t) => ({ sessionId: t.id({ description: 'A live session of the viewer.' }) }),
});

const EndSessionSuccessObject = builder.objectRef<{ endedSessionId: string }>('EndSessionSuccess').implement({
  description: 'The session has ended: its tokens stop working here at once.',
  fields: (t) => ({ endedSessionId: t.exposeID('endedSessionId', { description: 'The session that ended.' }) }),
});

builder.mutationField('endSession', (t) =>
  t.field({
    access: 'viewer',
    type: resultUnion('EndSessionResult', EndSessionSuccessObject, [SessionNotFoundError]),
    description: 'Ends one session of the viewer, on whatever device; it may be the current one.',
    args: { input: t.arg({ type: EndSessionInputObject, description: 'Which session to end.' }) },
    resolve: (_root, { input }, ctx) => endOwnSession(ctx, input),
  }),
);

const EndOtherSessionsSuccessObject = builder
  .objectRef<{ endedSessions: number }>('EndOtherSessionsSuccess')
  .implement({
    description: 'Signed out everywhere else.',
    fields: (t) => ({ endedSessions: t.exposeInt('endedSessions', { description: 'How many sessions ended.' }) }),
  });

builder.mutationField('endOtherSessions', (t) =>
  t.field({
    access: 'viewer',
    type: resultUnion('EndOtherSessionsResult', EndOtherSessionsSuccessObject, []),
    description: 'Ends every session of the viewer but the current one.',
    resolve: (_root, _args, ctx) => endOtherSessions(ctx),
  }),
);
