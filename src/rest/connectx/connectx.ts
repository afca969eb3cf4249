/** The ConnectX API: register, verify with a one-time password, sign in, and refresh with a reusable refresh token. */
import { createRoute, z } from '@hono/zod-openapi';
import { confirmLogin } from '#capabilities/confirm-login/confirm-login.ts';
import { login } from '#capabilities/login/login.ts';
import { refresh } from '#capabilities/refresh/refresh.ts';
import { register } from '#capabilities/register/register.ts';
import { resendVerification, verifyEmail } from '#capabilities/verify-email/verify-email.ts';
import { createApi, type RestApi } from '../api.ts';
import {
  answer,
  CHALLENGE,
  DELETION_PENDING,
  FACTOR_CODE,
  failure,
  fields,
  jsonBody,
  LEGACY_PASSWORD_NOTE,
  LOGIN_EXPIRED,
  SECOND_FACTOR_REQUIRED,
  text,
} from '../definitions.ts';
import { always, ConnectxError, ConnectxUser, failures, JOHN, JWT, shape, userOf } from './connectx-answers.ts';

const EMAIL = text({ description: 'Email address.', example: 'john@example.com' });

const REGISTER = createRoute({
  method: 'post',
  path: '/api/users/',
  summary: 'Register, and receive a one-time password by email',
  description:
    'Remove `tenant` from the example to try it: it takes an organization that is open for registration. Without it, verifying the address creates a team.',
  request: {
    body: jsonBody(
      fields({
        name: text({ description: 'Name of the user.' }),
        email: EMAIL,
        password: text({ description: 'At least 8 characters, and not a commonly used password.' }),
        role: text({
          description: 'One of SELF_ASSIGNABLE_ROLES. Defaults to the first role of USER_ROLES.',
        }).nullish(),
        tenant: text({ description: 'An organization that is open for registration.', format: 'uuid' }).nullish(),
      }),
      {
        name: 'John Doe',
        email: 'john@example.com',
        password: 'secure_password',
        role: 'customer',
        tenant: JOHN.tenant,
      },
    ),
  },
  responses: {
    201: answer('The account, whose address is not verified yet.', ConnectxUser, {
      ...JOHN,
      is_verified: false,
    }),
    ...failures({
      400: [
        'The address has an account (hidden with ACCOUNT_DISCOVERY=conceal-everywhere), or a field is invalid.',
        'Email already exists',
        'This role cannot be chosen at registration.',
        'This organization is not open for registration.',
      ],
    }),
    ...always,
  },
});

const LOGIN = createRoute({
  method: 'post',
  path: '/api/auth/login/',
  summary: 'Sign in with email address and password',
  description: LEGACY_PASSWORD_NOTE,
  request: {
    body: jsonBody(fields({ email: EMAIL, password: text({ description: 'Password.' }) }), {
      email: 'user@example.com',
      password: 'your_password',
    }),
  },
  responses: {
    200: answer(
      'Access token, refresh token and the user.',
      fields({ access: z.string(), refresh: z.string(), user: ConnectxUser }),
      { access: JWT, refresh: JWT, user: JOHN },
    ),
    ...failures({
      400: ['The request is invalid.', 'password is required.'],
      401: ['The email address or password is incorrect.', 'Invalid credentials'],
    }),
    403: failure('The password is correct, but the account cannot be used.', ConnectxError, {
      unverified: { error: 'Please verify your email address before logging in.', email: 'user@example.com' },
      disabled: { error: 'This account has been disabled.' },
      'scheduled for deletion': { error: DELETION_PENDING },
      'second factor': { error: SECOND_FACTOR_REQUIRED, challenge: CHALLENGE, methods: ['totp', 'recovery_code'] },
    }),
    ...always,
  },
});

const CONFIRM_LOGIN = createRoute({
  method: 'post',
  path: '/api/auth/login/confirm/',
  summary: 'Confirm a login with the second factor',
  description: 'Not in the original document: for accounts with a second factor, whose login answers 403.',
  request: {
    body: jsonBody(fields({ challenge: text({ description: 'From the 403 of the login.' }), code: FACTOR_CODE }), {
      challenge: CHALLENGE,
      code: '123456',
    }),
  },
  responses: {
    200: answer(
      'Access token, refresh token and the user.',
      fields({ access: z.string(), refresh: z.string(), user: ConnectxUser }),
      { access: JWT, refresh: JWT, user: JOHN },
    ),
    ...failures({
      400: ['The code is wrong or was used before.', 'Invalid OTP', 'code is required.'],
      401: ['The login has to start again.', LOGIN_EXPIRED],
      403: ['The account cannot be used.', 'This account has been disabled.', DELETION_PENDING],
    }),
    ...always,
  },
});

