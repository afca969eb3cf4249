import { print } from 'graphql';
import { createLocalJWKSet, decodeProtectedHeader, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, createApp } from '#app.ts';
import { type Config, parseConfig } from '#config/config.ts';
import { deriveSecrets } from '#core/secrets.ts';
import { openKeyRing } from '#core/tokens/key-ring.ts';
import { addNextKey, keyState, PUBLISH_SECONDS, removeKey } from '#core/tokens/key-rotation.ts';
import { generateKey, KeyRingLockedError } from '#core/tokens/signing-key.ts';
import { RefreshDocument, RegisterDocument, VerifyEmailDocument } from '../../generated/graphql.ts';
import { freshDatabase } from '../../support/database.ts';
import { type Latchkey, PASSWORD, SECRET, startLatchkey } from '../../support/latchkey.ts';

const OTHER_SECRET = 'another secret that is only good for tests, 56 bytes long';
const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? '';

/** Another replica on the same database, with the same clock. */
const replicaOf = (latchkey: Latchkey, config: Partial<Config> = {}): Promise<App> =>
  createApp({ ...latchkey.config, ...config }, { clock: latchkey.app.parts.clock, log: latchkey.app.parts.log });

const fetchFrom = (app: App, path: string) => app.fetch(new Request(`http://localhost${path}`));

async function post(app: App, body: object, headers: Record<string, string> = {}) {
  const response = await app.fetch(
    new Request('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
  );
  return response.json();
}

/** `me` of a token, asked of a replica: the person's id, or why not. */
async function ask(app: App, bearer: string): Promise<string> {
  const { data, errors } = await post(app, { query: '{ me { id } }' }, { authorization: `Bearer ${bearer}` });
  return data?.me?.id ?? errors[0].extensions.reason;
}

type Refreshed = { accessToken: string; refreshToken: string; expiresAt: string };

async function refresh(app: App, refreshToken: string): Promise<Refreshed> {
  const { data } = await post(app, { query: print(RefreshDocument), variables: { input: { refreshToken } } });
  expect(data.refresh.__typename).toBe('RefreshSuccess');
  return data.refresh.tokens;
}

/** A service of someone else: believes the JWKS for as long as its max-age says, and never asks again before. */
function createVerifier(app: App) {
  const { clock, config } = app.parts;
  let keys = Promise.reject<JWTVerifyGetKey>(new Error('not fetched'));
  keys.catch(() => {});
  let keptUntil = 0;
  let fetched = 0;
  const fetchKeys = async () => {
    fetched++;
    const response = await fetchFrom(app, '/.well-known/jwks.json');
    const [, maxAge] = /max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '') ?? [];
    keptUntil = clock().getTime() + Number(maxAge) * 1000;
    return createLocalJWKSet(await response.json());
  };
  return {
    fetched: () => fetched,
    verify: async (token: string): Promise<string> => {
      if (clock().getTime() >= keptUntil) {
        keptUntil = Number.POSITIVE_INFINITY;
        keys = fetchKeys();
      }
      const { payload } = await jwtVerify(token, await keys, {
        issuer: config.publicUrl,
        audience: config.publicUrl,
        typ: 'at+jwt',
        algorithms: ['ES256'],
        currentDate: clock(),
      });
      return payload.sub ?? '';
    },
  };
}

