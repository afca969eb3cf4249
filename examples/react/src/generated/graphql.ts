/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** The new organization and, if it is part of one, its group. */
export type CreateOrganizationInput = {
  /**
   * An organization that becomes its group. The viewer needs `organizations:create` there, and it cannot be in a group
   * itself.
   */
  groupId?: string | number | null | undefined;
  /** Display name, 1 to 100 characters. Need not be unique: if its slug is taken, the slug gets a random suffix. */
  name: string;
};

/** What happened, for programs. Codes are added over time and never renamed. */
export type ErrorCode =
  /**
   * The first factor is correct, but the account is scheduled for deletion. The link in the email undoes it until
   * `deletesAt`.
   */
  | 'ACCOUNT_DELETION_PENDING'
  /** The account has been disabled. Revealed only to someone with the right first factor, and to administrators. */
  | 'ACCOUNT_DISABLED'
  /** The password is correct, but the email address has not been verified yet. Offer `resendVerification`. */
  | 'EMAIL_NOT_VERIFIED'
  /**
   * The email address already has an account. Revealed where the service runs with ACCOUNT_DISCOVERY=reveal, and to
   * someone who has just verified the address.
   */
  | 'EMAIL_TAKEN'
  /** The group still contains organizations. Nothing was changed. */
  | 'GROUP_NOT_EMPTY'
  /** The code or link is wrong, expired, used, or replaced by a newer one. All of these get the same answer. */
  | 'INVALID_CODE'
  /** No account has this identifier and password. Does not reveal which of the two is wrong. */
  | 'INVALID_CREDENTIALS'
  /**
   * The invitation cannot be used: it is wrong, used, declined, revoked, replaced, expired, or for a different email
   * address. All of these get the same answer.
   */
  | 'INVALID_INVITATION'
  /**
   * `X-Organization-Id` holds something other than one UUID. Nothing was changed. A UUID of an organization the viewer may
   * not act in is FORBIDDEN instead.
   */
  | 'INVALID_ORGANIZATION_HEADER'
  /** The service would be left without an administrator. Make someone else an administrator first. */
  | 'LAST_ADMIN'
  /**
   * The organization would be left without an owner: the last one cannot leave, be removed, or get a lower role. Nothing
   * was changed.
   */
  | 'LAST_OWNER'
  /** The maximum number, `limit`, has been reached. Nothing was changed. */
  | 'LIMIT_REACHED'
  /**
   * This sign-in, or this setup, can no longer be completed: it has expired, been completed, or had too many wrong codes.
   * Start again.
   */
  | 'LOGIN_EXPIRED'
  /**
   * The viewer does not belong to exactly one organization, and the request does not say which one is meant. Pass
   * `organizationId` or send the header `X-Organization-Id`.
   */
  | 'ORGANIZATION_REQUIRED'
  /** The viewer is the last owner of organizations that have other members. Make someone else an owner first. */
  | 'OWNERSHIP_TRANSFER_REQUIRED'
  /** Administrators cannot disable or demote themselves; another administrator has to. */
  | 'OWN_ACCOUNT'
  /** The answer of the passkey is not valid. Reserved: the service does not take passkeys yet. */
  | 'PASSKEY_REJECTED'
  /** The last sign-in is too old for this action; call `reauthenticate` and try again. */
  | 'REAUTHENTICATION_REQUIRED'
  /** The account has no second factor. Set one up with `startTotpSetup`. */
  | 'SECOND_FACTOR_NOT_SET_UP'
  /**
   * The first factor is correct, and the account has a second one. Nobody is signed in yet: give `challengeToken` and a
   * code to `confirmLogin`.
   */
  | 'SECOND_FACTOR_REQUIRED'
  /**
   * More passwords are waiting to be checked than the service can handle. Nothing was checked or counted; try again
   * shortly.
   */
  | 'SERVICE_BUSY'
  /**
   * The session has ended: signed out, expired, revoked, or its refresh token was used twice. Forget its tokens and ask
   * for a new sign-in.
   */
  | 'SESSION_ENDED'
  /** The viewer has no active session with this id. Does not reveal whether someone else has such a session. */
  | 'SESSION_NOT_FOUND'
  /** Too many attempts by this account, address, or network. Nothing was checked; try again after `retryAfterSeconds`. */
  | 'TOO_MANY_ATTEMPTS'
  /** No account has this id. Revealed to administrators only. */
  | 'USER_NOT_FOUND'
  /** One or more input fields are not valid; `fieldErrors` lists each problem. Nothing was changed. */
  | 'VALIDATION_FAILED';

