/** The proof that a client presents: the token of the link, or the email address and the code that was sent to it. */
import { type AuditDetails, audit } from '#core/audit.ts';
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import { acceptEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import { networkOf } from '#core/limits/network.ts';
import { type Budget, noteExhausted, takeOne } from '#core/limits/throttle.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import type { Challenge } from '#generated/prisma/client.ts';
import {
  type ChallengePurpose,
  consumeChallenge,
  proveBoundChallengeByCode,
  proveChallengeByCode,
  proveChallengeByToken,
  proveOwnChallengeByCode,
} from './challenge.ts';
import { pastedToken, typedCode } from './pasted-proof.ts';
import { answerRepeatedly, type ProofRequest, type Subject } from './repetition.ts';
import { idOfRequestToken } from './request-token.ts';

/** Either `token`, or `code` with `email` or with `requestToken`. */
export type ProofInput = {
  token?: string | null | undefined;
  email?: string | null | undefined;
  code?: string | null | undefined;
  /** Of the request for the email, if its code is bound to it. */
  requestToken?: string | null | undefined;
};

/** What comes in an email, as a code or in a link. */
export type EmailedPurpose = Exclude<ChallengePurpose, 'second-factor'>;

const FAILED = {
  'verify-email': 'verify_email.failed',
  'reset-password': 'reset_password.failed',
  'change-email': 'change_email.failed',
  'undo-email-change': 'change_email.failed',
  'undo-account-deletion': 'delete_account.failed',
  'undo-security-change': 'undo_security_change.failed',
  'reset-second-factors': 'second_factor_reset.failed',
  'sign-in-with-email': 'login_with_email.failed',
} as const satisfies Record<EmailedPurpose, AuditEventName>;

/** What a proof is used for. The same code or token may serve several operations; one of them uses it up. */
export type ProofUse = { purpose: EmailedPurpose; operation: ProofRequest['operation'] };

/** A proof that was presented and is not used up yet. */
export type ValidProof = {
  challenge: Challenge;
  /** Uses it up, as `consumeChallenge` does. Call it first in a transaction. */
  consume: (tx: Ctx) => Promise<void>;
};

export type ProofAnswers<T> = {
  first: (proof: ValidProof) => Promise<T>;
  /** The answer to the same request again (repetition.ts). */
  again: (subject: Subject) => Promise<T | null>;
};

/**
 * Answers the token of a link, or an email address with a code.
 * Fails with ValidationError if the input has neither form, InvalidCodeError, and TooManyAttemptsError.
 */
export function answerProof<T>(ctx: Ctx, use: ProofUse, input: ProofInput, answers: ProofAnswers<T>): Promise<T> {
  return answerPresented(ctx, use, presentedProof(ctx, use.purpose, input), answers);
}

/** Like `answerProof`, but accepts only the token of a link. Fails with InvalidCodeError. */
export function answerLinkProof<T>(ctx: Ctx, use: ProofUse, token: string, answers: ProofAnswers<T>): Promise<T> {
  return answerPresented(ctx, use, presentedLink(ctx, use.purpose, token), answers);
}

/**
 * Like `answerProof`, for the viewer's own account: accepts the code alone from a signed-in user, or the token of the
 * link from anyone. Fails like `answerProof`, and with UnauthenticatedError.
 */
export async function answerOwnProof<T>(
  ctx: Ctx,
  use: ProofUse,
  input: Pick<ProofInput, 'token' | 'code'>,
  answers: ProofAnswers<T>,
): Promise<T> {
  const errors = collectFieldErrors();
  if (input.token != null && input.token !== '') {
    if (input.code != null) errors.add('token', 'NOT_ALLOWED', 'Please provide either the token or the code.');
    errors.throwIfAny();
    return answerLinkProof(ctx, use, input.token, answers);
  }
  const code = acceptCode(input.code, errors);
  errors.throwIfAny();
  const { user, session } = await requireViewer(ctx);
  const presented = {
    words: [session.id, typedCode(code)],
    prove: () => proveOwnChallengeByCode(ctx, use.purpose, user.id, code),
    subjectId: async () => user.id,
    details: { actorId: user.id, sessionId: session.id },
  };
  return answerPresented(ctx, use, presented, answers);
}

/** Uses up a proof for an operation that is never repeated. Fails like `answerProof`. */
export async function useProofOnce<T>(
  ctx: Ctx,
  purpose: EmailedPurpose,
  input: ProofInput,
  work: (proof: ValidProof) => Promise<T>,
): Promise<T> {
  return usingOnce(ctx, purpose, presentedProof(ctx, purpose, input), work);
}

/** Like `useProofOnce`, for the code of a sign-in, with the token of the request that asked for it. */
export async function useSignInCode<T>(
  ctx: Ctx,
  { requestToken, code }: { requestToken: string; code: string },
  work: (proof: ValidProof) => Promise<T>,
): Promise<T> {
  const purpose = 'sign-in-with-email';
  return usingOnce(ctx, purpose, presentedBoundCode(ctx, purpose, requestToken, code), work);
}

function usingOnce<T>(
  ctx: Ctx,
  purpose: EmailedPurpose,
  presented: Presented,
  work: (proof: ValidProof) => Promise<T>,
): Promise<T> {
  return recordingFailure(ctx, purpose, presented, async () => {
    const challenge = await presented.prove();
    return work({ challenge, consume: (tx) => consumeChallenge(tx, challenge) });
  });
}

/** A code or token as it was presented. */
type Presented = {
  /** Its canonical form, and whose it is. */
  words: readonly string[];
  prove: () => Promise<Challenge>;
  /** The account it is about, for the audit log; null if only the token would say. */
  subjectId: () => Promise<string | null>;
  details?: AuditDetails;
};

function answerPresented<T>(
  ctx: Ctx,
  { purpose, operation }: ProofUse,
  presented: Presented,
  { first, again }: ProofAnswers<T>,
): Promise<T> {
  const request = { operation, presented: presented.words };
  return recordingFailure(ctx, purpose, presented, () =>
    answerRepeatedly(ctx, request, {
      again,
      first: async (remember) => {
        const challenge = await presented.prove();
        const consume = async (tx: Ctx) => {
          await consumeChallenge(tx, challenge);
          await remember(tx, { id: challenge.userId, address: challenge.address });
        };
        return first({ challenge, consume });
      },
    }),
  );
}

async function recordingFailure<T>(
  ctx: Ctx,
  purpose: EmailedPurpose,
  { subjectId, details = {} }: Pick<Presented, 'subjectId' | 'details'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidCodeError && (await mayRecordWrongProof(ctx))) {
      await audit(ctx, FAILED[purpose], await subjectId(), details);
    }
    throw error;
  }
}

/** Someone who tries link tokens, or codes of many addresses, gets the same answer without filling the audit log. */
export async function mayRecordWrongProof(ctx: Ctx): Promise<boolean> {
  const budget: Budget = { name: 'wrong-proof', of: networkOf(ctx.caller.ipAddress) };
  if (await takeOne(ctx, budget)) return true;
  await noteExhausted(ctx, budget);
  return false;
}

function presentedProof(ctx: Ctx, purpose: EmailedPurpose, input: ProofInput): Presented {
  const { token, email, code, requestToken } = parseProofInput(input);
  if (token !== null) return presentedLink(ctx, purpose, token);
  if (requestToken !== null) return presentedBoundCode(ctx, purpose, requestToken, code);
  return {
    words: [email, typedCode(code)],
    prove: () => proveChallengeByCode(ctx, purpose, email, code),
    subjectId: async () => (await ctx.db.user.findUnique({ where: { email }, select: { id: true } }))?.id ?? null,
  };
}

function presentedBoundCode(ctx: Ctx, purpose: EmailedPurpose, requestToken: string, code: string): Presented {
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

function presentedLink(ctx: Ctx, purpose: EmailedPurpose, token: string): Presented {
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
