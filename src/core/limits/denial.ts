/** Records requests for which the viewer has no permission, so that someone who probes for access is noticed. */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { parseId } from '#core/input/uuid.ts';
import { reserve } from '#core/limits/throttle.ts';
import { TooManyAttemptsError } from '#errors/domain-errors.ts';
import { isOutage } from '#errors/outage.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';

/**
 * Keeps the code of a failure for the log line of the request. If the viewer was denied something, records an audit
 * event with the viewer and the organization that the request named. Never call it in a transaction.
 */
export async function noteFailure(ctx: Ctx, error: unknown): Promise<void> {
  ctx.trail.code ??= codeOf(error);
  if (!(error instanceof ForbiddenError) || ctx.trail.userId === null) return;
  const actorId = ctx.trail.userId;
  try {
    // Denials within the budget are recorded one by one, the rest as a single event, so that nobody can fill the disk.
    await reserve(ctx, [{ name: 'access-denied', of: actorId, subjectId: actorId }]);
  } catch (refusal) {
    if (refusal instanceof TooManyAttemptsError) return;
    throw refusal;
  }
  await audit(ctx, 'access.denied', actorId, { actorId, organizationId: parseId(ctx.organizationHeader ?? '') });
}

function codeOf(error: unknown): string {
  if (isOutage(error)) return 'SERVICE_UNAVAILABLE';
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : 'INTERNAL_SERVER_ERROR';
}
