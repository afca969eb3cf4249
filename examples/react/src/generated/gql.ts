/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Sessions {\n    me {\n      id\n      sessions(first: 50) {\n        nodes {\n          id\n          lastUsedAt\n          ipAddress\n          device {\n            browser\n            operatingSystem\n          }\n          isCurrent\n        }\n      }\n    }\n  }\n": typeof types.SessionsDocument,
    "\n  fragment Failure on UserError {\n    code\n    message\n    ... on ValidationError {\n      fieldErrors {\n        path\n        message\n      }\n    }\n    ... on ReauthenticationRequiredError {\n      methods\n    }\n  }\n": typeof types.FailureFragmentDoc,
    "\n  query Invitation($token: String!) {\n    invitationPreview(token: $token) {\n      organizationName\n      inviterName\n      role\n    }\n  }\n": typeof types.InvitationDocument,
    "\n  query Invitations($id: ID!) {\n    organization(id: $id) {\n      id\n      invitations(first: 50) {\n        nodes {\n          id\n          email\n          role\n          status\n        }\n      }\n    }\n  }\n": typeof types.InvitationsDocument,
    "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) {\n      __typename\n      ... on InviteMemberSuccess {\n        invitation {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n": typeof types.InviteMemberDocument,
    "\n  mutation RevokeInvitation($input: RevokeInvitationInput!) {\n    revokeInvitation(input: $input) {\n      __typename\n      ... on RevokeInvitationSuccess {\n        invitation {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n": typeof types.RevokeInvitationDocument,
    "\n  query Members($id: ID!) {\n    organization(id: $id) {\n      id\n      members(first: 100) {\n        nodes {\n          id\n          role\n          user {\n            id\n            name\n            email\n          }\n        }\n      }\n    }\n  }\n": typeof types.MembersDocument,
    "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      __typename\n      ... on CreateOrganizationSuccess {\n        organization {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n": typeof types.CreateOrganizationDocument,
    "\n  query Organizations {\n    me {\n      id\n      memberships(first: 100) {\n        nodes {\n          id\n          role\n          organization {\n            id\n            name\n            openRegistration\n          }\n        }\n      }\n    }\n  }\n": typeof types.OrganizationsDocument,
};
const documents: Documents = {
    "\n  query Sessions {\n    me {\n      id\n      sessions(first: 50) {\n        nodes {\n          id\n          lastUsedAt\n          ipAddress\n          device {\n            browser\n            operatingSystem\n          }\n          isCurrent\n        }\n      }\n    }\n  }\n": types.SessionsDocument,
    "\n  fragment Failure on UserError {\n    code\n    message\n    ... on ValidationError {\n      fieldErrors {\n        path\n        message\n      }\n    }\n    ... on ReauthenticationRequiredError {\n      methods\n    }\n  }\n": types.FailureFragmentDoc,
    "\n  query Invitation($token: String!) {\n    invitationPreview(token: $token) {\n      organizationName\n      inviterName\n      role\n    }\n  }\n": types.InvitationDocument,
    "\n  query Invitations($id: ID!) {\n    organization(id: $id) {\n      id\n      invitations(first: 50) {\n        nodes {\n          id\n          email\n          role\n          status\n        }\n      }\n    }\n  }\n": types.InvitationsDocument,
    "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) {\n      __typename\n      ... on InviteMemberSuccess {\n        invitation {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n": types.InviteMemberDocument,
    "\n  mutation RevokeInvitation($input: RevokeInvitationInput!) {\n    revokeInvitation(input: $input) {\n      __typename\n      ... on RevokeInvitationSuccess {\n        invitation {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n": types.RevokeInvitationDocument,
    "\n  query Members($id: ID!) {\n    organization(id: $id) {\n      id\n      members(first: 100) {\n        nodes {\n          id\n          role\n          user {\n            id\n            name\n            email\n          }\n        }\n      }\n    }\n  }\n": types.MembersDocument,
    "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      __typename\n      ... on CreateOrganizationSuccess {\n        organization {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n": types.CreateOrganizationDocument,
    "\n  query Organizations {\n    me {\n      id\n      memberships(first: 100) {\n        nodes {\n          id\n          role\n          organization {\n            id\n            name\n            openRegistration\n          }\n        }\n      }\n    }\n  }\n": types.OrganizationsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Sessions {\n    me {\n      id\n      sessions(first: 50) {\n        nodes {\n          id\n          lastUsedAt\n          ipAddress\n          device {\n            browser\n            operatingSystem\n          }\n          isCurrent\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Sessions {\n    me {\n      id\n      sessions(first: 50) {\n        nodes {\n          id\n          lastUsedAt\n          ipAddress\n          device {\n            browser\n            operatingSystem\n          }\n          isCurrent\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Failure on UserError {\n    code\n    message\n    ... on ValidationError {\n      fieldErrors {\n        path\n        message\n      }\n    }\n    ... on ReauthenticationRequiredError {\n      methods\n    }\n  }\n"): (typeof documents)["\n  fragment Failure on UserError {\n    code\n    message\n    ... on ValidationError {\n      fieldErrors {\n        path\n        message\n      }\n    }\n    ... on ReauthenticationRequiredError {\n      methods\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Invitation($token: String!) {\n    invitationPreview(token: $token) {\n      organizationName\n      inviterName\n      role\n    }\n  }\n"): (typeof documents)["\n  query Invitation($token: String!) {\n    invitationPreview(token: $token) {\n      organizationName\n      inviterName\n      role\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Invitations($id: ID!) {\n    organization(id: $id) {\n      id\n      invitations(first: 50) {\n        nodes {\n          id\n          email\n          role\n          status\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Invitations($id: ID!) {\n    organization(id: $id) {\n      id\n      invitations(first: 50) {\n        nodes {\n          id\n          email\n          role\n          status\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) {\n      __typename\n      ... on InviteMemberSuccess {\n        invitation {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n"): (typeof documents)["\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) {\n      __typename\n      ... on InviteMemberSuccess {\n        invitation {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeInvitation($input: RevokeInvitationInput!) {\n    revokeInvitation(input: $input) {\n      __typename\n      ... on RevokeInvitationSuccess {\n        invitation {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeInvitation($input: RevokeInvitationInput!) {\n    revokeInvitation(input: $input) {\n      __typename\n      ... on RevokeInvitationSuccess {\n        invitation {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Members($id: ID!) {\n    organization(id: $id) {\n      id\n      members(first: 100) {\n        nodes {\n          id\n          role\n          user {\n            id\n            name\n            email\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Members($id: ID!) {\n    organization(id: $id) {\n      id\n      members(first: 100) {\n        nodes {\n          id\n          role\n          user {\n            id\n            name\n            email\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      __typename\n      ... on CreateOrganizationSuccess {\n        organization {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n"): (typeof documents)["\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      __typename\n      ... on CreateOrganizationSuccess {\n        organization {\n          id\n        }\n      }\n      ...Failure\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Organizations {\n    me {\n      id\n      memberships(first: 100) {\n        nodes {\n          id\n          role\n          organization {\n            id\n            name\n            openRegistration\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Organizations {\n    me {\n      id\n      memberships(first: 100) {\n        nodes {\n          id\n          role\n          organization {\n            id\n            name\n            openRegistration\n          }\n        }\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;