/** How far an invitation got, from sent to answered. */
export type InvitationStatus =
  /** The person became a member. */
  | 'ACCEPTED'
  /** The person turned it down. */
  | 'DECLINED'
  /** Nobody answered within 7 days. `resendInvitation` renews it. */
  | 'EXPIRED'
  /** Waiting for an answer. */
  | 'PENDING'
  /** A member withdrew it. */
  | 'REVOKED';

/** Address, role and language of the email. */
export type InviteMemberInput = {
  /** A code and a link are sent here. Someone who is a member already is ALREADY_MEMBER. */
  email: string;
  /** Language of the email, as a BCP 47 tag; see `register`. By default, and for other languages, the viewer's own. */
  locale?: string | null | undefined;
  /** UUID of the organization to join. By default, the one this request acts in (`currentOrganization`). */
  organizationId?: string | number | null | undefined;
  /** Not higher than the viewer's own role; otherwise FORBIDDEN. */
  role?: MembershipRole;
};

/**
 * Built-in role of a member. An OWNER can do all that an ADMIN can, an ADMIN all that a MEMBER can. Custom roles add
 * permissions.
 */
export type MembershipRole =
  /** Has every permission except `organization:delete` and `organization:transfer`. */
  | 'ADMIN'
  /** Can see the organization, its members, projects and roles; where registration is open, not the members. */
  | 'MEMBER'
  /** Has every permission, including `organization:delete` and `organization:transfer`. There is always at least one. */
  | 'OWNER';

/** A way to show that the person who uses a session is still the same. */
export type ProofMethod =
  /** A code or link from an email: the account has nothing else. */
  | 'EMAIL'
  /** Reserved: passkeys are not taken yet. */
  | 'PASSKEY'
  /** What `login` takes as well; wrong ones count toward the same limit. */
  | 'PASSWORD'
  /** Reserved: there are no other providers yet. */
  | 'PROVIDER'
  /** A single-use code that was kept for a lost phone. */
  | 'RECOVERY_CODE'
  /** A six-digit code from an authenticator app. */
  | 'TOTP';

/** An invitation that should no longer be accepted. */
export type RevokeInvitationInput = {
  /** UUID from `Organization.invitations`. One of another organization is FORBIDDEN, like an unknown one. */
  invitationId: string | number;
};

export type SessionsQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionsQuery = { me: { id: string, sessions: { nodes: Array<{ id: string, lastUsedAt: string, ipAddress: string | null, isCurrent: boolean, device: { browser: string | null, operatingSystem: string | null } }> } | null } | null };

type Failure_AccountDeletionPendingError_Fragment = { code: ErrorCode, message: string };

type Failure_AccountDisabledError_Fragment = { code: ErrorCode, message: string };

type Failure_EmailNotVerifiedError_Fragment = { code: ErrorCode, message: string };

type Failure_EmailTakenError_Fragment = { code: ErrorCode, message: string };

type Failure_GroupNotEmptyError_Fragment = { code: ErrorCode, message: string };

type Failure_InvalidCodeError_Fragment = { code: ErrorCode, message: string };

type Failure_InvalidCredentialsError_Fragment = { code: ErrorCode, message: string };

type Failure_InvalidInvitationError_Fragment = { code: ErrorCode, message: string };

type Failure_InvalidOrganizationHeaderError_Fragment = { code: ErrorCode, message: string };

type Failure_LastAdminError_Fragment = { code: ErrorCode, message: string };

type Failure_LastOwnerError_Fragment = { code: ErrorCode, message: string };

type Failure_LimitReachedError_Fragment = { code: ErrorCode, message: string };

type Failure_LoginExpiredError_Fragment = { code: ErrorCode, message: string };

