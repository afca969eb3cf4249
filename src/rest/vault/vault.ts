/**
 * The Vault API: register, verify with a link, sign in, refresh, and reset a password. Signing in gives two tokens, one
 * for the user and one for the team.
 */
import { confirmLogin } from '#capabilities/confirm-login/confirm-login.ts';
import { checkEmailAvailability } from '#capabilities/email-availability/email-availability.ts';
import { login } from '#capabilities/login/login.ts';
import { refreshByAccessToken } from '#capabilities/refresh/refresh.ts';
import { register } from '#capabilities/register/register.ts';
import { requestPasswordReset, resetPassword } from '#capabilities/reset-password/reset-password.ts';
import { issueVaultTokens } from '#capabilities/vault-tokens/vault-tokens.ts';
import { resendOwnVerification, verifyEmailAndSignIn } from '#capabilities/verify-email/verify-email.ts';
import { createApi, type RestApi, requireDeliberateCall } from '../api.ts';
import { NOT_A_PAGE, shape } from './vault-answers.ts';
import { forgotPassword, setPassword, spellings } from './vault-password-routes.ts';
import { EXIST_EMAIL, REGISTER, RESEND, VERIFY_EMAIL } from './vault-registration-routes.ts';
import { CONFIRM_LOGIN, LOGIN, REFRESH } from './vault-sign-in-routes.ts';

export function createVaultApi(): RestApi {
  const api = createApi({
    tag: {
      name: 'Vault API',
      description:
        'Register, verify with a link, sign in, refresh, reset a password; a token for the user and one for the team.',
    },
    mediaType: 'application/json',
    shape,
  });
  const { app } = api;
  app.use((c, next) => {
    // Even its GETs: they verify, send emails, and prolong sessions.
    c.env.ctx.trail.hasChanged = true;
    return next();
  });
  app.openapi(REGISTER, async (c) => {
    const { email, password, name } = c.req.valid('json');
    const input = { email, password, name, face: 'rest', opensSession: true } as const;
    const { user, session } = await register(c.env.ctx, input);
    if (session === null) throw new Error('A registration that opens a session gives one.');
    return c.json(await issueVaultTokens(c.env.ctx, { user, session }), 200);
  });
  app.openapi(LOGIN, async (c) => {
    const { email, password } = c.req.valid('json');
    return c.json(
      await issueVaultTokens(
        c.env.ctx,
        await login(c.env.ctx, { identifier: email, password, acceptsLegacyPassword: true }),
      ),
      200,
    );
  });
  app.openapi(CONFIRM_LOGIN, async (c) => {
    const { challengeToken, code } = c.req.valid('json');
    const signedIn = await confirmLogin(c.env.ctx, { challengeToken, either: code });
    return c.json(await issueVaultTokens(c.env.ctx, signedIn), 200);
  });
  app.openapi(VERIFY_EMAIL, async (c) => {
    requireDeliberateCall(c, NOT_A_PAGE);
    const signedIn = await verifyEmailAndSignIn(c.env.ctx, c.req.valid('param'));
    return c.json(await issueVaultTokens(c.env.ctx, signedIn), 200);
  });
  app.openapi(RESEND, async (c) => {
    const found = await resendOwnVerification(c.env.ctx, { captcha: c.req.valid('query').capcha });
    return c.json(await issueVaultTokens(c.env.ctx, found), 200);
  });
  app.openapi(REFRESH, async (c) => {
    return c.json(await issueVaultTokens(c.env.ctx, await refreshByAccessToken(c.env.ctx)), 200);
  });
  for (const path of spellings('forgot')) {
    app.openapi(forgotPassword(path), async (c) => {
      await requestPasswordReset(c.env.ctx, c.req.valid('json'));
      return c.json({ status: 'ok' } as const, 200);
    });
  }
  for (const path of spellings('reset')) {
    app.openapi(setPassword(path), async (c) => {
      await resetPassword(c.env.ctx, c.req.valid('json'));
      return c.json({ status: 'ok' } as const, 200);
    });
  }
  app.openapi(EXIST_EMAIL, async (c) => {
    const { isTaken } = await checkEmailAvailability(c.env.ctx, { email: c.req.valid('param').email, face: 'rest' });
    return c.json(isTaken, 200);
  });
  return api;
}
