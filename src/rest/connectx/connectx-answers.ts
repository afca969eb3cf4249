/** What the ConnectX API answers with: its user, its failures, and their examples. */
import { z } from '@hono/zod-openapi';
import { EmailNotVerifiedError } from '#errors/domain-errors.ts';
import { SecondFactorRequiredError } from '#errors/second-factor-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import type { Shape } from '../api.ts';
import { FACTORS, factorsOf, failuresOf, fields, timeOf } from '../definitions.ts';

export const ConnectxError = fields({
  error: z.string().openapi({ description: 'What went wrong; safe to show.' }),
  email: z.string().optional().openapi({ description: 'The address that has to be verified first.' }),
  challenge: z.string().optional().openapi({ description: 'For `POST /api/auth/login/confirm/`.' }),
  methods: FACTORS.optional().openapi({ description: 'What the user can confirm the login with.' }),
}).openapi('ConnectxError');

export const shape: Shape = ({ code, message, cause }) => {
  if (cause instanceof EmailNotVerifiedError) return { body: { error: message, email: cause.email } };
  if (cause instanceof SecondFactorRequiredError) {
    return { body: { error: message, challenge: cause.challengeToken, methods: factorsOf(cause) } };
  }
  return { body: { error: MESSAGES[code] ?? message } };
};

/** Messages that the document fixes and that differ from ours. */
const MESSAGES: Partial<Record<Parameters<Shape>[0]['code'], string>> = {
  INVALID_CREDENTIALS: 'Invalid credentials',
  EMAIL_TAKEN: 'Email already exists',
  INVALID_CODE: 'Invalid OTP',
};

export const { failures, always } = failuresOf(ConnectxError, (error) => ({ error }));

export const ConnectxUser = fields({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: z.string(),
  is_verified: z.boolean(),
  tenant: z.uuid().nullable().openapi({ description: 'The organization of the account, if it has one.' }),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
}).openapi('ConnectxUser');

export const JOHN = {
  id: '123e4567-e89b-12d3-a456-426614174000',
  name: 'John Doe',
  email: 'john@example.com',
  role: 'customer',
  is_verified: true,
  tenant: '123e4567-e89b-12d3-a456-426614174001',
  created_at: '2024-01-01T00:00:00Z',
  updated_at: '2024-01-01T00:00:00Z',
};

export const JWT = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9...';

/** Exactly the documented keys. */
export function userOf(user: User): z.infer<typeof ConnectxUser> {
  const { id, name, email, role, emailVerifiedAt, tenantId, createdAt, updatedAt } = user;
  return {
    id,
    name,
    email,
    role,
    is_verified: emailVerifiedAt !== null,
    tenant: tenantId,
    created_at: timeOf(createdAt),
    updated_at: timeOf(updatedAt),
  };
}
