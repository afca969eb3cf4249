/** The Vault API: register, verify by link, log in, refresh, and get back in, all with a token for the person and one for the team. */
import { createRoute, z } from '@hono/zod-openapi';
import { checkEmailAvailability } from '#capabilities/email-availability/email-availability.ts';
import { login } from '#capabilities/login/login.ts';
import { refreshByAccessToken } from '#capabilities/refresh/refresh.ts';
import { register } from '#capabilities/register/register.ts';
import { requestPasswordReset, resetPassword } from '#capabilities/reset-password/reset-password.ts';
import { issueVaultTokens } from '#capabilities/vault-tokens/vault-tokens.ts';
import { resendOwnVerification, verifyEmailAndSignIn } from '#capabilities/verify-email/verify-email.ts';
import { createApi, type RestApi, type Shape } from './api.ts';
import { answer, DELETION_PENDING, failuresOf, fields, jsonBody, text } from './definitions.ts';

/** The document shows no failure: this is what clients of such an API know from elsewhere. */
const VaultError = fields({
  statusCode: z.int().openapi({ description: 'The HTTP status.' }),
  message: z.string().openapi({ description: 'What went wrong; safe to show.' }),
  error: z.string().openapi({ description: 'The name of the status.' }),
}).openapi('VaultError');

const STATUS_NAMES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const bodyOf = (message: string, statusCode: number) => ({
  statusCode,
  message,
  error: STATUS_NAMES[statusCode] ?? 'Error',
});

const shape: Shape = (failure) => {
  const status = failure.code === 'EMAIL_TAKEN' ? 409 : failure.status;
  return { status, body: bodyOf(failure.message, status) };
};

const { failures, always } = failuresOf(VaultError, bodyOf);

const EMAIL = text({ description: 'E-mail address.', example: 'jane@example.com' });
const PASSWORD = text({ description: 'Password.' });
const BEARER = [{ bearer: [] }];

const VaultTokens = fields({
  userToken: z.string().openapi({
    description:
      'JWT for the person, good for an hour. Before the address is verified it opens nothing but resending and refreshing.',
  }),
  vaultToken: z.string().openapi({
    description:
      'JWT for the team of the person: audience `vault`, claims `org_id`, `project_id`, `role`; none of them before there is a team.',
  }),
}).openapi('VaultTokens');
const TOKENS = { userToken: 'userToken', vaultToken: 'teamToken' };
const Done = fields({ status: z.literal('ok') }).openapi('VaultDone');

const TOKEN_REFUSED = ['Please log in.', 'The access token has expired.'] as const;

const REGISTER = createRoute({
  method: 'post',
  path: '/api/register',
  summary: 'Register; a mail to confirm the address is on its way',
  request: {
    body: jsonBody(fields({ email: EMAIL, password: PASSWORD, name: text({ description: 'Name of the person.' }) }), {
      email: 'jane@example.com',
      password: 'your_password',
      name: 'Jane Doe',
    }),
  },
  responses: {
    200: answer('Tokens that are good for resending the mail and for refreshing.', VaultTokens, TOKENS),
    ...failures({
      400: ['The request cannot be used.', 'name is required.'],
      409: ['The address has an account.', 'This email address already has an account.'],
    }),
    ...always,
  },
});

const LOGIN = createRoute({
  method: 'post',
  path: '/api/login',
  summary: 'Log in with e-mail address and password',
  request: {
    body: jsonBody(fields({ email: EMAIL, password: PASSWORD }), {
      email: 'jane@example.com',
      password: 'your_password',
    }),
  },
  responses: {
    200: answer('Tokens of a new session.', VaultTokens, TOKENS),
    ...failures({
      400: ['The request cannot be used.', 'password is required.'],
      401: ['Unknown address or wrong password.', 'Identifier or password is wrong.'],
      403: [
        'The password is right, but the account may not be used.',
        'Please verify your email address before logging in.',
        'This account has been disabled.',
        DELETION_PENDING,
      ],
    }),
    ...always,
  },
});

const VERIFY_EMAIL = createRoute({
  method: 'get',
  path: '/api/verify-email/{token}',
  summary: 'Verify the address with the token of the mailed link, and log in',
  description:
    'Uses the token up. Mails never link here, for their scanners open every link: a client calls it with the `token` of the link. From now on there are a default team and a default project, and the tokens of the registration are worth nothing.',
  request: { params: z.object({ token: text({ description: 'The token of the newest mail.', example: 'token' }) }) },
  responses: {
    200: answer('The address is verified; tokens of a new session.', VaultTokens, TOKENS),
    ...failures({
      400: [
        'Wrong, expired, used or replaced.',
        'This code or link is not valid. It may have expired, been used or been replaced by a newer one.',
      ],
      403: ['The address is verified, but the account may not be used.', 'This account has been disabled.'],
    }),
    ...always,
  },
});

