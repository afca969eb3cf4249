/** Requests for what the viewer has no right to: recorded, so that somebody who tries doors is seen. */

import { ForbiddenError, TooManyAttemptsError } from '#errors.ts';
import { audit } from './audit.ts';
import type { Ctx } from './context.ts';
import { parseId } from './input/uuid.ts';
import { reserve } from './limits/throttle.ts';

/** Recorded one by one; what comes on top is one event, so that nobody fills the disk. */
const DENIALS = { name: 'access-denied', limit: 20, windowSeconds: 3600, refusal: 'access.throttled' } as const;

/**
 * Keeps the code of a failure for the log line of the request. When the viewer was denied something, an audit event
 * names who asked, and the organization that the request named. Never call it in a transaction.
 */
export async function noteFailure(ctx: Ctx, error: unknown): Promise<void> {
  ctx.trail.code ??= codeOf(error);
  if (!(error instanceof ForbiddenError) || ctx.trail.userId === null) return;
  const actorId = ctx.trail.userId;
  try {
    await reserve(ctx, [{ rule: DENIALS, of: actorId, subjectId: actorId }]);
  } catch (refusal) {
    if (refusal instanceof TooManyAttemptsError) return;
    throw refusal;
  }
  await audit(ctx, 'access.denied', actorId, { actorId, organizationId: parseId(ctx.organizationHeader ?? '') });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : 'INTERNAL_SERVER_ERROR';
}
