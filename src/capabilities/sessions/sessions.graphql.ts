import { type Device, deviceOf } from '#core/sessions/device.ts';
import { SessionNotFoundError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { SessionObject, UserObject } from '#graphql/objects.ts';
import { endOtherSessions, endOwnSession, isCurrentSession, visibleSessions } from './sessions.ts';

const DeviceKindEnum = builder.enumType('DeviceKind', {
  description: 'Form factor of a device, as far as its user agent tells.',
  values: {
    DESKTOP: { description: 'A desktop or laptop computer.' },
    MOBILE: { description: 'A phone, in a browser or an app.' },
    TABLET: { description: 'A larger touch device, such as an iPad.' },
    TV: { description: 'A television set or streaming box.' },
    BOT: { description: 'A program that identifies itself as automated.' },
    UNKNOWN: { description: 'The user agent does not tell; most apps and command-line tools are of this kind.' },
  },
});

const SessionDeviceObject = builder.objectRef<Device>('SessionDevice').implement({
  description:
    'What the User-Agent header of the sign-in says. Clients can send anything: use it to help people ' +
    'recognize a device, never to decide.',
  fields: (t) => ({
    browser: t.exposeString('browser', { nullable: true, description: 'For example `Firefox`; null if unknown.' }),
    operatingSystem: t.exposeString('operatingSystem', {
      nullable: true,
      description: 'For example `Windows` or `iOS`; null if unknown.',
    }),
    kind: t.expose('kind', { type: DeviceKindEnum, description: 'Good for picking an icon.' }),
  }),
});

const SignInMethodEnum = builder.enumType('SignInMethod', {
  description: 'How the person showed who they are when the session began.',
  values: {
    PASSWORD: { description: 'They entered the password of the account.' },
    EMAIL: { description: 'They used a code or link from an email.' },
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
  method: t.field({
    type: SignInMethodEnum,
    description: 'Whether a password or an email opened it.',
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
    type: resultUnion('EndOtherSessionsResult', EndOtherSessionsSuccessObject, []),
    description: 'Signs the viewer out on every device except the current one.',
    resolve: (_root, _args, ctx) => endOtherSessions(ctx),
  }),
);
