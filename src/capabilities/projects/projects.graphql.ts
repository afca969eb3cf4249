import { LimitReachedError, ValidationError } from '#errors.ts';
import type { Project } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { OrganizationObject, PermissionEnum, ProjectObject } from '#graphql/organization-objects.ts';
import {
  archiveProject,
  createProject,
  listProjects,
  projectPermissions,
  renameProject,
  unarchiveProject,
} from './projects.ts';

type Changed = { project: Project };
const PROJECT = { type: ProjectObject, description: 'The project as it is now.' } as const;

builder.prismaObjectField(ProjectObject, 'permissions', (t) =>
  t.field({
    type: [PermissionEnum],
    access: 'projects:read',
    description:
      'What the viewer may do with it: by the role in the organization, and by custom roles for the project.',
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
      description: 'What it works on, first made first.',
      args: {
        archived: t.arg.boolean({
          required: false,
          description: 'Only those in the archive, or only those that are not; all when absent.',
        }),
      },
      resolve: (page, organization, { archived }, ctx) =>
        listProjects(ctx, { organizationId: organization.id, archived: archived ?? null, page }),
    },
    { name: 'OrganizationProjectsConnection', description: 'One page of the projects of an organization.' },
    { name: 'OrganizationProjectsEdge', description: 'A project and its place in the list.' },
  ),
);

const CreateProjectInputObject = builder.inputType('CreateProjectInput', {
  description: 'What to make.',
  fields: (t) => ({ name: t.string({ description: 'Name, 1 to 100 characters, unique in the organization.' }) }),
});

const CreateProjectSuccessObject = builder.objectRef<Changed>('CreateProjectSuccess').implement({
  description: 'The project is there.',
  fields: (t) => ({ project: t.expose('project', PROJECT) }),
});

builder.mutationField('createProject', (t) =>
  t.field({
    type: resultUnion('CreateProjectResult', CreateProjectSuccessObject, [LimitReachedError, ValidationError]),
    access: 'projects:create',
    description: 'Makes a project in the organization that is acted in.',
    args: { input: t.arg({ type: CreateProjectInputObject, description: 'What to make.' }) },
    resolve: (_root, { input }, ctx) => createProject(ctx, input),
  }),
);

const RenameProjectInputObject = builder.inputType('RenameProjectInput', {
  description: 'Which project gets which name.',
  fields: (t) => ({
    projectId: t.id({ description: 'Id of the project.' }),
    name: t.string({ description: 'Name, 1 to 100 characters, unique in the organization.' }),
  }),
});

const RenameProjectSuccessObject = builder.objectRef<Changed>('RenameProjectSuccess').implement({
  description: 'The project has the name.',
  fields: (t) => ({ project: t.expose('project', PROJECT) }),
});

builder.mutationField('renameProject', (t) =>
  t.field({
    type: resultUnion('RenameProjectResult', RenameProjectSuccessObject, [ValidationError]),
    access: 'projects:update',
    description: 'Gives a project another name. The permission may also come from a role for the project alone.',
    args: { input: t.arg({ type: RenameProjectInputObject, description: 'Which project gets which name.' }) },
    resolve: (_root, { input }, ctx) => renameProject(ctx, input),
  }),
);

const ArchiveProjectInputObject = builder.inputType('ArchiveProjectInput', {
  description: 'What to archive.',
  fields: (t) => ({ projectId: t.id({ description: 'Id of the project.' }) }),
});

const ArchiveProjectSuccessObject = builder.objectRef<Changed>('ArchiveProjectSuccess').implement({
  description: 'The project is in the archive.',
  fields: (t) => ({ project: t.expose('project', PROJECT) }),
});

builder.mutationField('archiveProject', (t) =>
  t.field({
    type: resultUnion('ArchiveProjectResult', ArchiveProjectSuccessObject, []),
    access: 'projects:archive',
    description: 'Archives a project. The permission may also come from a role for it alone. Can be repeated.',
    args: { input: t.arg({ type: ArchiveProjectInputObject, description: 'What to archive.' }) },
    resolve: (_root, { input }, ctx) => archiveProject(ctx, input),
  }),
);

const UnarchiveProjectInputObject = builder.inputType('UnarchiveProjectInput', {
  description: 'What to take out of the archive.',
  fields: (t) => ({ projectId: t.id({ description: 'Id of the project.' }) }),
});

const UnarchiveProjectSuccessObject = builder.objectRef<Changed>('UnarchiveProjectSuccess').implement({
  description: 'The project is out of the archive.',
  fields: (t) => ({ project: t.expose('project', PROJECT) }),
});

builder.mutationField('unarchiveProject', (t) =>
  t.field({
    type: resultUnion('UnarchiveProjectResult', UnarchiveProjectSuccessObject, []),
    access: 'projects:archive',
    description: 'Takes a project out of the archive; the permission as for `archiveProject`. Can be repeated.',
    args: { input: t.arg({ type: UnarchiveProjectInputObject, description: 'What to take out of the archive.' }) },
    resolve: (_root, { input }, ctx) => unarchiveProject(ctx, input),
  }),
);
