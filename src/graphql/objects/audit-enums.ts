/** The closed lists of the audit log, as enums: from the same declarations that the code writes it by. */
import { AUDIT_EVENTS, type AuditEventName, isAuditEventName, OTHER_EVENT } from '#core/audit-event-names.ts';
import type { Origin } from '#core/context.ts';
import { builder } from '#graphql/builder.ts';

type Value = { value: AuditEventName | typeof OTHER_EVENT; description: string };

export const AuditEventNameEnum = builder.enumType('AuditEventName', {
  description: 'Kinds of events in the audit log. Kinds are added over time and never renamed.',
  values: {
    ...Object.fromEntries(
      Object.entries(AUDIT_EVENTS).map(([value, description]) => [
        value.toUpperCase().replaceAll('.', '_'),
        { value, description },
      ]),
    ),
    OTHER: {
      value: OTHER_EVENT,
      description: 'An event of a newer version of the service, which this one cannot name.',
    },
  } as Record<string, Value>,
});

/** The value of the enum for the name in a row. */
export function auditEventValue(name: string): Value['value'] {
  return isAuditEventName(name) ? name : OTHER_EVENT;
}

export const AuditOutcomeEnum = builder.enumType('AuditOutcome', {
  description: 'Whether something was carried out.',
  values: {
    SUCCESS: { description: 'It was carried out.' },
    FAILURE: { description: 'It was refused, and nothing changed.' },
  } as const,
});

export const AuditOriginEnum = builder.enumType('AuditOrigin', {
  description: 'Who or what caused an event.',
  values: {
    REQUEST: { value: 'request', description: 'A client, over HTTP.' },
    OPERATOR: { value: 'operator', description: 'A command that an operator ran on the server.' },
    SCHEDULE: { value: 'schedule', description: 'The service itself, on a schedule.' },
  } as const satisfies Record<string, { value: Origin; description: string }>,
});
