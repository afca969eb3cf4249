import type { AuditEventName } from '#core/audit.ts';
import { AuditEventNameEnum, AuditOriginEnum, AuditOutcomeEnum } from '#graphql/audit-enums.ts';
import { builder } from '#graphql/builder.ts';
import { UserObject } from '#graphql/objects.ts';
import { findPersonNamed, listAuditEvents, listAuditEventsOf } from './audit-events.ts';

const AuditEventObject = builder.prismaObject('AuditEvent', {
  description: 'Something that happened. The record only grows and holds no password, code, token or session id.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID.' }),
    name: t.field({
      type: AuditEventNameEnum,
      description: 'What happened.',
      resolve: (event) => event.name as AuditEventName,
    }),
    outcome: t.field({
      type: AuditOutcomeEnum,
      description: 'Whether it was done or refused.',
      resolve: (event) => event.outcome as 'SUCCESS' | 'FAILURE',
    }),
    origin: t.field({
      type: AuditOriginEnum,
      description: 'How it came about.',
      resolve: (event) => event.origin as 'request' | 'operator' | 'schedule',
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When.' }),
    subjectId: t.exposeID('subjectId', {
      nullable: true,
      description: 'Id of the account it concerns; null for an identifier nobody has.',
    }),
    subject: t.field({
      type: UserObject,
      nullable: true,
      access: 'self',
      description: 'The account it concerns. Null for others.',
      resolve: (event, _args, ctx) => findPersonNamed(ctx, event.subjectId),
    }),
    actorId: t.exposeID('actorId', {
      nullable: true,
      description: 'Id of who did it; null for somebody not signed in, an operator or the service itself.',
    }),
    actor: t.field({
      type: UserObject,
      nullable: true,
      access: 'self',
      description: 'Who did it. Null for others.',
      resolve: (event, _args, ctx) => findPersonNamed(ctx, event.actorId),
    }),
    organizationId: t.exposeID('organizationId', {
      nullable: true,
      description: 'Id of the organization that was acted in; null for none.',
    }),
    sessionRef: t.exposeString('sessionRef', {
      nullable: true,
      description:
        'Tells sessions apart: the same for all events of one session. No id and no secret; shown as the address is.',
    }),
    ipAddress: t.exposeString('ipAddress', {
      nullable: true,
      description: 'Network address it came from; of what somebody else did only shown to administrators.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'Program it came from, as it named itself; shown as the address is.',
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
      description: 'What concerns this account, newest first. For others UNAUTHENTICATED or FORBIDDEN.',
      args: {
        name: t.arg({ type: AuditEventNameEnum, required: false, description: 'Only events of this name.' }),
        since: t.arg({ type: 'DateTime', required: false, description: 'Only from then on.' }),
        until: t.arg({ type: 'DateTime', required: false, description: 'Only before then.' }),
      },
      resolve: ({ take, skip, cursor }, user, { name, since, until }, ctx) =>
        listAuditEventsOf(ctx, user, { name, since, until }, { take, skip, ...(cursor && { cursor }) }),
    },
    { name: 'UserAuditEventsConnection', description: 'One page of what happened to an account.' },
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
      description: 'Everything that happened, newest first.',
      args: {
        subjectId: t.arg.id({ required: false, description: 'Only what concerns this account.' }),
        actorId: t.arg.id({ required: false, description: 'Only what this person did.' }),
        organizationId: t.arg.id({ required: false, description: 'Only what happened in this organization.' }),
        name: t.arg({ type: AuditEventNameEnum, required: false, description: 'Only events of this name.' }),
        since: t.arg({ type: 'DateTime', required: false, description: 'Only from then on.' }),
        until: t.arg({ type: 'DateTime', required: false, description: 'Only before then.' }),
      },
      resolve: ({ take, skip, cursor }, _root, { subjectId, actorId, organizationId, name, since, until }, ctx) =>
        listAuditEvents(
          ctx,
          { subjectId, actorId, organizationId, name, since, until },
          { take, skip, ...(cursor && { cursor }) },
        ),
    },
    { name: 'AuditEventsConnection', description: 'One page of the record.' },
    { name: 'AuditEventsEdge', description: 'An event and its place in the list.' },
  ),
);
