/**
 * Authenticates services by client secret (SERVICE_CLIENTS), RFC 6749 section 2.3.1. The secrets are too long to guess,
 * so a correct one passes without touching the database. Wrong ones are counted by network, so that they cannot flood
 * the audit log.
 */
import { timingSafeEqual } from 'node:crypto';
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { networkOf } from '#core/limits/network.ts';
import { reserve } from '#core/limits/throttle.ts';
import { sha256 } from '#core/secrets.ts';
import { InvalidClientError } from '#errors/refused-errors.ts';

/** The credentials a service sent; null when it sent none. */
export type ClientCredentials = { name: string; secret: string } | null;

/** Returns the name of the service. Fails with InvalidClientError, or TooManyAttemptsError after many of those. */
export async function requireServiceClient(ctx: Ctx, credentials: ClientCredentials): Promise<string> {
  if (credentials === null) throw new InvalidClientError();
  const { name, secret } = credentials;
  // Compares with every client, so that the response time does not reveal which names exist.
  const matching = ctx.config.serviceClients.filter((client) => {
    const isSecret = timingSafeEqual(sha256(client.secret), sha256(secret));
    return timingSafeEqual(sha256(client.name), sha256(name)) && isSecret;
  });
  if (matching.length > 0) return name;
  await reserve(ctx, [{ name: 'service-client', of: networkOf(ctx.caller.ipAddress) }]);
  await audit(ctx, 'service_client.failed', null);
  throw new InvalidClientError();
}
