/**
 * The schema: a list of everything that adds to it, in the order in which a reader meets it, which is the order in
 * which `schema.graphql` and GraphiQL show it. It builds without settings and without a database.
 */
// The account: from the registration to its deletion.
import '#capabilities/register/register.graphql.ts';
import '#capabilities/verify-email/verify-email.graphql.ts';
import '#capabilities/reject-registration/reject-registration.graphql.ts';
import '#capabilities/login/login.graphql.ts';
import '#capabilities/login-with-email/login-with-email.graphql.ts';
import '#capabilities/confirm-login/confirm-login.graphql.ts';
import '#capabilities/refresh/refresh.graphql.ts';
import '#capabilities/logout/logout.graphql.ts';
import '#capabilities/me/me.graphql.ts';
import '#capabilities/sessions/sessions.graphql.ts';
import '#capabilities/reset-password/reset-password.graphql.ts';
import '#capabilities/reauthenticate/reauthenticate.graphql.ts';
import '#capabilities/account-security/account-security.graphql.ts';
import '#capabilities/authenticator-apps/authenticator-apps.graphql.ts';
import '#capabilities/recovery-codes/recovery-codes.graphql.ts';
import '#capabilities/trusted-devices/trusted-devices.graphql.ts';
import '#capabilities/known-devices/known-devices.graphql.ts';
import '#capabilities/legacy-passwords/legacy-passwords.graphql.ts';
import '#capabilities/second-factor-reset/second-factor-reset.graphql.ts';
import '#capabilities/undo-security-change/undo-security-change.graphql.ts';
import '#capabilities/change-password/change-password.graphql.ts';
import '#capabilities/update-profile/update-profile.graphql.ts';
import '#capabilities/change-email/change-email.graphql.ts';
import '#capabilities/export-my-data/export-my-data.graphql.ts';
import '#capabilities/delete-account/delete-account.graphql.ts';
// Organizations: who belongs to them, what they work on, and who may do what.
import '#capabilities/organizations/organizations.graphql.ts';
import '#capabilities/switch-organization/switch-organization.graphql.ts';
import '#capabilities/issue-service-token/issue-service-token.graphql.ts';
import '#capabilities/invitations/invitations.graphql.ts';
import '#capabilities/invitations/answer-invitation.graphql.ts';
import '#capabilities/members/members.graphql.ts';
import '#capabilities/projects/projects.graphql.ts';
import '#capabilities/roles/roles.graphql.ts';
import '#capabilities/roles/role-bindings.graphql.ts';
import '#capabilities/organizations/organization-life.graphql.ts';
// Administration of the whole service, and the audit log.
import '#capabilities/users/users.graphql.ts';
import '#capabilities/users/user-administration.graphql.ts';
import '#capabilities/users/reset-second-factors.graphql.ts';
import '#capabilities/audit-events/audit-events.graphql.ts';
// For Relay.
import './entities/node.ts';
import { builder } from './builder.ts';

export const schema = builder.toSchema({ sortSchema: false });
