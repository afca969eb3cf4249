/** The schema: a list of everything that adds to it. It builds without settings and without a database. */
import '#capabilities/audit-events/audit-events.graphql.ts';
import '#capabilities/change-email/change-email.graphql.ts';
import '#capabilities/change-password/change-password.graphql.ts';
import '#capabilities/delete-account/delete-account.graphql.ts';
import '#capabilities/export-my-data/export-my-data.graphql.ts';
import '#capabilities/login/login.graphql.ts';
import '#capabilities/logout/logout.graphql.ts';
import '#capabilities/me/me.graphql.ts';
import '#capabilities/members/members.graphql.ts';
import '#capabilities/organizations/organization-life.graphql.ts';
import '#capabilities/organizations/organizations.graphql.ts';
import '#capabilities/projects/projects.graphql.ts';
import '#capabilities/reauthenticate/reauthenticate.graphql.ts';
import '#capabilities/refresh/refresh.graphql.ts';
import '#capabilities/register/register.graphql.ts';
import '#capabilities/reset-password/reset-password.graphql.ts';
import '#capabilities/roles/roles.graphql.ts';
import '#capabilities/sessions/sessions.graphql.ts';
import '#capabilities/switch-organization/switch-organization.graphql.ts';
import '#capabilities/users/user-administration.graphql.ts';
import '#capabilities/users/users.graphql.ts';
import '#capabilities/sessions/sessions.graphql.ts';
import '#capabilities/update-profile/update-profile.graphql.ts';
import '#capabilities/verify-email/verify-email.graphql.ts';
import { builder } from './builder.ts';

export const schema = builder.toSchema();
