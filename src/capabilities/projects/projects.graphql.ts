import {
  InvalidOrganizationHeaderError,
  LimitReachedError,
  OrganizationRequiredError,
  ValidationError,
} from '#errors/domain-errors.ts';
import type { Project } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { OrganizationObject, PermissionEnum, ProjectObject } from '#graphql/objects/organization-objects.ts';
import {
  archiveProject,
  createProject,
  listProjects,
  projectPermissions,
  renameProject,
  unarchiveProject,
} from './projects.ts';

type Changed = { project: Project };
const PROJECT = { type: ProjectObject, description: 'The project after the change.' } as const;

builder.prismaObjectField(ProjectObject, 'permissions', (t) =>
  t.field({
    type: [PermissionEnum],
    access: 'projects:read',
    description:
      'What the viewer can do with this project, by their role in the organization and by custom roles for the ' +
      'project.',
    resolve: (project, _args, ctx) => projectPermissions(ctx, project),
  }),
);

builder.prismaObjectField(OrganizationObject, 'projects', (t) =>
  t.prismaConnection(
    {
      type: ProjectObject,
      access: 'projects:read',
      cursor: 'id',
      nullable: true,
      description: 'Oldest first, including archived ones.',
      args: {
        archived: t.arg.boolean({
          required: false,
          description: 'True for archived projects, false for those in use, null for both.',
        }),
      },
      resolve: (page, organization, { archived }, ctx) =>
        listProjects(ctx, { organizationId: organization.id, archived: archived ?? null, page }),
    },
    { name: 'OrganizationProjectsConnection', description: 'A page of projects, oldest first.' },
    { name: 'OrganizationProjectsEdge', description: 'A project and its place in the list.' },
  ),
);

const CreateProjectInputObject = builder.inputType('CreateProjectInput', {
  description: 'Starts without archive date and custom roles; only the name is needed.',
  fields: (t) => ({
    organizationId: t.id({
      required: false,
      description:
        'UUID of the organization that gets the project. By default, the one this request acts in (`currentOrganization`).',
    }),

    name: t.string({
      description: '1 to 100 characters, unique among the projects of the organization: otherwise ALREADY_TAKEN.',
    }),
  }),
});

const CreateProjectSuccessObject = builder.objectRef<Changed>('CreateProjectSuccess').implement({
  description: 'The project can be used at once.',
  fields: (t) => ({ project: t.expose('project', PROJECT) }),
});

builder.mutationField('createProject', (t) =>
  t.field({
    type: resultUnion('CreateProjectResult', CreateProjectSuccessObject, [
      LimitReachedError,
      ValidationError,
      OrganizationRequiredError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'projects:create',
    description: 'Adds a project to an organization.',
    args: { input: t.arg({ type: CreateProjectInputObject, description: 'For example `{name: "Apollo"}`.' }) },
    resolve: (_root, { input }, ctx) => createProject(ctx, input),
  }),
);

const RenameProjectInputObject = builder.inputType('RenameProjectInput', {
  description: 'The project and its new name.',
  fields: (t) => ({
    projectId: t.id({
      description: 'UUID from `Organization.projects`. One of another organization is FORBIDDEN, like an unknown one.',
    }),
    name: t.string({
      description: '1 to 100 characters, unique among the projects of the organization: otherwise ALREADY_TAKEN.',
    }),
  }),
});

const RenameProjectSuccessObject = builder.objectRef<Changed>('RenameProjectSuccess').implement({
  description: 'The new name is shown from now on; the id stays the same.',
  fields: (t) => ({ project: t.expose('project', PROJECT) }),
});

builder.mutationField('renameProject', (t) =>
  t.field({
    type: resultUnion('RenameProjectResult', RenameProjectSuccessObject, [
      ValidationError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'projects:update',
    description: 'Gives a project another name. A custom role for this project is enough. Can be repeated.',
    args: {
      input: t.arg({
        type: RenameProjectInputObject,
        description: 'For example `{projectId: "019a5f6e-0000-7000-8000-000000000000", name: "Artemis"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => renameProject(ctx, input),
  }),
);

const ArchiveProjectInputObject = builder.inputType('ArchiveProjectInput', {
  description: 'The project to put aside.',
  fields: (t) => ({
    projectId: t.id({
      description: 'UUID from `Organization.projects`. One of another organization is FORBIDDEN, like an unknown one.',
    }),
  }),
});

const ArchiveProjectSuccessObject = builder.objectRef<Changed>('ArchiveProjectSuccess').implement({
  description: 'The project has `archivedAt` now. Nothing was deleted.',
  fields: (t) => ({ project: t.expose('project', PROJECT) }),
});

builder.mutationField('archiveProject', (t) =>
  t.field({
    type: resultUnion('ArchiveProjectResult', ArchiveProjectSuccessObject, [InvalidOrganizationHeaderError]),
    access: 'projects:archive',
    description:
      'Puts a project aside; `unarchiveProject` brings it back. A custom role for this project is enough. Can ' +
      'be repeated.',
    args: {
      input: t.arg({
        type: ArchiveProjectInputObject,
        description: 'For example `{projectId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => archiveProject(ctx, input),
  }),
);

const UnarchiveProjectInputObject = builder.inputType('UnarchiveProjectInput', {
  description: 'The archived project to bring back.',
  fields: (t) => ({ projectId: t.id({ description: 'UUID from `Organization.projects(archived: true)`.' }) }),
});

const UnarchiveProjectSuccessObject = builder.objectRef<Changed>('UnarchiveProjectSuccess').implement({
  description: 'The project is in use again; `archivedAt` is null.',
  fields: (t) => ({ project: t.expose('project', PROJECT) }),
});

builder.mutationField('unarchiveProject', (t) =>
  t.field({
    type: resultUnion('UnarchiveProjectResult', UnarchiveProjectSuccessObject, [InvalidOrganizationHeaderError]),
    access: 'projects:archive',
    description: 'Undoes `archiveProject`, at any time. A custom role for this project is enough. Can be repeated.',
    args: {
      input: t.arg({
        type: UnarchiveProjectInputObject,
        description: 'For example `{projectId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => unarchiveProject(ctx, input),
  }),
);
