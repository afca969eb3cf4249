/** Read the audit log: `latchkey audit`. */
import { validate as isUuid } from 'uuid';
import { listAuditEvents } from '#capabilities/audit-events/audit-events.ts';
import { AUDIT_EVENTS, type AuditEventName, isAuditEventName } from '#core/audit-event-names.ts';
import { command, integerOption, JSON_OPTION, UsageError } from './command.ts';
import { withOperator } from './open.ts';
import { note, say, sayJson, tableOf } from './terminal.ts';
import { timeOf } from './time-option.ts';
import { momentOf, requireUser } from './users/user-output.ts';

export const auditCommand = command({
  name: 'audit',
  summary: 'show the audit log, newest first',
  options: {
    user: { type: 'string', value: 'USER', help: 'only events about this account: id, email, username or phone' },
    name: { type: 'string', value: 'EVENT', help: 'only events with this name' },
    since: { type: 'string', value: 'TIME', help: 'only events from then on: an ISO 8601 time, or 30m, 24h, 7d ago' },
    until: { type: 'string', value: 'TIME', help: 'only events before then' },
    limit: { type: 'string', value: 'NUMBER', help: 'maximum number of events (default 50, at most 1000)' },
    after: { type: 'string', value: 'ID', help: 'the next page: only events after this one in the list' },
    ...JSON_OPTION,
  },
  details: `
With --json: {"events": […], "next": ID or null}. Use the id for an account that has been deleted.

Events:

${Object.entries(AUDIT_EVENTS)
  .map(([name, meaning]) => `  ${name.padEnd(34)}${meaning}`)
  .join('\n')}`,
  run: async ({ terminal, options }) => {
    const limit = integerOption('limit', options.limit, 50, 1000);
    const name = options.name === undefined ? null : eventOf(options.name);
    if (options.after !== undefined && !isUuid(options.after))
      throw new UsageError('--after must be the id of an event.');
    const page = options.after === undefined ? {} : { cursor: { id: options.after }, skip: 1 };
    const found = await withOperator(terminal, async (ctx) => {
      const since = timeOf('since', options.since, ctx.clock());
      const until = timeOf('until', options.until, ctx.clock());
      const { user } = options;
      const subjectId = user === undefined ? null : isUuid(user) ? user : (await requireUser(ctx, user)).id;
      return listAuditEvents(ctx, { subjectId, name, since, until }, { ...page, take: limit + 1 });
    });
    const events = found.slice(0, limit);
    const next = found.length > limit ? (events.at(-1)?.id ?? null) : null;
    if (options.json) {
      sayJson(terminal, { events, next });
      return 0;
    }
    const rows = events.map((event) => [
      momentOf(event.occurredAt),
      event.name,
      event.outcome,
      event.subjectId,
      event.actorId ?? (event.origin === 'request' ? null : event.origin),
      event.ipAddress,
    ]);
    say(
      terminal,
      rows.length === 0 ? 'No matching events.' : tableOf(['TIME', 'EVENT', 'OUTCOME', 'ACCOUNT', 'BY', 'FROM'], rows),
    );
    if (next !== null) note(terminal, `More results: --after ${next}`);
    return 0;
  },
});

function eventOf(name: string): AuditEventName {
  if (isAuditEventName(name)) return name;
  throw new UsageError(`There is no event \`${name}\`. See \`latchkey audit --help\` for the list.`);
}
