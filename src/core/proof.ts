/** How a client presents a one-time proof: the token of a link, or an address with the code that was mailed to it. */
import { InvalidCodeError } from '#errors.ts';
import type { Challenge } from '#generated/prisma/client.ts';
import { audit } from './audit.ts';
import { type ChallengePurpose, proveByCode, proveByToken } from './challenge.ts';
import type { Ctx } from './context.ts';
import { acceptEmailAddress } from './email-address.ts';
import { collectFieldErrors } from './field-errors.ts';

/** Either `token`, or `email` and `code`. */
export type ProofInput = {
  token?: string | null | undefined;
  email?: string | null | undefined;
  code?: string | null | undefined;
};

const FAILED = { 'verify-email': 'verify_email.failed', 'reset-password': 'reset_password.failed' } as const;

/**
 * The live challenge that the input proves; it is not yet consumed.
 * Fails with ValidationError when the input is neither form, InvalidCodeError, TooManyAttemptsError.
 */
export async function prove(ctx: Ctx, purpose: ChallengePurpose, input: ProofInput): Promise<Challenge> {
  const { token, email, code } = parseProofInput(input);
  try {
    return token !== null ? await proveByToken(ctx, purpose, token) : await proveByCode(ctx, purpose, email, code);
  } catch (error) {
    if (error instanceof InvalidCodeError) {
      const user = token !== null ? null : await ctx.db.user.findUnique({ where: { email }, select: { id: true } });
      await audit(ctx, FAILED[purpose], user?.id ?? null);
    }
    throw error;
  }
}

type ParsedProof = { token: string; email: null; code: null } | { token: null; email: string; code: string };

function parseProofInput(input: ProofInput): ParsedProof {
  const errors = collectFieldErrors();
  const hasToken = input.token != null && input.token !== '';
  if (hasToken && (input.code != null || input.email != null)) {
    errors.add('token', 'NOT_ALLOWED', 'Please give either the token, or the email address and the code.');
  }
  if (hasToken) {
    errors.throwIfAny();
    return { token: input.token ?? '', email: null, code: null };
  }
  const email = acceptEmailAddress(input.email ?? '', errors);
  const code = input.code ?? '';
  if (code === '') errors.add('code', 'REQUIRED', 'Please enter the code from the mail.');
  if (code.length > 32) errors.add('code', 'TOO_LONG', 'The code has six digits.');
  errors.throwIfAny();
  return { token: null, email, code };
}