describe('two replicas and a verifier', () => {
  let latchkey: Latchkey;
  let other: App;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine: 'postgresql', env: { KEY_ROTATION: '2h', SESSION_IDLE_TTL: '30d' } });
    other = await replicaOf(latchkey);
  });
  afterAll(async () => {
    await other.close();
    await latchkey.close();
  });

  test('rotation under load fails no verification', async () => {
    const person = await latchkey.person();
    const { id } = person;
    const session = await latchkey.app.parts.database.prisma.session.findFirstOrThrow({ include: { user: true } });
    const replicas = [latchkey.app, other];
    let { refreshToken } = person;
    // They begin at different minutes, so that some fetch the keys right before a new one is made.
    const verifiers = Array.from({ length: 5 }, (_, at) => createVerifier(at % 2 === 0 ? latchkey.app : other));
    const alive = new Map<string, number>();
    const signers: string[] = [];
    let verifications = 0;
    // Steps that fall before, into and after every window of two rotations and of the end of the first key.
    for (let minute = 0; minute < 340; minute++) {
      const now = latchkey.app.parts.clock().getTime();
      for (const [token, exp] of alive) if (exp <= now) alive.delete(token);
      for (const app of replicas) {
        const options = { accessTokenTtlSeconds: minute % 2 === 0 ? 3600 : 900 };
        const { token, expiresAt } = app.parts.accessTokens.issue(session.user, session, options);
        alive.set(token, expiresAt.getTime());
        if (!signers.includes(kidOf(token))) signers.push(kidOf(token));
      }
      if (minute % 5 === 0) {
        const refreshed = await refresh(minute % 2 === 0 ? latchkey.app : other, refreshToken);
        refreshToken = refreshed.refreshToken;
        alive.set(refreshed.accessToken, Date.parse(refreshed.expiresAt));
      }
      // The newest and the oldest, everywhere at once.
      const tokens = [...alive.keys()];
      const sample = [...tokens.slice(-2), ...tokens.slice(0, 2)];
      const answers = await Promise.all([
        ...sample.flatMap((token) => verifiers.slice(0, minute + 1).map(({ verify }) => verify(token))),
        ...(minute % 10 === 0 ? sample.flatMap((token) => replicas.map((app) => ask(app, token))) : []),
      ]);
      expect(new Set(answers)).toEqual(new Set([id]));
      verifications += answers.length;
      latchkey.advance({ minutes: 1 });
    }
    expect(signers).toHaveLength(3);
    expect(verifications).toBeGreaterThan(5000);
    // The verifiers neither hammer nor are they told to: about once in five minutes.
    for (const verifier of verifiers) expect(verifier.fetched()).toBeLessThanOrEqual(340 / 5 + 1);
    // What has ended is gone, also from the database.
    const stored = await latchkey.app.parts.database.prisma.signingKey.findMany();
    expect(stored.length).toBeLessThanOrEqual(3);
    expect(stored.map((key) => key.id)).not.toContain(signers[0]);
  });

  test('many replicas that find the next key due at the same moment make one', async () => {
    const { parts } = latchkey.app;
    await parts.keyRing.jwks();
    const before = await parts.database.prisma.signingKey.findMany();
    latchkey.advance({ hours: 3 });
    const rings = await Promise.all(Array.from({ length: 6 }, () => openKeyRing(parts)));
    latchkey.advance({ minutes: 1 });
    const published = await Promise.all(rings.map((ring) => ring.jwks()));
    for (const jwks of published) expect(jwks).toEqual(published[0]);
    const made = (await parts.database.prisma.signingKey.findMany()).filter(
      (key) => !before.some(({ id }) => id === key.id),
    );
    expect(made).toHaveLength(1);
    await Promise.all(rings.map((ring) => ring.close()));
  });

  test('a key is published before it signs, signs everywhere at its time, and is accepted until its last token has ended', async () => {
    const { parts } = latchkey.app;
    const person = await latchkey.person();
    const user = await parts.database.prisma.user.findUniqueOrThrow({ where: { id: person.id } });
    const session = await parts.database.prisma.session.findUniqueOrThrow({ where: { id: person.sessionId } });
    latchkey.advance({ minutes: 30 });
    await parts.keyRing.jwks();
    latchkey.advance({ seconds: PUBLISH_SECONDS + 10 });
    await Promise.all([parts.keyRing.jwks(), other.parts.keyRing.jwks()]);
    const issue = (app: App) => app.parts.accessTokens.issue(user, session, { accessTokenTtlSeconds: 3600 });
    const first = kidOf(issue(latchkey.app).token);

    const [next, again] = [await addNextKey(parts), await addNextKey(other.parts)];
    expect(next).toMatch(/^[\w-]{43}$/);
    expect(again).toBeNull();
    latchkey.advance({ seconds: 10 });
    for (const app of [latchkey.app, other]) {
      expect((await app.parts.keyRing.jwks()).keys.map(({ kid }) => kid)).toContain(next);
      expect(kidOf(issue(app).token)).toBe(first);
    }
    latchkey.advance({ seconds: PUBLISH_SECONDS - 70 });
    const last = issue(other).token;
    expect(kidOf(last)).toBe(first);
    latchkey.advance({ minutes: 1 });
    for (const app of [latchkey.app, other]) expect(kidOf(issue(app).token)).toBe(next);
    latchkey.advance({ minutes: 58 });
    expect(await ask(latchkey.app, last)).toBe(person.id);
    expect((await parts.keyRing.jwks()).keys.map(({ kid }) => kid)).toContain(first);
    latchkey.advance({ minutes: 5 });
    expect((await parts.keyRing.jwks()).keys.map(({ kid }) => kid)).not.toContain(first);
  });

  test('a key that is taken out is replaced at once, and what it signed is refused everywhere', async () => {
    const { parts } = latchkey.app;
    const person = await latchkey.person();
    expect([await ask(latchkey.app, person.accessToken), await ask(other, person.accessToken)]).toEqual([
      person.id,
      person.id,
    ]);
    const stolen = kidOf(person.accessToken);
    const successor = await removeKey(parts, stolen);
    latchkey.advance({ seconds: 10 });
    for (const app of [latchkey.app, other]) {
      expect(await ask(app, person.accessToken)).toBe('TOKEN_INVALID');
      expect((await app.parts.keyRing.jwks()).keys.map(({ kid }) => kid)).not.toContain(stolen);
    }
    const { accessToken } = await latchkey.person();
    expect(kidOf(accessToken)).toBe(successor);
    expect(await ask(other, accessToken)).not.toBe('TOKEN_INVALID');
    await expect(removeKey(parts, stolen)).rejects.toThrow(stolen);
  });

  test('a replica that has not heard of a key yet looks for it before it refuses', async () => {
    const { parts } = latchkey.app;
    await other.parts.keyRing.jwks();
    const now = parts.clock();
    const key = await generateKey('ES256', parts.secrets);
    await parts.database.prisma.signingKey.create({ data: { ...key, createdAt: now, activeAt: now } });
    // Two at once, and someone who asks for keys that there are not.
    const made = await Promise.all([
      other.parts.keyRing.verifier(key.id),
      other.parts.keyRing.verifier('y'.repeat(43)),
      other.parts.keyRing.verifier(key.id),
    ]);
    expect(made.map((it) => it?.algorithm)).toEqual(['ES256', undefined, 'ES256']);
    await removeKey(parts, key.id);
  });

  test('names of keys that there are not cost a query a second, however many are tried', async () => {
    const { parts } = latchkey.app;
    let reads = 0;
    const prisma = parts.database.prisma.$extends({
      query: { signingKey: { findMany: ({ args, query }) => query(args).finally(() => reads++) } },
    }) as unknown as typeof parts.database.prisma;
    const ring = await openKeyRing({ ...parts, database: { ...parts.database, prisma } });
    reads = 0;
    const names = Array.from({ length: 500 }, (_, i) => String(i).padStart(43, '0'));
    expect(new Set(await Promise.all(names.map((kid) => ring.verifier(kid))))).toEqual(new Set([null]));
    expect(new Set(await Promise.all(names.map((kid) => ring.verifier(kid))))).toEqual(new Set([null]));
    for (const kid of ['', 'unknown', `${'x'.repeat(43)}\n`]) expect(await ring.verifier(kid)).toBeNull();
    expect(reads).toBeLessThanOrEqual(3);
    await ring.close();
  });

  test('a changed JWT_ALG makes a key of it at the start; tokens of the old one stay good', async () => {
    const { id, accessToken } = await latchkey.person();
    const session = await latchkey.app.parts.database.prisma.session.findFirstOrThrow({
      where: { userId: id },
      include: { user: true },
    });
    let before = accessToken;
    for (const jwtAlgorithm of ['EdDSA', 'RS256', 'PS256', 'HS256', 'ES256'] as const) {
      const [replica, twin] = await Promise.all([
        replicaOf(latchkey, { jwtAlgorithm }),
        replicaOf(latchkey, { jwtAlgorithm }),
      ]);
      const { database, accessTokens, keyRing } = replica.parts;
      const issue = () => accessTokens.issue(session.user, session).token;
      expect(kidOf(issue())).toBe(kidOf(before));
      const next = (await database.prisma.signingKey.findMany()).filter(
        (key) => keyState(key, replica.parts.clock()) === 'next',
      );
      expect(next.map(({ algorithm }) => algorithm)).toEqual([jwtAlgorithm]);
      const published = (await keyRing.jwks()).keys.find(({ kid }) => kid === next[0]?.id);
      expect(published?.alg).toBe(jwtAlgorithm === 'HS256' ? undefined : jwtAlgorithm);
      if (published?.kty === 'RSA') expect(Buffer.from(published.n ?? '', 'base64url')).toHaveLength(3072 / 8);
      latchkey.advance({ seconds: PUBLISH_SECONDS });
      const token = issue();
      expect(decodeProtectedHeader(token)).toMatchObject({ alg: jwtAlgorithm, kid: next[0]?.id });
      for (const app of [replica, twin, latchkey.app, other]) {
        expect([await ask(app, token), await ask(app, before)]).toEqual([id, id]);
      }
      before = token;
      await Promise.all([replica.close(), twin.close()]);
    }
  });
});