const VERIFY_EMAIL = createRoute({
  method: 'post',
  path: '/api/auth/verify-email/',
  summary: 'Verify the email address with the one-time password sent to it',
  request: {
    body: jsonBody(fields({ email: EMAIL, otp: text({ description: 'The six digits from the newest email.' }) }), {
      email: 'john@example.com',
      otp: '123456',
    }),
  },
  responses: {
    200: answer('The address is verified.', fields({ message: z.string() }), {
      message: 'Email verified successfully',
    }),
    ...failures({
      400: [
        'The one-time password is wrong, expired or used, or the request is invalid.',
        'Invalid OTP',
        'otp is required.',
      ],
    }),
    ...always,
  },
});

const RESEND_VERIFICATION = createRoute({
  method: 'post',
  path: '/api/auth/resend-verification/',
  summary: 'Send a new one-time password',
  request: { body: jsonBody(fields({ email: EMAIL }), { email: 'john@example.com' }) },
  responses: {
    200: answer(
      'If the address belongs to an unverified account, an email is on its way. The answer is the same for every address.',
      fields({ message: z.string() }),
      { message: 'Verification email sent successfully' },
    ),
    ...failures({ 400: ['The request is invalid.', 'email is required.'] }),
    ...always,
  },
});

const REFRESH = createRoute({
  method: 'post',
  path: '/api/auth/refresh/',
  summary: 'Get a new access token; the refresh token stays valid',
  request: { body: jsonBody(fields({ refresh: text({ description: 'The refresh token.' }) }), { refresh: JWT }) },
  responses: {
    200: answer('A new access token.', fields({ access: z.string() }), { access: JWT }),
    ...failures({
      400: ['The request is invalid.', 'refresh is required.'],
      401: [
        'The session has ended, or the token was not issued by this service.',
        'This session has ended. Please sign in again.',
      ],
    }),
    ...always,
  },
});

export function createConnectxApi(): RestApi {
  const api = createApi({
    tag: { name: 'ConnectX', description: 'Register, verify with a one-time password, sign in, refresh.' },
    mediaType: 'application/json',
    shape,
  });
  api.app.openapi(REGISTER, async (c) => {
    const { tenant, ...input } = c.req.valid('json');
    const { user } = await register(c.env.ctx, { ...input, organizationId: tenant, face: 'rest' });
    return c.json(userOf(user), 201);
  });
  api.app.openapi(LOGIN, async (c) => {
    const { email, password } = c.req.valid('json');
    const { tokens, user } = await login(c.env.ctx, {
      identifier: email,
      password,
      acceptsLegacyPassword: true,
      rotates: false,
    });
    return c.json({ access: tokens.accessToken, refresh: tokens.refreshToken, user: userOf(user) }, 200);
  });
  api.app.openapi(CONFIRM_LOGIN, async (c) => {
    const { challenge, code } = c.req.valid('json');
    const input = { challengeToken: challenge, either: code, rotates: false };
    const { tokens, user } = await confirmLogin(c.env.ctx, input);
    return c.json({ access: tokens.accessToken, refresh: tokens.refreshToken, user: userOf(user) }, 200);
  });
  api.app.openapi(VERIFY_EMAIL, async (c) => {
    const { email, otp } = c.req.valid('json');
    await verifyEmail(c.env.ctx, { email, code: otp });
    return c.json({ message: 'Email verified successfully' }, 200);
  });
  api.app.openapi(RESEND_VERIFICATION, async (c) => {
    await resendVerification(c.env.ctx, c.req.valid('json'));
    return c.json({ message: 'Verification email sent successfully' }, 200);
  });
  api.app.openapi(REFRESH, async (c) => {
    const { refresh: refreshToken } = c.req.valid('json');
    const { tokens } = await refresh(c.env.ctx, { refreshToken, keepsToken: true, ignoresOrganization: true });
    return c.json({ access: tokens.accessToken }, 200);
  });
  return api;
}