type Failure_OrganizationRequiredError_Fragment = { code: ErrorCode, message: string };

type Failure_OtherError_Fragment = { code: ErrorCode, message: string };

type Failure_OwnAccountError_Fragment = { code: ErrorCode, message: string };

type Failure_OwnershipTransferRequiredError_Fragment = { code: ErrorCode, message: string };

type Failure_PasskeyRejectedError_Fragment = { code: ErrorCode, message: string };

type Failure_ReauthenticationRequiredError_Fragment = { methods: Array<ProofMethod>, code: ErrorCode, message: string };

type Failure_SecondFactorNotSetUpError_Fragment = { code: ErrorCode, message: string };

type Failure_SecondFactorRequiredError_Fragment = { code: ErrorCode, message: string };

type Failure_ServiceBusyError_Fragment = { code: ErrorCode, message: string };

type Failure_SessionEndedError_Fragment = { code: ErrorCode, message: string };

type Failure_SessionNotFoundError_Fragment = { code: ErrorCode, message: string };

type Failure_TooManyAttemptsError_Fragment = { code: ErrorCode, message: string };

type Failure_UserNotFoundError_Fragment = { code: ErrorCode, message: string };

type Failure_ValidationError_Fragment = { code: ErrorCode, message: string, fieldErrors: Array<{ path: Array<string>, message: string }> };

export type FailureFragment =
  | Failure_AccountDeletionPendingError_Fragment
  | Failure_AccountDisabledError_Fragment
  | Failure_EmailNotVerifiedError_Fragment
  | Failure_EmailTakenError_Fragment
  | Failure_GroupNotEmptyError_Fragment
  | Failure_InvalidCodeError_Fragment
  | Failure_InvalidCredentialsError_Fragment
  | Failure_InvalidInvitationError_Fragment
  | Failure_InvalidOrganizationHeaderError_Fragment
  | Failure_LastAdminError_Fragment
  | Failure_LastOwnerError_Fragment
  | Failure_LimitReachedError_Fragment
  | Failure_LoginExpiredError_Fragment
  | Failure_OrganizationRequiredError_Fragment
  | Failure_OtherError_Fragment
  | Failure_OwnAccountError_Fragment
  | Failure_OwnershipTransferRequiredError_Fragment
  | Failure_PasskeyRejectedError_Fragment
  | Failure_ReauthenticationRequiredError_Fragment
  | Failure_SecondFactorNotSetUpError_Fragment
  | Failure_SecondFactorRequiredError_Fragment
  | Failure_ServiceBusyError_Fragment
  | Failure_SessionEndedError_Fragment
  | Failure_SessionNotFoundError_Fragment
  | Failure_TooManyAttemptsError_Fragment
  | Failure_UserNotFoundError_Fragment
  | Failure_ValidationError_Fragment
;

export type InvitationQueryVariables = Exact<{
  token: string;
}>;


export type InvitationQuery = { invitationPreview: { organizationName: string, inviterName: string | null, role: MembershipRole } | null };

export type InvitationsQueryVariables = Exact<{
  id: string | number;
}>;


export type InvitationsQuery = { organization: { id: string, invitations: { nodes: Array<{ id: string, email: string, role: MembershipRole, status: InvitationStatus }> } | null } | null };

export type InviteMemberMutationVariables = Exact<{
  input: InviteMemberInput;
}>;


export type InviteMemberMutation = { inviteMember:
    | { __typename: 'InvalidOrganizationHeaderError', code: ErrorCode, message: string }
    | { __typename: 'InviteMemberSuccess', invitation: { id: string } }
    | { __typename: 'LimitReachedError', code: ErrorCode, message: string }
    | { __typename: 'OrganizationRequiredError', code: ErrorCode, message: string }
    | { __typename: 'OtherError', code: ErrorCode, message: string }
    | { __typename: 'ReauthenticationRequiredError', methods: Array<ProofMethod>, code: ErrorCode, message: string }
    | { __typename: 'TooManyAttemptsError', code: ErrorCode, message: string }
    | { __typename: 'ValidationError', code: ErrorCode, message: string, fieldErrors: Array<{ path: Array<string>, message: string }> }
   };

