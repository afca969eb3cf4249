/** Reads the proof in an input, in each of its forms. */
import type { AuditDetails } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { acceptEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import type { Challenge } from '#generated/prisma/client.ts';
import {
  proveBoundChallengeByCode,
  proveChallengeByCode,
  proveChallengeByToken,
  proveOwnChallengeByCode,
} from './challenge-proof.ts';
import type { EmailedPurpose } from './challenge-purpose.ts';
import { pastedToken, typedCode } from './pasted-proof.ts';
import { idOfRequestToken } from './request-token.ts';

/** Either `token`, or `code` with `email` or with `requestToken`. */
export type ProofInput = {
  token?: string | null | undefined;
  email?: string | null | undefined;
  code?: string | null | undefined;
  /** Of the request for the email, if its code is bound to it. */
  requestToken?: string | null | undefined;
};

/** A code or token as it was presented. */
export type Presented = {
  /** Its canonical form, and whose it is. */
  words: readonly string[];
  prove: () => Promise<Challenge>;
  /** The account it is about, for the audit log; null if only the token would say. */
  subjectId: () => Promise<string | null>;
  details?: AuditDetails;
};

/** The token of a link, or a code with an email address or a request token. Fails with ValidationError. */
export function presentedProof(ctx: Ctx, purpose: EmailedPurpose, input: ProofInput): Presented {
  const { token, email, code, requestToken } = parseProofInput(input);
  if (token !== null) return presentedLink(ctx, purpose, token);
  if (requestToken !== null) return presentedBoundCode(ctx, purpose, requestToken, code);
  return {
    words: [email, typedCode(code)],
    prove: () => proveChallengeByCode(ctx, purpose, email, code),
    subjectId: async () => (await ctx.db.user.findUnique({ where: { email }, select: { id: true } }))?.id ?? null,
  };
}

/** A code that counts only with the token of the request for its email. */
export function presentedBoundCode(ctx: Ctx, purpose: EmailedPurpose, requestToken: string, code: string): Presented {
  return {
    words: [pastedToken(requestToken), typedCode(code)],
    prove: async () => {
      const id = idOfRequestToken(ctx, purpose, requestToken);
      if (id === null) throw new InvalidCodeError();
      return proveBoundChallengeByCode(ctx, purpose, id, code);
    },
    subjectId: async () => null,
  };
}

/** The code alone from a signed-in user, or the token of a link from anyone. */
export async function presentedOwnProof(
  ctx: Ctx,
  purpose: EmailedPurpose,
  input: Pick<ProofInput, 'token' | 'code'>,
): Promise<Presented> {
  const errors = collectFieldErrors();
  if (input.token != null && input.token !== '') {
    if (input.code != null) errors.add('token', 'NOT_ALLOWED', 'Please provide either the token or the code.');
    errors.throwIfAny();
    return presentedLink(ctx, purpose, input.token);
  }
  const code = acceptCode(input.code, errors);
  errors.throwIfAny();
  const { user, session } = await requireViewer(ctx);
  return {
    words: [session.id, typedCode(code)],
    prove: () => proveOwnChallengeByCode(ctx, purpose, user.id, code),
    subjectId: async () => user.id,
    details: { actorId: user.id, sessionId: session.id },
  };
}

/** The token of a link. */
export function presentedLink(ctx: Ctx, purpose: EmailedPurpose, token: string): Presented {
  return {
    words: [pastedToken(token)],
    prove: () => proveChallengeByToken(ctx, purpose, token),
    subjectId: async () => null,
  };
}

type ParsedProof =
  | { token: string; email: null; code: null; requestToken: null }
  | { token: null; email: string; code: string; requestToken: null }
  | { token: null; email: null; code: string; requestToken: string };

function parseProofInput(input: ProofInput): ParsedProof {
  const errors = collectFieldErrors();
  const hasToken = input.token != null && input.token !== '';
  const isBound = input.requestToken != null && input.requestToken !== '';
  if (hasToken && (input.code != null || input.email != null || isBound)) {
    errors.add('token', 'NOT_ALLOWED', 'Please provide either the token, or the email address and the code.');
  }
  if (hasToken) {
    errors.throwIfAny();
    return { token: input.token ?? '', email: null, code: null, requestToken: null };
  }
  if (isBound) {
    if (input.email != null) {
      errors.add('email', 'NOT_ALLOWED', 'Please leave out the email address: the request token stands for it.');
    }
    const code = acceptCode(input.code, errors);
    errors.throwIfAny();
    return { token: null, email: null, code, requestToken: input.requestToken ?? '' };
  }
  const email = acceptEmailAddress(input.email ?? '', errors);
  const code = acceptCode(input.code, errors);
  errors.throwIfAny();
  return { token: null, email, code, requestToken: null };
}

function acceptCode(input: string | null | undefined, errors: FieldErrors): string {
  const code = input ?? '';
  if (code === '') errors.add('code', 'REQUIRED', 'Please enter the code from the email.');
  if (code.length > 32) errors.add('code', 'TOO_LONG', 'The code has six digits.');
  return code;
}
