/** Fills the claims of TOKEN_CLAIMS from what the holder of a token has. What they do not have is left out. */
import type { ClaimSource, ClaimTemplate, TokenClaims } from '#config/tokens/token-settings.ts';
import type { Organization, User } from '#generated/prisma/client.ts';

/** The organization that a token is for, and what its holder may do there. */
export type TokenOrganization = {
  organization: Pick<Organization, 'id' | 'name' | 'slug'>;
  role: string;
  permissions: ReadonlySet<string>;
};

export type ClaimHolder = {
  user: Pick<User, 'id' | 'name' | 'email' | 'username' | 'phone' | 'role' | 'locale'>;
  session: { id: string };
  /** Null for a token without an organization. */
  acting: TokenOrganization | null;
};

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

const VALUE_OF: Record<ClaimSource, (holder: ClaimHolder) => Json | undefined> = {
  'user.id': ({ user }) => user.id,
  'user.name': ({ user }) => user.name,
  'user.email': ({ user }) => user.email,
  'user.username': ({ user }) => user.username ?? undefined,
  'user.phone': ({ user }) => user.phone ?? undefined,
  'user.role': ({ user }) => user.role,
  'user.locale': ({ user }) => user.locale,
  'session.id': ({ session }) => session.id,
  'organization.id': ({ acting }) => acting?.organization.id,
  'organization.name': ({ acting }) => acting?.organization.name,
  'organization.slug': ({ acting }) => acting?.organization.slug,
  'organization.role': ({ acting }) => acting?.role,
  permissions: ({ acting }) => (acting === null ? undefined : [...acting.permissions]),
};

/** The claims, by name. */
export function declaredClaims(claims: TokenClaims, holder: ClaimHolder): Record<string, Json> {
  return filledMembers(claims, holder);
}

function filled(template: ClaimTemplate, holder: ClaimHolder): Json | undefined {
  if (typeof template !== 'object' || template === null) return template;
  if ('source' in template) return VALUE_OF[template.source](holder);
  if ('members' in template) return filledMembers(template.members, holder);
  return template.list.map((each) => filled(each, holder)).filter((each) => each !== undefined);
}

function filledMembers(members: ReadonlyMap<string, ClaimTemplate>, holder: ClaimHolder): Record<string, Json> {
  const entries = [...members].map(([name, value]) => [name, filled(value, holder)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
