/**
 * The Vault API: register, verify with a link, sign in, refresh, and reset a password. Signing in gives two tokens, one
 * for the user and one for the team.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { confirmLogin } from '#capabilities/confirm-login/confirm-login.ts';
import { checkEmailAvailability } from '#capabilities/email-availability/email-availability.ts';
import { login } from '#capabilities/login/login.ts';
import { refreshByAccessToken } from '#capabilities/refresh/refresh.ts';
import { register } from '#capabilities/register/register.ts';
import { requestPasswordReset, resetPassword } from '#capabilities/reset-password/reset-password.ts';
import { issueVaultTokens } from '#capabilities/vault-tokens/vault-tokens.ts';
import { resendOwnVerification, verifyEmailAndSignIn } from '#capabilities/verify-email/verify-email.ts';
import { createApi, type RestApi, requireDeliberateCall } from '../api.ts';
import {
  answer,
  CHALLENGE,
  DELETION_PENDING,
  FACTOR_CODE,
  fields,
  INVALID_CODE,
  jsonBody,
  LEGACY_PASSWORD_NOTE,
  LOGIN_EXPIRED,
  SECOND_FACTOR_REQUIRED,
  text,
} from '../definitions.ts';
import {
  always,
  BEARER,
  EMAIL,
  failures,
  NOT_A_PAGE,
  PASSWORD,
  shape,
  TOKEN_REFUSED,
  TOKENS,
  VaultTokens,
} from './vault-answers.ts';
import { forgotPassword, setPassword, spellings } from './vault-password-routes.ts';

const REGISTER = createRoute({
  method: 'post',
  path: '/api/register',
  summary: 'Register, and receive an email to verify the address',
  request: {
    body: jsonBody(fields({ email: EMAIL, password: PASSWORD, name: text({ description: 'Name of the user.' }) }), {
      email: 'jane@example.com',
      password: 'your_password',
      name: 'Jane Doe',
    }),
  },
  responses: {
    200: answer('Tokens that only allow resending the email and refreshing.', VaultTokens, TOKENS),
    ...failures({
      400: ['The request is invalid.', 'name is required.'],
      409: ['The address already has an account.', 'This email address already has an account.'],
    }),
    ...always,
  },
});

const LOGIN = createRoute({
  method: 'post',
  path: '/api/login',
  summary: 'Sign in with email address and password',
  description: LEGACY_PASSWORD_NOTE,
  request: {
    body: jsonBody(fields({ email: EMAIL, password: PASSWORD }), {
      email: 'jane@example.com',
      password: 'your_password',
    }),
  },
  responses: {
    200: answer('Tokens of a new session.', VaultTokens, TOKENS),
    ...failures({
      400: ['The request is invalid.', 'password is required.'],
      401: ['The email address or password is incorrect.', 'The identifier or password is incorrect.'],
      403: [
        'The password is correct, but the account cannot be used.',
        'Please verify your email address before logging in.',
        'This account has been disabled.',
        DELETION_PENDING,
        SECOND_FACTOR_REQUIRED,
      ],
    }),
    ...always,
  },
});

const CONFIRM_LOGIN = createRoute({
  method: 'post',
  path: '/api/login/confirm',
  summary: 'Confirm a sign-in with the second factor',
  description:
    'Not in the original document: for accounts with a second factor, where signing in, also with the emailed link, answers 403 with a `challengeToken`.',
  request: {
    body: jsonBody(fields({ challengeToken: text({ description: 'From the 403.' }), code: FACTOR_CODE }), {
      challengeToken: CHALLENGE,
      code: '123456',
    }),
  },
  responses: {
    200: answer('Tokens of a new session.', VaultTokens, TOKENS),
    ...failures({
      400: ['The code is wrong or was used before.', INVALID_CODE, 'code is required.'],
      401: ['The sign-in has to start again.', LOGIN_EXPIRED],
      403: ['The account cannot be used.', 'This account has been disabled.', DELETION_PENDING],
    }),
    ...always,
  },
});

const VERIFY_EMAIL = createRoute({
  method: 'get',
  path: '/api/verify-email/{token}',
  summary: 'Verify the address with the token from the emailed link, and sign in',
  description:
    'The token can be used once. Emails do not link here, because mail scanners open every link: the client calls this endpoint with the `token` from the link. It creates the default team and the default project, and the tokens from the registration stop working. In browsers it works from scripts only.',
  request: {
    params: z.object({
      token: text({ description: 'The token from the link in the newest email.', example: 'token' }),
    }),
  },
  responses: {
    200: answer('The address is verified; tokens of a new session.', VaultTokens, TOKENS),
    ...failures({
      400: [
        'The token is wrong, expired, used or replaced by a newer one.',
        'This code or link is not valid. It may have expired, been used, or been replaced by a newer one.',
      ],
      403: [
        'The address is verified, but the account cannot be used, or has a second factor. Or nothing was done, because a browser opened this as a page, a picture or the like, or called it from a page of another origin.',
        'This account has been disabled.',
        SECOND_FACTOR_REQUIRED,
        NOT_A_PAGE,
      ],
    }),
    ...always,
  },
});

const RESEND = createRoute({
  method: 'get',
  path: '/api/resend-email-verification',
  summary: 'Send the verification email again',
  security: BEARER,
  request: {
    query: z.object({
      capcha: text({
        description: 'The response of the captcha widget. Required if a captcha provider is configured.',
      }).optional(),
    }),
  },
  responses: {
    200: answer('The email is queued; new tokens of the same session.', VaultTokens, TOKENS),
    ...failures({
      400: ['The captcha is missing or wrong.', 'Please solve the captcha.'],
      401: ['The token is missing, expired or no longer valid.', ...TOKEN_REFUSED],
    }),
    ...always,
    ...failures({
      503: [
        'The captcha provider cannot be reached; see Retry-After.',
        'The service is busy. Please try again shortly.',
      ],
    }),
  },
});

const REFRESH = createRoute({
  method: 'get',
  path: '/api/refresh',
  summary: 'Exchange the user token for new tokens while it is valid',
  security: BEARER,
  responses: {
    200: answer('New tokens of the same session.', VaultTokens, TOKENS),
    ...failures({
      401: ['The token is missing, expired or no longer valid.', ...TOKEN_REFUSED],
    }),
    ...always,
  },
});

const EXIST_EMAIL = createRoute({
  method: 'get',
  path: '/api/exist-email/{email}',
  summary: 'Check whether an address has an account; always false with ACCOUNT_DISCOVERY=conceal-everywhere',
  request: { params: z.object({ email: EMAIL }) },
  responses: {
    200: answer('Whether the address has an account.', z.boolean(), true),
    ...failures({ 400: ['The address is not valid.', 'Please enter a valid email address.'] }),
    ...always,
  },
});

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
