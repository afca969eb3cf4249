import { builder } from '#graphql/builder.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import {
  AuditEventNameEnum,
  AuditOriginEnum,
  AuditOutcomeEnum,
  auditEventValue,
} from '#graphql/objects/audit-enums.ts';
import { SignInMethodEnum, signInMethodOf } from '#graphql/objects/sign-in-objects.ts';
import { findPersonNamed, listAuditEvents, listAuditEventsOf } from './audit-events.ts';

const AuditEventObject = builder.prismaObject('AuditEvent', {
  description:
    'Something that happened, as recorded in the audit log. Events are never changed, and hold no password, ' +
    'code, token or session id.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID of version 7, which sorts by time.' }),
    name: t.field({
      type: AuditEventNameEnum,
      description: 'The kind of event, for example LOGIN_COMPLETED.',
      resolve: (event) => auditEventValue(event.name),
    }),
    outcome: t.field({
      type: AuditOutcomeEnum,
      description: 'Whether it was carried out or refused.',
      resolve: (event) => event.outcome as 'SUCCESS' | 'FAILURE',
    }),
    origin: t.field({
      type: AuditOriginEnum,
      description: 'Whether a request, an operator or the service itself caused it.',
      resolve: (event) => event.origin as 'request' | 'operator' | 'schedule',
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'By the clock of the service.' }),
    subjectId: t.exposeID('subjectId', {
      nullable: true,
      description: 'The account it is about; null for an identifier that no account has.',
    }),
    subject: t.field({
      type: UserObject,
      nullable: true,
      access: 'self',
      description: 'The account it is about; null for anyone who may not see it, and if it no longer exists.',
      resolve: (event, _args, ctx) => findPersonNamed(ctx, event.subjectId),
    }),
    actorId: t.exposeID('actorId', {
      nullable: true,
      description:
        'The account that caused it; null for someone who was not signed in, an operator or the service itself.',
    }),
    actor: t.field({
      type: UserObject,
      nullable: true,
      access: 'self',
      description: 'The account that caused it; null for anyone who may not see it, and if it no longer exists.',
      resolve: (event, _args, ctx) => findPersonNamed(ctx, event.actorId),
    }),
    organizationId: t.exposeID('organizationId', {
      nullable: true,
      description: 'Where it happened; null for events outside organizations.',
    }),
    method: t.field({
      type: SignInMethodEnum,
      nullable: true,
      description: 'The first factor of a sign-in (LOGIN_COMPLETED); null for other events.',
      resolve: ({ method }) => (method === null ? null : signInMethodOf(method)),
    }),
    amr: t.exposeStringList('amr', {
      description: 'Everything that was verified in that sign-in, as in the claim `amr` of its access token.',
    }),
    sessionRef: t.exposeString('sessionRef', {
      nullable: true,
      description:
        'The same for all events of one session, and different for others; not the id of the session. Visible ' +
        'like `ipAddress`.',
    }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'Where the request came from. If someone else caused the event, only administrators can see it.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'User-Agent header of the request. Visible like `ipAddress`.',
    }),
  }),
});

builder.prismaObjectField(UserObject, 'auditEvents', (t) =>
  t.prismaConnection(
    {
      type: AuditEventObject,
      access: 'self',
      cursor: 'id',
      nullable: true,
      description: 'What happened to the account, newest first. For others UNAUTHENTICATED or FORBIDDEN.',
      args: {
        name: t.arg({
          type: AuditEventNameEnum,
          required: false,
          description: 'Only this kind, for example LOGIN_FAILED.',
        }),
        since: t.arg({ type: 'DateTime', required: false, description: 'Only events at or after this moment.' }),
        until: t.arg({ type: 'DateTime', required: false, description: 'Only events before this moment.' }),
      },
      resolve: ({ take, skip, cursor }, user, { name, since, until }, ctx) =>
        listAuditEventsOf(ctx, user, { name, since, until }, { take, skip, ...(cursor && { cursor }) }),
    },
    { name: 'UserAuditEventsConnection', description: 'A page of what happened to an account, newest first.' },
    { name: 'UserAuditEventsEdge', description: 'An event and its place in the list.' },
  ),
);

builder.queryField('auditEvents', (t) =>
  t.prismaConnection(
    {
      type: AuditEventObject,
      access: 'admin',
      cursor: 'id',
      nullable: true,
      description: 'The audit log of the service, newest first: every event that matches all of the given filters.',
      args: {
        subjectId: t.arg.id({ required: false, description: 'Only events about this account.' }),
        actorId: t.arg.id({ required: false, description: 'Only events that this account caused.' }),
        organizationId: t.arg.id({
          required: false,
          description: 'Only what happened within this organization, to anyone.',
        }),
        name: t.arg({
          type: AuditEventNameEnum,
          required: false,
          description: 'Only this kind, for example LOGIN_FAILED.',
        }),
        since: t.arg({ type: 'DateTime', required: false, description: 'Only events at or after this moment.' }),
        until: t.arg({ type: 'DateTime', required: false, description: 'Only events before this moment.' }),
      },
      resolve: ({ take, skip, cursor }, _root, { subjectId, actorId, organizationId, name, since, until }, ctx) =>
        listAuditEvents(
          ctx,
          { subjectId, actorId, organizationId, name, since, until },
          { take, skip, ...(cursor && { cursor }) },
        ),
    },
    { name: 'AuditEventsConnection', description: 'A page of the audit log, newest first.' },
    { name: 'AuditEventsEdge', description: 'An event and its place in the list.' },
  ),
);
