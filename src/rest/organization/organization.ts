/** The Organization API: sign in with username, email address or phone number; error codes and trace ids. */
import type { z } from '@hono/zod-openapi';
import { confirmLogin } from '#capabilities/confirm-login/confirm-login.ts';
import { login } from '#capabilities/login/login.ts';
import { requireMe } from '#capabilities/me/me.ts';
import { refresh } from '#capabilities/refresh/refresh.ts';
import { resendVerificationByCode } from '#capabilities/verify-email/verify-email.ts';
import type { Config } from '#config/config.ts';
import type { Tokens } from '#core/sessions/session.ts';
import type { User } from '#generated/prisma/client.ts';
import { createApi, type RestApi } from '../api.ts';
import { shape, type ThreeTokens } from './organization-answers.ts';
import { meRoute } from './organization-me-route.ts';
import { CONFIRM_LOGIN, LOGIN, REFRESH, RESEND_VALIDATION } from './organization-sign-in-routes.ts';

/** The document says "a short duration (normally 1 hour)". */
const ACCESS_TOKEN_TTL_SECONDS = 3600;

export function createOrganizationApi({ organizationHeader }: Pick<Config, 'organizationHeader'>): RestApi {
  const api = createApi({
    tag: {
      name: 'Organization API',
      description: 'Sign in with username, email address or phone number; error codes, trace ids.',
    },
    mediaType: 'application/json',
    shape,
  });
  api.app.openapi(LOGIN, async (c) => {
    const { username, password } = c.req.valid('json');
    const options = { accessTokenTtlSeconds: ACCESS_TOKEN_TTL_SECONDS };
    const { tokens } = await login(c.env.ctx, {
      identifier: username,
      password,
      acceptsLegacyPassword: true,
      ...options,
    });
    return c.json(threeOf(tokens), 200);
  });
  api.app.openapi(CONFIRM_LOGIN, async (c) => {
    const { challenge_token: challengeToken, code } = c.req.valid('json');
    const options = { accessTokenTtlSeconds: ACCESS_TOKEN_TTL_SECONDS };
    const { tokens } = await confirmLogin(c.env.ctx, { challengeToken, either: code, ...options });
    return c.json(threeOf(tokens), 200);
  });
  api.app.openapi(REFRESH, async (c) => {
    const { refresh_token: refreshToken } = c.req.valid('json');
    const options = { accessTokenTtlSeconds: ACCESS_TOKEN_TTL_SECONDS, ignoresOrganization: true };
    const { tokens } = await refresh(c.env.ctx, { refreshToken, ...options });
    return c.json(threeOf(tokens), 200);
  });
  api.app.openapi(RESEND_VALIDATION, async (c) => {
    await resendVerificationByCode(c.env.ctx, { resendCode: c.req.valid('json').resend_code });
    return c.json({ message: 'Validation email sent' }, 200);
  });
  api.app.openapi(meRoute(organizationHeader), async (c) => {
    const { user, organizationId } = await requireMe(c.env.ctx);
    return c.json({ ...userOf(user), organization_id: organizationId }, 200);
  });
  return api;
}

function threeOf({ accessToken, refreshToken }: Tokens): z.infer<typeof ThreeTokens> {
  return { access_token: accessToken, jwt_token: accessToken, refresh_token: refreshToken };
}

function userOf({ id, name, username, email, phone, role }: User) {
  return { id, name, username, email, mobile_phone: phone, role };
}
