/**
 * What use cases get when an operator runs a command on the machine itself. Whoever can do that has the database and
 * the secret, so there is nothing left to ask them for; only `cli.ts` may build this.
 */
import { randomUUID } from 'node:crypto';
import type { Ctx, Parts } from '#core/context.ts';

/** One for each command; the record shows `operator` as its origin, and no address. */
export function operatorContext(parts: Parts): Ctx {
  const requestId = randomUUID();
  return {
    ...parts,
    origin: 'operator',
    db: parts.database.prisma,
    caller: { requestId, traceId: requestId.slice(19).replace('-', ''), ipAddress: null, userAgent: null },
    bearerToken: null,
    viewer: async () => null,
    afterCommit: (action) => action(),
  };
}
