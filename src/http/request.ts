/**
 * Builds the context of a use case from a request: its origin, its credentials, and the organization it names. All
 * faces share this builder.
 */
import { randomUUID } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { UNIX } from '#config/network/proxy-settings.ts';
import { type Caller, type Ctx, type Parts, type Trail, traceIdOf, type Viewer } from '#core/context.ts';
import { replicaFor } from '#core/late-reads.ts';
import { noteFailure } from '#core/limits/denial.ts';
import { findEffective } from '#core/organizations/acting-organization.ts';
import type { ActingOrganization } from '#core/organizations/permissions.ts';
import { findViewer } from '#core/sessions/viewer.ts';
import type { AccessTokenClaims } from '#core/tokens/access-token-claims.ts';
import { clientAddress, type TrustedProxies } from './client-address.ts';
import { createDeviceCookie } from './device-cookie.ts';
import { createRefreshCookie } from './refresh-cookie.ts';

/**
 * What a face knows about a request: headers by lowercase name, and the IP address of the connection, empty for a Unix
 * socket.
 */
export type Incoming = {
  header: (name: string) => string | null;
  remoteAddress: string;
  /** Adds a Set-Cookie header to the response; absent where cookies are not supported. */
  setCookie?: ((line: string) => void) | undefined;
  /** Of the trace of this request, 32 hex digits; absent without traces. */
  traceId?: string | undefined;
};

export type ContextBuilder = (incoming: Incoming) => Ctx;

const USER_AGENT_LENGTH = 512;

export function createContextBuilder(parts: Parts): ContextBuilder {
  const { clientIpHeader } = parts.config;
  const trusted = trustedProxies(parts.config.trustedProxies);
  return (incoming) => {
    const requestId = randomUUID();
    const caller: Caller = {
      requestId,
      traceId: incoming.traceId?.slice(16) ?? continuedTraceId(incoming.header('traceparent')) ?? traceIdOf(requestId),
      ipAddress: clientAddress({
        remoteAddress: incoming.remoteAddress,
        header: clientIpHeader,
        value: incoming.header(clientIpHeader),
        trusted,
      }),
      userAgent: incoming.header('user-agent')?.slice(0, USER_AGENT_LENGTH) ?? null,
      acceptLanguage: incoming.header('accept-language'),
    };
    const bearerToken = bearerTokenOf(incoming.header('authorization'));
    const organizationHeader = incoming.header(parts.config.organizationHeader)?.trim() || null;
    let claims: Promise<AccessTokenClaims | null> | undefined;
    let viewer: Promise<Viewer | null> | undefined;
    let organization: Promise<ActingOrganization | null> | undefined;
    let replica: ReturnType<Ctx['replica']> | undefined;
    // Lazily and once: operations that need no viewer also work with an expired token, which clients send everywhere.
    const readClaims = () =>
      (claims ??= bearerToken === null ? Promise.resolve(null) : parts.accessTokens.read(bearerToken));
    const askViewer = () => (viewer ??= readClaims().then(viewerOf));
    async function viewerOf(said: AccessTokenClaims | null): Promise<Viewer | null> {
      if (said === null) return null;
      const found = await findViewer(parts, said);
      trail.userId = found.user.id;
      return found;
    }
    const askReplica = () => (replica ??= replicaFor(ctx));
    const trail: Trail = { operation: null, code: null, userId: null, hasChanged: false };
    const ctx: Ctx = {
      ...parts,
      origin: 'request',
      db: parts.database.prisma,
      replica: async () => (trail.hasChanged ? null : askReplica()),
      caller,
      bearerToken,
      claims: readClaims,
      viewer: askViewer,
      organizationHeader,
      organization: () =>
        (organization ??= askViewer().then((found) => findEffective(parts, organizationHeader, found))),
      ...cookiesOf(parts, incoming),
      trail,
      noteFailure: (error) => noteFailure(ctx, error),
      afterCommit: (action) => action(),
    };
    return ctx;
  };
}

/**
 * What stands in an `Authorization: Bearer` header (RFC 6750 section 2.1); null if there is none, or another scheme. A
 * header without a token, with several words, or sent twice is returned as it is: it is not one of our tokens, so it is
 * refused like any wrong token, and never taken for the request of someone who sent none.
 */
export function bearerTokenOf(authorization: string | null): string | null {
  if (!/(?:^|,\s*)bearer(?![^\s,])/i.test(authorization ?? '')) return null;
  return authorization?.replace(/^bearer /i, '') ?? null;
}

/**
 * The caller's trace in the form of systems with 64-bit trace ids: the right half of the trace id (W3C Trace Context,
 * "Interoperating with existing systems which use shorter identifiers"). Null for a malformed header, which is ignored.
 */
function continuedTraceId(traceparent: string | null): string | null {
  if (traceparent === null) return null;
  const [, version, traceId = '', parentId] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/.exec(traceparent) ?? [];
  const half = traceId.slice(16);
  return version === 'ff' || /^0*$/.test(half) || /^0*$/.test(parentId ?? '') ? null : half;
}

/** @param list IP addresses, CIDRs and `unix`, validated by `parseConfig` */
export function trustedProxies(list: readonly string[]): TrustedProxies {
  const addresses = new BlockList();
  for (const entry of list) {
    if (entry === UNIX) continue;
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) addresses.addAddress(address, family);
    else addresses.addSubnet(address, Number(bits), family);
  }
  return { addresses, unixPeers: list.includes(UNIX) };
}

function cookiesOf({ config, clock }: Parts, { header, setCookie }: Incoming) {
  if (setCookie === undefined) return { refreshCookie: null, deviceCookie: null };
  const exchange = { header, setCookie };
  return {
    refreshCookie: createRefreshCookie(config, clock, exchange),
    deviceCookie: createDeviceCookie(config, clock, exchange),
  };
}