describe('SECRET', () => {
  test('is changed with SECRET_PREVIOUS: older keys, tokens and emailed codes stay valid', async () => {
    const latchkey = await startLatchkey({ engine: 'postgresql' });
    const { parts } = latchkey.app;
    const { prisma } = parts.database;
    const { id, accessToken, refreshToken } = await latchkey.person();
    const [byCode, byLink] = [latchkey.address(), latchkey.address()];
    for (const email of [byCode, byLink]) {
      await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    }
    const before = await prisma.signingKey.findMany();

    const given = (value: string, previousSecret: string | null = null) => ({
      secret: { kind: 'given' as const, value },
      previousSecret,
    });
    await expect(replicaOf(latchkey, given(OTHER_SECRET))).rejects.toThrow(KeyRingLockedError);
    await expect(replicaOf(latchkey, given(OTHER_SECRET, `not ${SECRET}`))).rejects.toThrow(KeyRingLockedError);
    const wrong = { ...parts, secrets: deriveSecrets(OTHER_SECRET, null) };
    await expect(addNextKey(wrong)).rejects.toThrow(KeyRingLockedError);
    await expect(removeKey(wrong, before[0]?.id ?? '')).rejects.toThrow(KeyRingLockedError);
    expect(await prisma.signingKey.findMany()).toEqual(before);

    const replica = await replicaOf(latchkey, given(OTHER_SECRET, SECRET));
    const after = await prisma.signingKey.findMany();
    expect(after.map(({ privateJwe: _, ...key }) => key)).toEqual(before.map(({ privateJwe: _, ...key }) => key));
    expect(after[0]?.privateJwe).not.toBe(before[0]?.privateJwe);
    expect(await ask(replica, accessToken)).toBe(id);
    const refreshed = await refresh(replica, refreshToken);
    expect(await ask(replica, refreshed.accessToken)).toBe(id);
    const proofs = [
      { email: byCode, code: (await latchkey.mailTo(byCode)).code },
      { token: new URL((await latchkey.mailTo(byLink)).link ?? '').searchParams.get('token') },
    ];
    for (const input of proofs) {
      const { data } = await post(replica, { query: print(VerifyEmailDocument), variables: { input } });
      expect(data.verifyEmail.__typename).toBe('VerifyEmailSuccess');
    }

    // A replica that still runs with the old one goes on signing and verifying; it does not start again.
    latchkey.advance({ minutes: 1 });
    expect(await ask(latchkey.app, refreshed.accessToken)).toBe(id);
    expect(parts.keyRing.signer().kid).toBe(before[0]?.id);
    await expect(replicaOf(latchkey)).rejects.toThrow(KeyRingLockedError);
    // The new one is enough from now on. What was made under the old one is then worth nothing.
    const next = await replicaOf(latchkey, given(OTHER_SECRET));
    expect(await ask(next, refreshed.accessToken)).toBe(id);
    await refresh(next, refreshed.refreshToken);
    const ended = await post(next, { query: print(RefreshDocument), variables: { input: { refreshToken } } });
    expect(ended.data.refresh.__typename).toBe('SessionEndedError');
    await Promise.all([replica.close(), next.close()]);
    await latchkey.close();
  });
});

test('two replicas starting on an empty database share one key ring', async () => {
  const { drop, ...database } = await freshDatabase('postgresql');
  const config = { ...parseConfig({ SECRET, LOG_LEVEL: 'silent' }), database };
  const apps = await Promise.all([createApp(config), createApp(config)]);
  const [one, two] = await Promise.all(
    apps.map(async (app) => (await fetchFrom(app, '/.well-known/jwks.json')).json()),
  );
  expect(one.keys).toHaveLength(1);
  expect(two).toEqual(one);
  expect(apps.map(({ parts }) => parts.keyRing.signer().kid)).toEqual([one.keys[0].kid, one.keys[0].kid]);
  await Promise.all(apps.map((app) => app.close()));
  await drop();
});