const RESEND = createRoute({
  method: 'get',
  path: '/api/resend-email-verification',
  summary: 'Mail the confirmation again',
  security: BEARER,
  request: {
    query: z.object({
      capcha: text({
        description: 'Answer of the captcha widget; needed where a captcha provider is configured.',
      }).optional(),
    }),
  },
  responses: {
    200: answer('The mail is queued; new tokens of the same session.', VaultTokens, TOKENS),
    ...failures({
      400: ['The captcha is missing or wrong.', 'Please solve the captcha.'],
      401: ['The token is missing, expired or worth nothing any more.', ...TOKEN_REFUSED],
    }),
    ...always,
    ...failures({
      503: [
        'The captcha provider is out of reach; Retry-After says when.',
        'The service is busy. Please try again shortly.',
      ],
    }),
  },
});

const REFRESH = createRoute({
  method: 'get',
  path: '/api/refresh',
  summary: 'Get new tokens while the user token lives',
  security: BEARER,
  responses: {
    200: answer('New tokens of the same session.', VaultTokens, TOKENS),
    ...failures({
      401: ['The token is missing, expired or worth nothing any more.', ...TOKEN_REFUSED],
    }),
    ...always,
  },
});

/** As documented, and as it is spelt. */
const spellings = (verb: 'forgot' | 'reset') => [`/api/${verb}-passsword`, `/api/${verb}-password`] as const;

const forgotPassword = (path: string) =>
  createRoute({
    method: 'post',
    path,
    summary: 'Mail a link to set a new password',
    request: { body: jsonBody(fields({ email: EMAIL }), { email: 'jane@example.com' }) },
    responses: {
      200: answer('If the address has an account, a mail is on its way. The same for every address.', Done, {
        status: 'ok',
      }),
      ...failures({ 400: ['The request cannot be used.', 'email is required.'] }),
      ...always,
    },
  });

const setPassword = (path: string) =>
  createRoute({
    method: 'post',
    path,
    summary: 'Set a new password with the token of the mailed link; every session ends',
    request: {
      body: jsonBody(
        fields({
          token: text({ description: 'The token of the newest mail.' }),
          newPassword: text({ description: 'The password to set.' }),
        }),
        { token: 'token', newPassword: 'your_new_password' },
      ),
    },
    responses: {
      200: answer('The password is set.', Done, { status: 'ok' }),
      ...failures({
        400: [
          'The token is wrong, expired, used or replaced; or the password cannot be accepted.',
          'This code or link is not valid. It may have expired, been used or been replaced by a newer one.',
          'token is required.',
        ],
      }),
      ...always,
    },
  });

const EXIST_EMAIL = createRoute({
  method: 'get',
  path: '/api/exist-email/{email}',
  summary: 'Whether the address has an account; always false where ACCOUNT_DISCOVERY=conceal-everywhere',
  request: { params: z.object({ email: EMAIL }) },
  responses: {
    200: answer('Whether there is an account.', z.boolean(), true),
    ...failures({ 400: ['This is no e-mail address.', 'Please enter a plain email address.'] }),
    ...always,
  },
});

export function createVaultApi(): RestApi {
  const api = createApi({
    tag: {
      name: 'Vault API',
      description: 'Register, verify by link, log in, refresh, reset; a token for person and team.',
    },
    mediaType: 'application/json',
    shape,
  });
  const { app } = api;
  app.openapi(REGISTER, async (c) => {
    const { email, password, name } = c.req.valid('json');
    const input = { email, password, name, face: 'rest', opensSession: true } as const;
    const { user, session } = await register(c.env.ctx, input);
    if (session === null) throw new Error('A registration that opens a session gives one.');
    return c.json(await issueVaultTokens(c.env.ctx, { user, session }), 200);
  });
  app.openapi(LOGIN, async (c) => {
    const { email, password } = c.req.valid('json');
    return c.json(await issueVaultTokens(c.env.ctx, await login(c.env.ctx, { identifier: email, password })), 200);
  });
  app.openapi(VERIFY_EMAIL, async (c) => {
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
