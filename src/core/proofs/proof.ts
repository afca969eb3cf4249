/** The proof that a client presents: the token of the link, or the email address and the code that was sent to it. */
import { type AuditDetails, type AuditEventName, audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { acceptEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { InvalidCodeError } from '#errors.ts';
import type { Challenge } from '#generated/prisma/client.ts';
import {
  type ChallengePurpose,
  proveChallengeByCode,
  proveChallengeByToken,
  proveOwnChallengeByCode,
} from './challenge.ts';

/** Either `token`, or `email` and `code`. */
export type ProofInput = {
  token?: string | null | undefined;
  email?: string | null | undefined;
  code?: string | null | undefined;
};

const FAILED = {
  'verify-email': 'verify_email.failed',
  'reset-password': 'reset_password.failed',
  'change-email': 'change_email.failed',
  'undo-email-change': 'change_email.failed',
  'undo-account-deletion': 'delete_account.failed',
} as const satisfies Record<ChallengePurpose, AuditEventName>;

/**
 * The live challenge that the input belongs to; it is not consumed yet.
 * Fails with ValidationError if the input has neither form, InvalidCodeError, and TooManyAttemptsError.
 */
export async function checkProof(ctx: Ctx, purpose: ChallengePurpose, input: ProofInput): Promise<Challenge> {
  const { token, email, code } = parseProofInput(input);
  if (token !== null) return checkLinkProof(ctx, purpose, token);
  return recordingFailure(
    ctx,
    purpose,
    () => proveChallengeByCode(ctx, purpose, email, code),
    async () => {
      return (await ctx.db.user.findUnique({ where: { email }, select: { id: true } }))?.id ?? null;
    },
  );
}

/** Like `checkProof`, but accepts only the token of a link. Fails with InvalidCodeError. */
export function checkLinkProof(ctx: Ctx, purpose: ChallengePurpose, token: string): Promise<Challenge> {
  return recordingFailure(
    ctx,
    purpose,
    () => proveChallengeByToken(ctx, purpose, token),
    async () => null,
  );
}

/**
 * Like `checkProof`, for the viewer's own account: accepts the code alone from a signed-in user, or the token of the
 * link from anyone. Fails like `checkProof`, and with UnauthenticatedError.
 */
export async function checkOwnProof(
  ctx: Ctx,
  purpose: ChallengePurpose,
  input: Pick<ProofInput, 'token' | 'code'>,
): Promise<Challenge> {
  const errors = collectFieldErrors();
  if (input.token != null && input.token !== '') {
    if (input.code != null) errors.add('token', 'NOT_ALLOWED', 'Please provide either the token or the code.');
    errors.throwIfAny();
    return checkLinkProof(ctx, purpose, input.token);
  }
  const code = acceptCode(input.code, errors);
  errors.throwIfAny();
  const { user, session } = await requireViewer(ctx);
  return recordingFailure(
    ctx,
    purpose,
    () => proveOwnChallengeByCode(ctx, purpose, user.id, code),
    async () => user.id,
    { actorId: user.id, sessionId: session.id },
  );
}

async function recordingFailure(
  ctx: Ctx,
  purpose: ChallengePurpose,
  proof: () => Promise<Challenge>,
  subjectId: () => Promise<string | null>,
  details: AuditDetails = {},
): Promise<Challenge> {
  try {
    return await proof();
  } catch (error) {
    if (error instanceof InvalidCodeError) await audit(ctx, FAILED[purpose], await subjectId(), details);
    throw error;
  }
}

type ParsedProof = { token: string; email: null; code: null } | { token: null; email: string; code: string };

function parseProofInput(input: ProofInput): ParsedProof {
  const errors = collectFieldErrors();
  const hasToken = input.token != null && input.token !== '';
  if (hasToken && (input.code != null || input.email != null)) {
    errors.add('token', 'NOT_ALLOWED', 'Please provide either the token, or the email address and the code.');
  }
  if (hasToken) {
    errors.throwIfAny();
    return { token: input.token ?? '', email: null, code: null };
  }
  const email = acceptEmailAddress(input.email ?? '', errors);
  const code = acceptCode(input.code, errors);
  errors.throwIfAny();
  return { token: null, email, code };
}

function acceptCode(input: string | null | undefined, errors: FieldErrors): string {
  const code = input ?? '';
  if (code === '') errors.add('code', 'REQUIRED', 'Please enter the code from the email.');
  if (code.length > 32) errors.add('code', 'TOO_LONG', 'The code has six digits.');
  return code;
}
