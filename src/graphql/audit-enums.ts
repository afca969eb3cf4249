/** The closed lists of the record, as enums: from the same declarations that the code writes it by. */
import { AUDIT_EVENTS, type AuditEventName } from '#core/audit.ts';
import type { Origin } from '#core/context.ts';
import { builder } from './builder.ts';

type Value = { value: AuditEventName; description: string };

export const AuditEventNameEnum = builder.enumType('AuditEventName', {
  description: 'Everything that is recorded. Names are added over time and never renamed.',
  values: Object.fromEntries(
    Object.entries(AUDIT_EVENTS).map(([value, description]) => [
      value.toUpperCase().replaceAll('.', '_'),
      { value, description },
    ]),
  ) as Record<string, Value>,
});

export const AuditOutcomeEnum = builder.enumType('AuditOutcome', {
  description: 'How it went.',
  values: {
    SUCCESS: { description: 'It was done.' },
    FAILURE: { description: 'It was refused.' },
  } as const,
});

export const AuditOriginEnum = builder.enumType('AuditOrigin', {
  description: 'How it came about.',
  values: {
    REQUEST: { value: 'request', description: 'A request over the network.' },
    OPERATOR: { value: 'operator', description: 'A command of an operator on the machine itself.' },
    SCHEDULE: { value: 'schedule', description: 'Something the service does by the clock.' },
  } as const satisfies Record<string, { value: Origin; description: string }>,
});
