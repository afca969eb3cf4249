import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import SchemaBuilder from '@pothos/core';
import {
  buildSchema,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  lexicographicSortSchema,
  parse,
  parseValue,
  printSchema,
  validate,
  valueFromAST,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Ctx } from '#core/context.ts';
import { type Access, accessRule } from '#graphql/access.ts';
import { schema } from '#graphql/schema.ts';
import { schemaText } from '#graphql/schema-text.ts';
import { elementsOf, restatesItsName } from '../support/descriptions.ts';

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

/**
 * What needs no person signed in, and what needs an administrator, written down a second time: no rule changes by
 * accident.
 */
const WHO_MAY_ASK: Partial<Record<Access, readonly string[]>> = {
  anyone: [
    'register',
    'verifyEmail',
    'resendVerification',
    'rejectRegistration',
    'login',
    'confirmLogin',
    'requestLogin',
    'loginWithEmail',
    'requestSecondFactorReset',
    'confirmSecondFactorReset',
    'refresh',
    'logout',
    'requestPasswordReset',
    'resetPassword',
    'confirmEmailChange',
    'undoEmailChange',
    'undoSecurityChange',
    'undoAccountDeletion',
    'invitationPreview',
    'declineInvitation',
  ],
  optionalViewer: ['me', 'session', 'currentOrganization', 'node'],
  admin: [
    'users',
    'user',
    'auditEvents',
    'disableUser',
    'enableUser',
    'setUserRole',
    'endUserSessions',
    'sendPasswordReset',
    'resetSecondFactors',
    'suspendOrganization',
    'unsuspendOrganization',
  ],
  'organization:read': ['organization', 'organizationBySlug', 'leaveOrganization', 'switchOrganization'],
  'organization:update': ['updateOrganization'],
  'organization:delete': ['deleteOrganization', 'restoreOrganization'],
  'organization:transfer': ['transferOwnership'],
  'members:invite': ['inviteMember', 'resendInvitation', 'revokeInvitation'],
  'members:update': ['updateMembershipRole'],
  'members:remove': ['removeMember'],
  'projects:create': ['createProject'],
  'projects:update': ['renameProject'],
  'projects:archive': ['archiveProject', 'unarchiveProject'],
  'roles:manage': ['createRole', 'updateRole', 'deleteRole', 'assignRole', 'unassignRole'],
};

