/**
 * Services that hold a client secret (SERVICE_CLIENTS), RFC 6749 section 2.3.1. The secrets are too long to be guessed,
 * so a right one is compared and passes without a question to the database; wrong ones are counted by network, so that
 * the record does not fill up.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type BudgetRule, networkOf, reserve } from '#core/limits/throttle.ts';
import { InvalidClientError } from '#errors.ts';
import { audit } from './audit.ts';
import type { Ctx } from './context.ts';

/** What a service shows; null when it shows nothing. */
export type ClientCredentials = { name: string; secret: string } | null;

const WRONG_SECRETS: BudgetRule = {
  name: 'service-client',
  limit: 20,
  windowSeconds: 300,
  refusal: 'service_client.throttled',
};

/** The name of the service. Fails with InvalidClientError, and with TooManyAttemptsError after many of these. */
export async function requireServiceClient(ctx: Ctx, credentials: ClientCredentials): Promise<string> {
  if (credentials === null) throw new InvalidClientError();
  const { name, secret } = credentials;
  // Each is compared, so that the time of the answer does not tell which names there are.
  const matching = ctx.config.serviceClients.filter((client) => {
    const isSecret = timingSafeEqual(digest(client.secret), digest(secret));
    return timingSafeEqual(digest(client.name), digest(name)) && isSecret;
  });
  if (matching.length > 0) return name;
  await reserve(ctx, [{ rule: WRONG_SECRETS, of: networkOf(ctx.caller.ipAddress ?? '') }]);
  await audit(ctx, 'service_client.failed', null);
  throw new InvalidClientError();
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
