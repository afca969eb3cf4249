/**
 * No door opens without the second factor: every mutation and every route that can answer with a token, times every
 * first factor, for an account that has a second one. The lists of doors are read from the schema and from the REST
 * definitions; a new door without a row here fails.
 */
import { type GraphQLObjectType, getNamedType, isObjectType, isUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { challengeToken } from '#core/proofs/challenge-token.ts';
import { schema } from '#graphql/schema.ts';
import { MeDocument, RefreshDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { challengeOf, elsewhere, type Protected, protectedPerson } from '../support/second-factor.ts';

/**
 * What someone has who knows one factor: the password, a link that was sent to the mailbox, and what a sign-in gave.
 */
type Known = { ada: Protected; password: string; mailedToken: string; signInToken: string; challenge: string };
type Attempt = (known: Known) => { path: string; method?: string; form?: Record<string, string>; json?: object };

const graphql = (query: string, input: object) => ({ path: '/graphql', json: { query, variables: { input } } });
const mutation = (name: string, takes: string) =>
  `mutation ($input: ${takes}!) { ${name}(input: $input) { __typename ... on LoginSuccess { tokens { accessToken refreshToken } } } }`;
const passwords = ({ password, challenge, mailedToken, signInToken }: Known) => [
  password,
  challenge,
  mailedToken,
  signInToken,
];
/** Codes of a second step, by someone who has no second factor. */
const codes = ({ password, challenge, mailedToken }: Known) => ['000000', password, challenge, mailedToken];

/** For each door, attempts with all that one factor can give. */
const DOORS: Record<string, (known: Known) => ReturnType<Attempt>[]> = {
  'mutation login': (known) =>
    passwords(known).flatMap((password) =>
      ['BEARER', 'COOKIE'].map((transport) =>
        graphql(mutation('login', 'LoginInput'), { identifier: known.ada.email, password, transport }),
      ),
    ),
  'mutation confirmLogin': ({ challenge, mailedToken, password }) =>
    [challenge, mailedToken].flatMap((token) =>
      ['000000', password, token].map((code) =>
        graphql(mutation('confirmLogin', 'ConfirmLoginInput'), { challengeToken: token, code }),
      ),
    ),
  'mutation loginWithEmail': ({ challenge, mailedToken, password, signInToken }) => [
    ...[challenge, mailedToken, signInToken].map((token) =>
      graphql(mutation('loginWithEmail', 'LoginWithEmailInput'), { token }),
    ),
    ...[challenge, mailedToken, signInToken].map((challengeToken) =>
      graphql(mutation('loginWithEmail', 'LoginWithEmailInput'), { challengeToken, code: password }),
    ),
  ],
  'mutation refresh': ({ challenge, mailedToken }) =>
    [challenge, mailedToken].map((refreshToken) =>
      graphql(
        'mutation ($input: RefreshInput!) { refresh(input: $input) { ... on RefreshSuccess { tokens { accessToken } } } }',
        { refreshToken },
      ),
    ),
  'mutation switchOrganization': () => [
    graphql(
      'mutation ($input: SwitchOrganizationInput!) { switchOrganization(input: $input) { ... on SwitchOrganizationSuccess { accessToken } } }',
      { organizationId: '019a5f6e-0000-7000-8000-000000000000' },
    ),
  ],
  'mutation issueServiceToken': () => [
    graphql(
      'mutation ($input: IssueServiceTokenInput!) { issueServiceToken(input: $input) { ... on IssueServiceTokenSuccess { accessToken } } }',
      { service: 'billing' },
    ),
  ],
  'mutation reauthenticate': ({ password }) => [
    graphql(
      'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { ... on ReauthenticateSuccess { accessToken } } }',
      { password },
    ),
  ],
  'mutation confirmTotpSetup': ({ challenge }) => [
    graphql(
      'mutation ($input: ConfirmTotpSetupInput!) { confirmTotpSetup(input: $input) { ... on ConfirmTotpSetupSuccess { accessToken } } }',
      { setupToken: challenge, code: '000000' },
    ),
  ],
  'post /api/users/': ({ ada, password }) => [
    { path: '/api/users/', json: { name: 'Ada', email: ada.email, password } },
  ],
  'post /api/auth/login/': (known) =>
    passwords(known).map((password) => ({ path: '/api/auth/login/', json: { email: known.ada.email, password } })),
  'post /api/auth/login/confirm/': (known) =>
    codes(known).map((code) => ({ path: '/api/auth/login/confirm/', json: { challenge: known.challenge, code } })),
  'post /auth/login/confirm': (known) =>
    codes(known).map((code) => ({ path: '/auth/login/confirm', json: { challenge_token: known.challenge, code } })),
  'post /api/login/confirm': (known) =>
    codes(known).map((code) => ({ path: '/api/login/confirm', json: { challengeToken: known.challenge, code } })),
  'post /api/auth/refresh/': ({ challenge }) => [{ path: '/api/auth/refresh/', json: { refresh: challenge } }],
  'post /auth/login': (known) =>
    passwords(known).flatMap((password) => {
      const credentials = { username: known.ada.email, password };
      return [
        { path: '/auth/login', json: credentials },
        { path: '/auth/login', form: credentials },
        { path: '/auth/login', form: { mfa_token: known.challenge, otp: password } },
      ];
    }),
  'post /auth/refresh-token': ({ challenge }) => [{ path: '/auth/refresh-token', json: { refresh_token: challenge } }],
  'post /api/login': (known) =>
    passwords(known).map((password) => ({ path: '/api/login', json: { email: known.ada.email, password } })),
  'post /api/register': ({ ada, password }) => [
    { path: '/api/register', json: { name: 'Ada', email: ada.email, password } },
  ],
  'get /api/verify-email/{token}': ({ mailedToken, challenge }) =>
    [challenge, mailedToken].map((token) => ({ path: `/api/verify-email/${token}`, method: 'GET' })),
  'get /api/resend-email-verification': () => [{ path: '/api/resend-email-verification', method: 'GET' }],
  'page /sign-in-with-email': ({ signInToken, challenge }) => [
    { path: '/sign-in-with-email', form: { token: signInToken } },
    { path: '/sign-in-with-email', form: { challenge, code: '000000' } },
  ],
  'get /api/refresh': () => [{ path: '/api/refresh', method: 'GET' }],
};

/** Every mutation whose success has tokens, or an access token, in it. */
function mutationsWithTokens(): string[] {
  const hasToken = (type: GraphQLObjectType) =>
    Object.values(type.getFields()).some(
      ({ name, type: of }) => name === 'accessToken' || getNamedType(of).name === 'Tokens',
    );
  return Object.values(schema.getMutationType()?.getFields() ?? {})
    .filter(({ type }) => {
      const union = getNamedType(type);
      return isUnionType(union) && union.getTypes().some((each) => isObjectType(each) && hasToken(each));
    })
    .map(({ name }) => `mutation ${name}`);
}

type Schema = { $ref?: string; properties?: Record<string, Schema>; anyOf?: Schema[] };
type Document = {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: { 'application/json'?: { schema: Schema } } }> }>
  >;
  components: { schemas: Record<string, Schema> };
};

