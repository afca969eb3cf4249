/**
 * Set up an authenticator app as the second factor, and remove one.
 *
 * Setting up takes two steps, so that nobody locks themselves out with an app that did not take the secret. The first
 * app of an account brings ten recovery codes, which are shown once. Every other session ends unless the person says
 * otherwise, trusted devices end, and this session has verified a second factor from then on. The owner gets an email
 * with a link that undoes the change. An account can have five apps. Both need a strong proof: once there is a factor,
 * only someone who has it adds or removes one. A double click on the confirmation gets the same answer, with the
 * recovery codes, for five minutes.
 * Fails with: ReauthenticationRequiredError, LimitReachedError, InvalidCodeError, LoginExpiredError for a setup that
 * has expired or is of someone else, TooManyAttemptsError, ValidationError; UnauthenticatedError.
 */
import { renderSVG } from 'uqr';
import { serviceNameOf } from '#config/brand/brand-settings.ts';
import { audit, auditBy } from '#core/audit.ts';
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import { shownEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { acceptName } from '#core/input/name.ts';
import { parseId } from '#core/input/uuid.ts';
import { giveBack, reserve } from '#core/limits/throttle.ts';
import { typedCode } from '#core/proofs/pasted-proof.ts';
import { answerRepeatedly, type Subject } from '#core/proofs/repetition.ts';
import { seal } from '#core/sealed-text.ts';
import { removeLegacyPasswords } from '#core/second-factors/legacy-password.ts';
import { findRecoveryCodes, removeRecoveryCodes, replaceRecoveryCodes } from '#core/second-factors/recovery-code.ts';
import { noteSecondFactor } from '#core/second-factors/second-factor-methods.ts';
import { recordSecurityChange } from '#core/second-factors/security-change.ts';
import { otpauthUri } from '#core/second-factors/totp.ts';
import { beginTotpSetup, confirmedStep, openTotpSetup, type TotpSetup } from '#core/second-factors/totp-setup.ts';
import { endTrustedDevices } from '#core/second-factors/trusted-device.ts';
import { requireStrongSignIn } from '#core/sessions/recent-sign-in.ts';
import { endSessions } from '#core/sessions/session.ts';
import { findRaisedSession, type RaisedSession, raiseSession, shownTokens } from '#core/sessions/session-proof.ts';
import { holdViewer, requireViewer } from '#core/sessions/viewer.ts';
import { SECOND_FACTOR_AMR } from '#core/tokens/authentication-claims.ts';
import { InvalidCodeError, LimitReachedError } from '#errors/domain-errors.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import { INVALID_FACTOR, LoginExpiredError } from '#errors/second-factor-errors.ts';
import type { TotpFactor, User } from '#generated/prisma/client.ts';

export type StartTotpSetupSuccess = {
  setupToken: string;
  secret: string;
  otpauthUri: string;
  qrCode: string;
  expiresAt: Date;
};
export type ConfirmTotpSetupInput = {
  setupToken: string;
  code: string;
  name: string;
  endOtherSessions: boolean;
  /** The current one of a client that does not keep it in a cookie, to exchange it. */
  refreshToken?: string | null | undefined;
};
export type ConfirmTotpSetupSuccess = RaisedSession & {
  factor: TotpFactor;
  /** Null unless this is the first factor of the account. */
  recoveryCodes: string[] | null;
  endedSessions: number;
};
export type RemoveTotpSuccess = { factorId: string; user: User };

const MAX_FACTORS = 5;

export async function startTotpSetup(ctx: Ctx): Promise<StartTotpSetupSuccess> {
  const viewer = await requireStrongSignIn(ctx);
  await requireRoom(ctx, viewer.user.id);
  const { secret, expiresAt, setupToken } = await beginTotpSetup(ctx, viewer);
  const issuer = serviceNameOf(ctx.config);
  const uri = otpauthUri(secret, { issuer, label: shownEmailAddress(viewer.user.email) });
  const svg = Buffer.from(renderSVG(uri, { pixelSize: 1 })).toString('base64');
  return { setupToken, secret, otpauthUri: uri, qrCode: `data:image/svg+xml;base64,${svg}`, expiresAt };
}

export async function confirmTotpSetup(ctx: Ctx, input: ConfirmTotpSetupInput): Promise<ConfirmTotpSetupSuccess> {
  const errors = collectFieldErrors();
  const name = acceptName(input.name, errors);
  if (input.code === '') errors.add('code', 'REQUIRED', 'Please enter the code that your app shows.');
  if (input.code.length > 32) errors.add('code', 'TOO_LONG', 'The code has six digits.');
  errors.throwIfAny();
  const viewer = await requireViewer(ctx);
  const setup = await openTotpSetup(ctx, viewer, input.setupToken);
  if (setup === null) {
    await requireStrongSignIn(ctx);
    throw new LoginExpiredError();
  }
  const presented = [viewer.session.id, setup.id, typedCode(input.code)];
  return answerRepeatedly(
    ctx,
    { operation: 'confirm-totp-setup', presented },
    {
      first: (remember) => addFactor(ctx, { ...input, name }, setup, remember),
      again: ({ id }) => findAddedFactor(ctx, viewer, input, { ...setup, id }),
    },
  );
}

type Remember = (tx: Ctx, subject: Subject) => Promise<void>;

async function addFactor(
  ctx: Ctx,
  input: ConfirmTotpSetupInput,
  setup: TotpSetup,
  remember: Remember,
): Promise<ConfirmTotpSetupSuccess> {
  const viewer = await requireStrongSignIn(ctx);
  const shown = await shownTokens(ctx, viewer, input);
  const confirmed = await checkCode(ctx, viewer, setup, input.code);
  const secretJwe = await seal(setup.secret, ctx.secrets.totpEncryption);
  return inTransaction(ctx, async (tx) => {
    const user = await holdViewer(tx, viewer);
    // The same setup a second time.
    if ((await tx.db.totpFactor.count({ where: { id: setup.id } })) > 0) throw new LoginExpiredError();
    await requireRoom(tx, user.id);
    const createdAt = tx.clock();
    const factor = await tx.db.totpFactor.create({
      data: {
        id: setup.id,
        userId: user.id,
        name: input.name,
        secretJwe,
        drift: confirmed.drift,
        lastStep: BigInt(confirmed.step),
        createdAt,
        lastUsedAt: createdAt,
      },
    });
    await remember(tx, { id: factor.id, address: user.email });
    await noteSecondFactor(tx, user.id);
    const recoveryCodes = user.hasSecondFactor ? null : await replaceRecoveryCodes(tx, user.id, setup.recoverySeed);
    await endTrustedDevices(tx, user.id);
    const { session } = viewer;
    const endedSessions = input.endOtherSessions ? await endSessions(tx, user.id, 'factors_changed', session.id) : 0;
    const raised = await raiseSession(tx, viewer, { amr: SECOND_FACTOR_AMR, secondFactor: 'totp' }, shown);
    await recordSecurityChange(tx, user, 'totp_added', { at: createdAt, objectId: setup.id });
    await auditBy(tx, viewer, 'setup_totp.completed');
    return { ...raised, factor, recoveryCodes, endedSessions };
  });
}

/** For a double click or a lost response: the recovery codes must not be lost with it. */
async function findAddedFactor(
  ctx: Ctx,
  viewer: Viewer,
  input: ConfirmTotpSetupInput,
  { id, recoverySeed }: TotpSetup,
): Promise<ConfirmTotpSetupSuccess | null> {
  const { user } = viewer;
  const factor = await ctx.db.totpFactor.findUnique({ where: { id, userId: user.id, removedAt: null } });
  if (factor === null) return null;
  const shown = await shownTokens(ctx, viewer, input);
  const proof = { amr: SECOND_FACTOR_AMR, at: factor.createdAt };
  const raised = await findRaisedSession(ctx, viewer, proof, shown);
  const recoveryCodes = await findRecoveryCodes(ctx, user.id, recoverySeed);
  return raised && { ...raised, factor, recoveryCodes, endedSessions: 0 };
}

/**
 * One that was removed already counts as removed. Also fails with ForbiddenError for a factor that is unknown or of
 * someone else.
 */
export async function removeTotp(ctx: Ctx, input: { factorId: string }): Promise<RemoveTotpSuccess> {
  const viewer = await requireStrongSignIn(ctx);
  const id = parseId(input.factorId);
  if (id === null) throw new ForbiddenError();
  return inTransaction(ctx, async (tx) => {
    const user = await holdViewer(tx, viewer);
    const own = { id, userId: user.id };
    if ((await tx.db.totpFactor.count({ where: own })) === 0) throw new ForbiddenError();
    const at = tx.clock();
    const { count } = await tx.db.totpFactor.updateMany({
      where: { ...own, removedAt: null },
      data: { removedAt: at },
    });
    if (count === 0) return { factorId: id, user };
    if (!(await noteSecondFactor(tx, user.id))) {
      await removeRecoveryCodes(tx, user.id);
      await removeLegacyPasswords(tx, user.id);
    }
    await endTrustedDevices(tx, user.id);
    await recordSecurityChange(tx, user, 'totp_removed', { at, objectId: id });
    await auditBy(tx, viewer, 'remove_totp.completed');
    return { factorId: id, user: await tx.db.user.findUniqueOrThrow({ where: { id: user.id } }) };
  });
}

async function requireRoom(ctx: Ctx, userId: string): Promise<void> {
  const factors = await ctx.db.totpFactor.count({ where: { userId, removedAt: null } });
  if (factors >= MAX_FACTORS) throw new LimitReachedError(MAX_FACTORS);
}

/** Counts the code before it is compared; a right one is not a guess. */
async function checkCode(ctx: Ctx, { user, session }: Viewer, setup: TotpSetup, code: string) {
  const budgets = [{ name: 'totp-setup' as const, of: user.id, subjectId: user.id }];
  await reserve(ctx, budgets);
  const confirmed = confirmedStep(ctx, setup, code);
  if (confirmed === null) {
    await audit(ctx, 'setup_totp.failed', user.id, { actorId: user.id, sessionId: session.id });
    throw new InvalidCodeError(INVALID_FACTOR.totp);
  }
  await giveBack(ctx, budgets);
  return confirmed;
}