export type RevokeInvitationMutationVariables = Exact<{
  input: RevokeInvitationInput;
}>;


export type RevokeInvitationMutation = { revokeInvitation:
    | { __typename: 'InvalidInvitationError', code: ErrorCode, message: string }
    | { __typename: 'InvalidOrganizationHeaderError', code: ErrorCode, message: string }
    | { __typename: 'OtherError', code: ErrorCode, message: string }
    | { __typename: 'RevokeInvitationSuccess', invitation: { id: string } }
   };

export type MembersQueryVariables = Exact<{
  id: string | number;
}>;


export type MembersQuery = { organization: { id: string, members: { nodes: Array<{ id: string, role: MembershipRole, user: { id: string, name: string, email: string } }> } | null } | null };

export type CreateOrganizationMutationVariables = Exact<{
  input: CreateOrganizationInput;
}>;


export type CreateOrganizationMutation = { createOrganization:
    | { __typename: 'CreateOrganizationSuccess', organization: { id: string } }
    | { __typename: 'InvalidOrganizationHeaderError', code: ErrorCode, message: string }
    | { __typename: 'LimitReachedError', code: ErrorCode, message: string }
    | { __typename: 'OtherError', code: ErrorCode, message: string }
    | { __typename: 'ValidationError', code: ErrorCode, message: string, fieldErrors: Array<{ path: Array<string>, message: string }> }
   };

export type OrganizationsQueryVariables = Exact<{ [key: string]: never; }>;


export type OrganizationsQuery = { me: { id: string, memberships: { nodes: Array<{ id: string, role: MembershipRole, organization: { id: string, name: string, openRegistration: boolean } }> } | null } | null };

export const FailureFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Failure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ValidationError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fieldErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ReauthenticationRequiredError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"methods"}}]}}]}}]} as unknown as DocumentNode<FailureFragment, unknown>;
export const SessionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Sessions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"me"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sessions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"lastUsedAt"}},{"kind":"Field","name":{"kind":"Name","value":"ipAddress"}},{"kind":"Field","name":{"kind":"Name","value":"device"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"browser"}},{"kind":"Field","name":{"kind":"Name","value":"operatingSystem"}}]}},{"kind":"Field","name":{"kind":"Name","value":"isCurrent"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SessionsQuery, SessionsQueryVariables>;
export const InvitationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Invitation"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"token"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"invitationPreview"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"token"},"value":{"kind":"Variable","name":{"kind":"Name","value":"token"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organizationName"}},{"kind":"Field","name":{"kind":"Name","value":"inviterName"}},{"kind":"Field","name":{"kind":"Name","value":"role"}}]}}]}}]} as unknown as DocumentNode<InvitationQuery, InvitationQueryVariables>;
export const InvitationsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Invitations"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organization"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"invitations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]}}]} as unknown as DocumentNode<InvitationsQuery, InvitationsQueryVariables>;
export const InviteMemberDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"InviteMember"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"InviteMemberInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"inviteMember"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InviteMemberSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"invitation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Failure"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Failure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ValidationError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fieldErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ReauthenticationRequiredError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"methods"}}]}}]}}]} as unknown as DocumentNode<InviteMemberMutation, InviteMemberMutationVariables>;
export const RevokeInvitationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RevokeInvitation"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RevokeInvitationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"revokeInvitation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RevokeInvitationSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"invitation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Failure"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Failure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ValidationError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fieldErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ReauthenticationRequiredError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"methods"}}]}}]}}]} as unknown as DocumentNode<RevokeInvitationMutation, RevokeInvitationMutationVariables>;
export const MembersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Members"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organization"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"members"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"email"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<MembersQuery, MembersQueryVariables>;
export const CreateOrganizationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateOrganization"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateOrganizationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createOrganization"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateOrganizationSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organization"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Failure"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Failure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ValidationError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fieldErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ReauthenticationRequiredError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"methods"}}]}}]}}]} as unknown as DocumentNode<CreateOrganizationMutation, CreateOrganizationMutationVariables>;
export const OrganizationsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Organizations"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"me"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"memberships"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"organization"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"openRegistration"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<OrganizationsQuery, OrganizationsQueryVariables>;