/** Every route whose success has a token in it. */
function routesWithTokens({ paths, components }: Document): string[] {
  const keysOf = ({ $ref, properties = {}, anyOf = [] }: Schema): string[] => [
    ...Object.keys(properties),
    ...anyOf.flatMap(keysOf),
    ...($ref === undefined ? [] : keysOf(components.schemas[$ref.split('/').at(-1) ?? ''] ?? {})),
  ];
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) => {
      const schemas = Object.entries(responses).flatMap(([status, { content }]) =>
        status.startsWith('2') ? (content?.['application/json']?.schema ?? []) : [],
      );
      return schemas.flatMap(keysOf).some((key) => /token|^access$|^refresh$/i.test(key)) ? [`${method} ${path}`] : [];
    }),
  );
}

describe.each(ENGINES)('no door opens without the second factor, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { ACCOUNT_DISCOVERY: 'conceal-everywhere' } });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  test('every door has a row', async () => {
    const document: Document = await (await latchkey.fetch('/openapi.json')).json();
    const doors = [...mutationsWithTokens(), ...routesWithTokens(document)];
    expect(doors.length).toBeGreaterThan(12);
    expect(doors.filter((door) => !(door in DOORS))).toEqual([]);
  });

  /** Someone with a second factor, and a link in the mailbox, for a verification that an operator asked for again. */
  const known = async (): Promise<Known> => {
    const ada = await protectedPerson(latchkey);
    const challenge = await challengeOf(latchkey, ada);
    const now = latchkey.app.parts.clock();
    const expiresAt = new Date(now.getTime() + 3_600_000);
    const mail = (purpose: string) =>
      prisma().challenge.create({
        data: { purpose, userId: ada.id, address: ada.email, createdAt: now, codeExpiresAt: expiresAt, expiresAt },
      });
    const [verification, signIn] = [await mail('verify-email'), await mail('sign-in-with-email')];
    const { secrets } = latchkey.app.parts;
    const [mailedToken, signInToken] = [challengeToken(secrets, verification), challengeToken(secrets, signIn)];
    return { ada, password: PASSWORD, challenge, mailedToken, signInToken };
  };

  const send = ({ path, method = 'POST', form, json }: ReturnType<Attempt>) => {
    const body = form === undefined ? json && JSON.stringify(json) : new URLSearchParams(form).toString();
    const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
    const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin' };
    return latchkey.fetch(path, { method, headers, ...(body && { body }) }, elsewhere().ip);
  };

  test.each(Object.keys(DOORS))('%s', async (door) => {
    const given = await known();
    const sessions = () => prisma().session.count({ where: { userId: given.ada.id, isProvisional: false } });
    const before = await sessions();
    for (const attempt of DOORS[door]?.(given) ?? []) {
      const response = await send(attempt);
      const text = await response.text();
      expect(response.status, text).toBeLessThan(500);
      expect(response.headers.getSetCookie(), text).toEqual([]);
      for (const token of text.match(/[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g) ?? []) {
        const { data } = await latchkey.send(MeDocument, {}, { bearer: token });
        expect(data?.me ?? null, token).toBeNull();
        const refreshed = await latchkey.ask(RefreshDocument, { input: { refreshToken: token } });
        expect(refreshed.refresh.__typename, token).toBe('SessionEndedError');
      }
      expect(await sessions(), text).toBe(before);
    }
  });
});