describe('the schema', () => {
  test('is what schema.graphql says, also in the order in which the service loads it', async () => {
    const text = readFileSync('schema.graphql', 'utf8');
    expect(schemaText()).toBe(text);
    // In a process of its own, because here it is loaded already.
    const load =
      "await import('#app.ts'); process.stdout.write((await import('#graphql/schema-text.ts')).schemaText())";
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', load]);
    expect(stdout).toBe(text);
  });

  test('is the same schema when it is read back, in the order of the code', () => {
    const plain = (given: typeof schema) => printSchema(lexicographicSortSchema(given)).replaceAll(/\s+/g, ' ');
    const text = schemaText();
    expect(plain(buildSchema(text))).toBe(plain(schema));
    const journey = ['register', 'verifyEmail', 'login', 'refresh', 'logout', 'createOrganization', 'disableUser'];
    const parts = ['RegisterInput', 'RegisterSuccess', 'RegisterResult', 'VerifyEmailInput'].concat([
      'LoginSuccess',
      'LoginResult',
      'LoginInput',
      'CreateOrganizationInput',
      'DisableUserInput',
      'UserError',
    ]);
    const places = (names: readonly string[], before: string) =>
      names.map((name) => text.search(new RegExp(`^${before}${name}\\b`, 'm')));
    for (const found of [places(journey, '  '), places(parts, '(?:input|type|union|interface) ')]) {
      expect(found).not.toContain(-1);
      expect(found).toEqual(found.toSorted((a, b) => a - b));
    }
    expect(text.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  test('describes every element, and says more than its name does', () => {
    expect(types.length).toBeGreaterThan(20);
    const elements = types.flatMap(elementsOf);
    expect(elements.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
    expect(elements.filter(restatesItsName).map(({ name, description }) => `${name}: ${description}`)).toEqual([]);
  });

  test.each([
    ['ArchiveProjectInput', 'What to archive.'],
    ['RestoreOrganizationInput', 'What to keep.'],
    ['Mutation.removeMember(input)', 'Whom to remove.'],
    ['Query.user(id)', 'Its id.'],
    ['AssignRoleInput.roleId', 'The id of the role.'],
    ['User.createdAt', 'When the user was created.'],
  ])('%s: "%s" would say no more than the name', (name, description) => {
    expect(restatesItsName({ name, description })).toBe(true);
  });

  test('shows an example of every input, and each is one', () => {
    const inputs = Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap(({ args }) => args);
    expect(inputs.length).toBeGreaterThan(40);
    for (const { type, description } of inputs) {
      const examples = [...(description ?? '').matchAll(/`(\{.*?\})`/g)].map(([, example = '']) => example);
      expect(examples.length, description ?? '').toBeGreaterThan(0);
      for (const example of examples) expect(valueFromAST(parseValue(example), type), example).toBeDefined();
    }
  });

  test('every mutation takes one input and answers with a union of one success and UserErrors', () => {
    const userError = schema.getType('UserError');
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const name = field.name.charAt(0).toUpperCase() + field.name.slice(1);
      const union = getNamedType(field.type);
      expect(union.name).toBe(`${name}Result`);
      if (!isUnionType(union)) throw new Error(`${union.name} is not a union`);
      // Every way to sign in answers with the same success.
      const isSuccess = (type: { name: string }) => [`${name}Success`, 'LoginSuccess'].includes(type.name);
      const errors = union.getTypes().filter((type) => !isSuccess(type));
      expect(errors).toHaveLength(union.getTypes().length - 1);
      for (const error of errors) expect(error.getInterfaces(), error.name).toContain(userError);
      expect(field.args.length).toBeLessThanOrEqual(1);
      for (const argument of field.args) expect(argument.type.toString()).toBe(`${name}Input!`);
    }
  });

  test('the documented fragment is valid on every mutation', () => {
    for (const [name, { args }] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
      const head = args.map((arg) => `($input: ${arg.type})`).join('');
      const given = args.length === 0 ? '' : '(input: $input)';
      const document = `mutation${head} { ${name}${given} { __typename ... on UserError { code message } } }`;
      expect(validate(schema, parse(document)), document).toEqual([]);
    }
  });

  test('a refused field does not affect the rest of the answer: no field of Query and no list is non-null', () => {
    const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
    const lists = types
      .filter((type) => isObjectType(type))
      .flatMap((type) => Object.values(type.getFields()))
      .filter(({ type }) => getNamedType(type).name.endsWith('Connection'));
    expect(lists.length).toBeGreaterThan(5);
    for (const { name, type } of [...queries, ...lists]) expect(isNonNullType(type), name).toBe(false);
  });

  test('every mutation that takes a password, code or token counts as a credential mutation', () => {
    const secret = /(?:password|code|token)(?!.*Id$)/i;
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const input = field.args[0] && getNamedType(field.args[0].type);
      const given = isInputObjectType(input) ? Object.values(input.getFields()) : [];
      const takesSecret = given.some(({ name, type }) => secret.test(name) && getNamedType(type).name !== 'Boolean');
      // Signing out with a token reveals nothing that would help a guess.
      if (field.name === 'logout') continue;
      expect(field.extensions['takesCredential'] === true, field.name).toBe(takesSecret);
    }
  });

  test('every field of Query and Mutation declares who has access, and its description says so', () => {
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.values(type?.getFields() ?? {}),
    );
    const names = Object.groupBy(fields, ({ extensions }) => extensions['access'] as Access);
    for (const [access, expected] of Object.entries(WHO_MAY_ASK)) {
      expect(new Set(names[access as Access]?.map(({ name }) => name)), access).toEqual(new Set(expected));
    }
    for (const { name, description, extensions } of fields) {
      expect(description, name).toContain(`Access: ${accessRule(extensions['access'] as Access).description}`);
    }
  });

  test('every field that leads from one row to others has a rule, and says it; all others belong to their row', () => {
    const isRow = ({ extensions }: GraphQLObjectType) => extensions['pothosPrismaModel'] !== undefined;
    const without: string[] = [];
    for (const type of types.filter((type) => isObjectType(type)).filter(isRow)) {
      for (const { name, type: of, description, extensions } of Object.values(type.getFields())) {
        const access = extensions['access'] as Access | undefined;
        if (access !== undefined) expect(description, name).toContain(`Access: ${accessRule(access).description}`);
        else if (isObjectType(getNamedType(of))) without.push(`${type.name}.${name}`);
      }
    }
    expect(without).toEqual([]);
    const of = (typeName: string, field: string) => {
      const type = schema.getType(typeName);
      return isObjectType(type) ? type.getFields()[field]?.extensions['access'] : undefined;
    };
    expect(of('Organization', 'members')).toBe('members:read');
    expect(of('Organization', 'invitations')).toBe('members:invite');
    expect(of('User', 'memberships')).toBe('self');
  });

  test('a field without such a rule does not build', () => {
    const careless = new SchemaBuilder<{ Context: Ctx }>({ plugins: ['access'] } as never);
    careless.queryType({});
    // @ts-expect-error the compiler asks for it already
    careless.queryField('secrets', (t) => t.string({ resolve: () => 'all of them' }));
    expect(() => careless.toSchema()).toThrow('Query.secrets does not say who may ask');
    // Nor does one of a row that leads to other rows.
    const row = { extensions: { pothosPrismaModel: 'Organization' } };
    const leaky = new SchemaBuilder<{ Context: Ctx }>({ plugins: ['access'] } as never);
    leaky.queryType({});
    const Tenant = leaky.objectRef<{ id: string }>('Tenant');
    Tenant.implement({ ...row, fields: (t) => ({ secrets: t.field({ type: [Tenant], resolve: () => [] }) }) });
    expect(() => leaky.toSchema()).toThrow('Tenant.secrets does not say who may ask');
  });
});
