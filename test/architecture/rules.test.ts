/**
 * The rules of the code's shape, as assertions. Each test collects sentences that name a file and what is wrong with
 * it, and expects none. An exception is an entry of a list here, with its reason.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { client, example, files, none, packed, ROOT, read, resolveOwn, src } from '../support/source-files.ts';

/**
 * What each part of `src` is made of and may run: the first pattern that fits a file is its layer. `types` are what it
 * may take types from besides.
 */
const LAYERS: readonly { name: string; is: RegExp; runs: readonly string[]; types: readonly string[] }[] = [
  {
    name: 'vocabulary',
    is: /^src\/(errors\/.+|config\/.+|http\/(accept|cross-origin|form|json|request-headers|security-headers))\.ts$/,
    runs: ['vocabulary'],
    types: [],
  },
  {
    name: 'main',
    is: /^src\/(main|cli|bundle)\.ts$/,
    runs: ['main', 'process', 'command'],
    types: [],
  },
  {
    name: 'process',
    is: /^src\/server\.ts$/,
    runs: ['app', 'server', 'cluster', 'outside', 'vocabulary'],
    types: [],
  },
  { name: 'cluster', is: /^src\/cluster\//, runs: ['cluster', 'vocabulary'], types: ['outside'] },
  { name: 'server', is: /^src\/http\/(server|starting)\.ts$/, runs: ['vocabulary'], types: [] },
  {
    name: 'command',
    is: /^src\/cli\//,
    runs: ['command', 'parts', 'mail worker', 'use case', 'core', 'outside', 'generated', 'vocabulary'],
    types: [],
  },
  { name: 'parts', is: /^src\/(parts|readings)\.ts$/, runs: ['core', 'outside', 'vocabulary'], types: [] },
  {
    name: 'app',
    is: /^src\/app\.ts$/,
    runs: [
      'parts',
      'request',
      'front',
      'mail worker',
      'clean-up',
      'graphql',
      'rest',
      'pages',
      'core',
      'outside',
      'vocabulary',
    ],
    types: [],
  },
  {
    name: 'request',
    is: /^src\/http\/(request|client-address|refresh-cookie|device-cookie)\.ts$/,
    runs: ['request', 'core', 'vocabulary'],
    types: ['outside'],
  },
  {
    name: 'front',
    is: /^src\/http\/(front|body|request-end)\.ts$/,
    runs: ['front', 'vocabulary'],
    types: ['request', 'core', 'graphql', 'outside'],
  },
  {
    name: 'mail worker',
    is: /^src\/jobs\/(mail-worker|mail-addressee|render-mail|render-challenge-mail|sample-mails)\.ts$/,
    runs: ['mail worker', 'mail', 'core', 'vocabulary'],
    types: ['outside', 'generated'],
  },
  {
    name: 'clean-up',
    is: /^src\/jobs\/(clean-up|age-watch)\.ts$/,
    runs: ['use case', 'core', 'vocabulary'],
    types: ['outside'],
  },
  { name: 'schema', is: /^src\/graphql\/schema\.ts$/, runs: ['graphql face', 'graphql'], types: [] },
  {
    name: 'graphql',
    is: /^src\/graphql\//,
    runs: ['graphql', 'schema', 'generated', 'vocabulary'],
    types: ['core', 'outside'],
  },
  {
    name: 'graphql face',
    is: /^src\/capabilities\/[^/]+\/[^/]+\.graphql\.ts$/,
    runs: ['use case', 'graphql', 'vocabulary'],
    types: ['core', 'generated'],
  },
  {
    name: 'mail',
    is: /^src\/capabilities\/[^/]+\/[^/]+\.email\.ts$/,
    runs: ['mail'],
    types: ['core', 'generated', 'vocabulary'],
  },
  {
    name: 'use case',
    is: /^src\/capabilities\/[^/]+\/[^/]+\.ts$/,
    runs: ['use case', 'mail', 'core', 'generated', 'vocabulary'],
    types: [],
  },
  { name: 'core', is: /^src\/core\//, runs: ['core', 'generated', 'vocabulary'], types: ['outside'] },
  { name: 'outside', is: /^src\/outside\//, runs: ['outside', 'generated', 'vocabulary'], types: ['core'] },
  { name: 'rest', is: /^src\/rest\//, runs: ['use case', 'rest', 'vocabulary'], types: ['core', 'generated'] },
  { name: 'pages', is: /^src\/pages\//, runs: ['use case', 'pages', 'vocabulary'], types: ['core', 'generated'] },
  { name: 'generated', is: /^src\/generated\//, runs: ['generated'], types: [] },
];

/** Imports that the table refuses and that are right all the same, with the reason. */
const ALLOWED: readonly { from: RegExp; to: string; because: string }[] = [
  {
    from: /^src\/graphql\//,
    to: 'src/core/organizations/permissions.ts',
    because: 'the catalogue of permissions is a list, and the schema shows all of it',
  },
  {
    from: /^src\/graphql\/access\.ts$/,
    to: 'src/core/limits/write-budget.ts',
    because:
      'every mutation of someone who is signed in counts, so it is asked where all of them pass, before use cases',
  },
  {
    from: /^src\/graphql\/access\.ts$/,
    to: 'src/core/sessions/second-factor-policy.ts',
    because:
      'who may use the role `admin` is a pure function of the settings and the viewer, and is decided in one place',
  },
  {
    from: /^src\/graphql\/builder\.ts$/,
    to: 'src/core/input/moment.ts',
    because: 'what a moment is, is a pure function, and a scalar is the parser of a face',
  },
  {
    from: /^src\/(pages\/.*|.*\.email)\.ts$/,
    to: 'src/core/locale.ts',
    because: 'which language to speak is a pure function of a header or a stored setting',
  },
  {
    from: /^src\/pages\/(link-page|email-sign-in-page)\.ts$/,
    to: 'src/core/proofs/pasted-proof.ts',
    because: 'what of a pasted text is the token is a pure function, and the same for pages and API',
  },
  {
    from: /^src\/pages\/page-layout\.ts$/,
    to: 'src/core/brand-color.ts',
    because: 'the colors of the operator, computed as for emails',
  },
  {
    from: /^src\/graphql\/objects\/account-objects\.ts$/,
    to: 'src/core/input/email-address.ts',
    because: 'how an address is shown is a pure function of what is stored',
  },
  {
    from: /(sessions\.graphql|\.email)\.ts$/,
    to: 'src/core/input/device.ts',
    because: 'what a user agent says of a device is a pure function of a header that is stored with the session',
  },
  {
    from: /\.email\.ts$/,
    to: 'src/core/mail/display-name.ts',
    because: 'what makes a name harmless is a pure function',
  },
  {
    from: /\.email\.ts$/,
    to: 'src/core/mail/mail-values.ts',
    because: 'what an email is called is a list',
  },
  {
    from: /\.email\.ts$/,
    to: 'src/core/mail/mail.ts',
    because: 'the shape and the escaping of an email are pure, and the same for all',
  },
  {
    from: /^src\/outside\/mail\/mailer\.ts$/,
    to: 'src/core/input/email-address.ts',
    because: 'masking an address for a log line is pure, and the mailer is what logs them',
  },
  {
    from: /^src\/graphql\/objects\/audit-enums\.ts$/,
    to: 'src/core/audit-event-names.ts',
    because: 'the closed list of events is data, and the enum must be the same list',
  },
  {
    from: /^src\/pages\/mailbox-pages\.ts$/,
    to: 'src/core/mail/mail.ts',
    because: 'how an email looks without its attachments is a pure function, as emails are',
  },
  {
    from: /^src\/pages\//,
    to: 'src/outside/mail/mailbox.ts',
    because: 'the development mailbox is the one thing outside that a page shows (its type only)',
  },
];

/** Files that are lists of what the service does; every other file knows one capability at most. */
const LISTS = /^src\/(app|jobs\/.*|graphql\/schema|rest\/.*|pages\/pages)\.ts$/;

/** Files that make contexts, and those that find what goes into one. */
const BEFORE_CONTEXT =
  /^src\/(app|parts|readings|jobs\/.*|cli\/.*|http\/request|core\/context|core\/sessions\/(session|viewer)|core\/organizations\/acting-organization)\.ts$/;

/**
 * The floors of core, each with the folders whose code it may run: those below it. What is not in a folder is the
 * ground, and stands on nothing else. Types are free: contexts name what every floor makes.
 */
const CORE_FLOORS: Record<string, readonly string[]> = {
  database: [],
  tokens: [],
  input: [],
  limits: ['input'],
  devices: ['limits', 'input'],
  sessions: ['devices', 'tokens'],
  mail: ['limits'],
  proofs: ['sessions', 'limits', 'input'],
  passwords: ['sessions', 'limits', 'input'],
  'second-factors': ['proofs', 'devices', 'sessions', 'tokens', 'limits', 'input'],
  'sign-in': ['second-factors', 'passwords', 'devices', 'proofs', 'sessions', 'tokens', 'limits', 'input'],
  organizations: ['proofs', 'sessions', 'limits', 'input'],
  accounts: ['organizations', 'proofs', 'sessions', 'mail', 'limits', 'input'],
};

const FACES = ['graphql face', 'rest', 'pages'];
const INNER = ['use case', 'mail', 'core'];

describe('parts', () => {
  test('every file of src belongs to a part that is described here', () => {
    none(src.filter(({ path }) => layerOf(path) === undefined).map(({ path }) => `${path} belongs to no layer.`));
  });

  test('a file imports only from the parts below it', () => {
    none(
      edges().flatMap(({ from, to, isType }) => {
        const [above, below] = [layerOf(from), layerOf(to)];
        if (above === undefined || below === undefined || isAllowed(from, to)) return [];
        const mayRun = above.runs.includes(below.name);
        const mayName = isType && above.types.includes(below.name);
        if (mayRun || mayName) return [];
        const sentence = `${from} (${above.name}) may not import ${to} (${below.name})`;
        return [above.types.includes(below.name) ? `${sentence} but for its types.` : `${sentence}.`];
      }),
    );
  });

  test('a capability imports no other capability: what two need moves to core', () => {
    none(
      edges()
        .filter(({ from, to }) => capabilityOf(from) && capabilityOf(to) && capabilityOf(from) !== capabilityOf(to))
        .map(({ from, to }) => `${from} imports ${to} of another capability.`),
    );
  });

  test('only the lists import many capabilities', () => {
    none(
      src
        .filter(({ path }) => !LISTS.test(path))
        .map(({ path }) => ({ path, known: new Set(targetsOf(path).map(capabilityOf).filter(Boolean)) }))
        .filter(({ known }) => known.size > 1)
        .map(({ path, known }) => `${path} imports the capabilities ${[...known].join(' and ')}.`),
    );
  });

  test('a face never touches the database', () => {
    const database = /\b(?:ctx|tx|context)\.(?:db|database)\b|\bprisma\s*\./;
    none(
      layer(...FACES)
        .filter(({ code }) => database.test(code))
        .map(({ path }) => `${path} reads or writes the database.`),
    );
  });

  test('use cases and core know neither GraphQL nor HTTP', () => {
    const packages =
      /^(?:graphql|graphql-yoga|@graphql-yoga\/.*|@pothos\/.*|hono|@hono\/.*|node:https?|node:http2)(?:\/|$)/;
    const names = /(?<![.\w])(?:Request|Response|Headers|GraphQLError|IncomingMessage|ServerResponse)\b(?!\s*:)/;
    none(
      layer(...INNER).flatMap(({ path, code, imports }) => [
        ...imports
          .filter(({ specifier }) => packages.test(specifier))
          .map(({ specifier }) => `${path} imports ${specifier}.`),
        ...[names.exec(code)?.[0]].filter(Boolean).map((name) => `${path} names ${name}.`),
      ]),
    );
  });

  test('every function that a face runs is (ctx, input) → Promise', () => {
    const faces = layer(...FACES).map(({ path, code }) => ({
      runs: targetsOf(path),
      words: new Set(code.match(/\w+/g)),
    }));
    const isRun = (path: string, name: string) =>
      faces.some(({ runs, words }) => runs.includes(path) && words.has(name));
    const exported = /\bexport\s+(async\s+)?function\s*\*?\s*(\w+)\s*(?:<[^(]*>)?\(\s*(\w*)/g;
    none(
      layer('use case').flatMap(({ path, code }) =>
        [...code.matchAll(exported)]
          .filter(([, isAsync, name = '', first]) => isRun(path, name) && (isAsync === undefined || first !== 'ctx'))
          .map(([, , name]) => `${path} exports ${name} to a face, which is not an async function of ctx first.`),
      ),
    );
  });

  test('a folder of core runs only what stands below it', () => {
    none(
      edges()
        .filter(({ from, to, isType }) => !isType && from.startsWith('src/core/') && to.startsWith('src/core/'))
        .map(({ from, to }) => ({ from, to, above: coreFolderOf(from), below: coreFolderOf(to) }))
        .filter(({ above, below }) => above !== below && below !== null)
        .filter(({ above, below }) => above === null || !CORE_FLOORS[above]?.includes(below ?? ''))
        .map(({ from, to }) => `${from} runs ${to}, which does not stand below it.`),
    );
  });

  test('every folder of core has its floor', () => {
    const folders = new Set(layer('core').flatMap(({ path }) => coreFolderOf(path) ?? []));
    expect(Object.keys(CORE_FLOORS).sort()).toEqual([...folders].sort());
  });

  test('there is no circle of imports, not even of types', () => {
    none(circles().map((circle) => `${circle.join(' imports ')}.`));
  });

  test('what the app owns is named only where contexts are made, and by what runs before there is one', () => {
    const named = /\bParts\b/;
    none(
      src
        .filter(({ path, code }) => path.startsWith('src/') && named.test(code) && !BEFORE_CONTEXT.test(path))
        .map(({ path }) => `${path} takes Parts; take Ctx, or a Pick of it where the function is pure.`),
    );
  });
});

describe('capabilities', () => {
  const folders = [...new Set(src.map(({ path }) => capabilityOf(path)).filter((name) => name !== undefined))];

  test('every capability has a test of its name', () => {
    none(
      folders
        .filter((name) => !files.some(({ path }) => path === `test/capabilities/${name}.test.ts`))
        .map((name) => `src/capabilities/${name} has no test/capabilities/${name}.test.ts.`),
    );
  });

  test('every GraphQL face is in the schema', () => {
    const listed = targetsOf('src/graphql/schema.ts');
    none(
      layer('graphql face')
        .filter(({ path }) => !listed.includes(path))
        .map(({ path }) => `${path} is not imported by src/graphql/schema.ts.`),
    );
  });
});

describe('the world outside', () => {
  test('the environment is read where a process begins only', () => {
    const allowed = ['src/server.ts', 'src/cli/process.ts'];
    none(
      src
        .filter(({ path, code }) => !allowed.includes(path) && /\bprocess\s*\.\s*env\b/.test(code))
        .map(({ path }) => `${path} reads process.env.`),
    );
  });

  test('the time of day is asked in outside/clock.ts only', () => {
    const clock = /\bnew\s+Date\s*(?:\(\s*\)|(?![\s(]))|\bDate\s*\.\s*now\b|(?<![.\w]|new\s+)Date\s*\(\s*\)/;
    none(
      src
        .filter(({ path, code }) => path !== 'src/outside/clock.ts' && clock.test(code))
        .map(({ path }) => `${path} asks for the time without the clock, so that tests cannot move it.`),
    );
  });
});

describe('the gate', () => {
  const makes = (path: string, statement: RegExp) =>
    src.filter((file) => file.path !== path && statement.test(file.code)).map((file) => file.path);

  test('core has one importer of what opens sessions', () => {
    const importers = edges().filter(({ to, isType }) => to === 'src/core/sessions/open-session.ts' && !isType);
    expect(importers.map(({ from }) => from)).toEqual(['src/core/sign-in/gate.ts']);
    const callers = src.filter(({ code }) => /\bsessionOpener\b(?!:)/.test(code)).map(({ path }) => path);
    expect(callers).toEqual(['src/core/sessions/open-session.ts']);
    const statements = edges().filter(
      ({ to, isType }) => to === 'src/core/sessions/batches/open-statements.ts' && !isType,
    );
    expect(statements.map(({ from }) => from).sort()).toEqual(['src/core/sessions/open-session.ts', 'src/parts.ts']);
  });

  test('nothing else writes a session, a provisional one aside', () => {
    const writes = /\bsession\s*\.\s*(?:create|createMany|upsert)\w*\s*\(|INSERT INTO sessions\b/;
    expect(makes('src/core/sessions/batches/open-statements.ts', writes)).toEqual([
      'src/core/sessions/provisional-session.ts',
    ]);
  });

  test('sessions end in one place, which counts them', () => {
    const ends = /\bendReason\s*:(?!\s*(?:null|string|''))/;
    expect(makes('src/core/sessions/session.ts', ends)).toEqual([]);
  });

  test('only the code that checks a first factor says that it was verified', () => {
    const makers = edges().filter(({ to, isType }) => to === 'src/core/sessions/verified-factor.ts' && !isType);
    expect(makers.map(({ from }) => from).sort()).toEqual([
      'src/core/accounts/verified-mailbox.ts',
      'src/core/passwords/password-check.ts',
    ]);
  });

  test('a password that someone chooses is looked up among those of data breaches before it is hashed', () => {
    none(
      src
        .filter(({ path, code }) => !path.startsWith('src/core/passwords/') && code.includes('passwordHasher.hash('))
        .filter(({ code }) => !code.includes('refuseBreachedPassword('))
        .map(({ path }) => `${path} hashes a password that refuseBreachedPassword has not seen.`),
    );
  });

  test('access tokens are made for sessions that exist, in few places', () => {
    const issues = /\baccessTokens\s*\.\s*issue\s*\(/;
    expect(makes('', issues).sort()).toEqual([
      'src/capabilities/issue-service-token/issue-service-token.ts',
      'src/capabilities/switch-organization/switch-organization.ts',
      'src/capabilities/vault-tokens/vault-tokens.ts',
      'src/core/sessions/session-proof.ts',
      'src/core/sessions/session.ts',
    ]);
  });
});

describe('reading late', () => {
  test('only lists that people look at, and exports, are read from replicas', () => {
    const readers = edges().filter(({ to, isType }) => to === 'src/core/late-reads.ts' && !isType);
    expect(readers.map(({ from }) => from).sort()).toEqual([
      'src/capabilities/audit-events/audit-events.ts',
      'src/capabilities/export-my-data/export-my-data.ts',
      'src/capabilities/users/users.ts',
      // Chooses the replica of a request.
      'src/http/request.ts',
    ]);
  });

  test('nobody reaches a replica in another way', () => {
    const reaches = /\.\s*replicas?\b(?!\s*(?:!==|===)\s*null)/;
    expect(
      src
        .filter(({ path, code }) => !path.startsWith('src/outside/') && reaches.test(code))
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['src/app.ts', 'src/cli/doctor/replica-checks.ts', 'src/core/late-reads.ts', 'src/readings.ts']);
  });

  test('no mutation but the export is read late', () => {
    const declares = src.filter(
      ({ path, code }) => path !== 'src/graphql/access.ts' && /\bchangesNothing\b/.test(code),
    );
    expect(declares.map(({ path }) => path)).toEqual(['src/capabilities/export-my-data/export-my-data.graphql.ts']);
  });
});

describe('operators', () => {
  test('only commands act as an operator: no request can', () => {
    none([
      ...src
        .filter(
          ({ path, code }) => path !== 'src/cli/operator.ts' && /contextWithoutRequest\([^)]*'operator'/.test(code),
        )
        .map(({ path }) => `${path} makes a context of an operator.`),
      ...edges()
        .filter(({ from, to }) => to === 'src/cli/operator.ts' && !/^src\/cli\/.+\.ts$/.test(from))
        .map(({ from }) => `${from} imports src/cli/operator.ts, which is for commands.`),
    ]);
  });
});

describe('files', () => {
  test('nothing is exported as default, tool configuration aside', () => {
    const tools = /(?:^codegen|\.config)\.ts$/;
    none(
      files
        .filter(({ path, code }) => !tools.test(path) && /\bexport\s+default\b|\bas\s+default\b/.test(code))
        .map(({ path }) => `${path} has a default export.`),
    );
  });

  test('there are no barrels', () => {
    none([
      ...files
        .filter(({ path }) => basename(path) === 'index.ts')
        .map(({ path }) => `${path} is a barrel by its name.`),
      ...files
        .filter(({ code }) => /\bexport\s*\*/.test(code))
        .map(({ path }) => `${path} exports everything of another file.`),
    ]);
  });

  test('nothing is exported that no other file uses', () => {
    const exported = /\bexport\s+(?:async\s+)?(?:const|(?:abstract\s+)?class|function\s*\*?)\s+(\w+)/g;
    const words = new Map(files.map(({ path, code }) => [path, new Set(code.match(/\w+/g))]));
    none(
      src.flatMap(({ path, code }) =>
        [...code.matchAll(exported)]
          .map(([, name = '']) => name)
          .filter((name) => !files.some((other) => other.path !== path && words.get(other.path)?.has(name)))
          .map((name) => `${path} exports ${name}, which no other file uses.`),
      ),
    );
  });

  test('no name says nothing', () => {
    const empty = /^(?:utils?|helpers?|common|shared|services?|managers?)$/;
    none(
      files
        .filter(({ path }) => path.split('/').some((part) => part.split('.').some((word) => empty.test(word))))
        .map(({ path }) => `${path} has a name that says nothing of what it holds.`),
    );
  });

  test('no file of src is longer than 300 lines', () => {
    none(
      src
        .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
        .filter(({ lines }) => lines > 300)
        .map(({ path, lines }) => `${path} has ${lines} lines; split it by meaning.`),
    );
  });

  test('no folder of src holds more than fifteen files', () => {
    none(
      [...Map.groupBy(src, ({ path }) => dirname(path))]
        .filter(([, inside]) => inside.length > 15)
        .map(([folder, inside]) => `${folder} holds ${inside.length} files; divide it by what they are about.`),
    );
  });

  test('a test of core stands where its file does', () => {
    none(
      files
        .filter(({ path }) => path.startsWith('test/core/') && path.endsWith('.test.ts'))
        .map(({ path }) => ({ path, tested: path.replace(/^test\//, 'src/').replace(/\.test\.ts$/, '.ts') }))
        .filter(({ tested }) => !src.some(({ path }) => path === tested))
        .map(({ path, tested }) => `${path} tests ${tested}, which does not exist.`),
    );
  });

  test('no comment is wider than 120 columns, as no code is', () => {
    none(
      [...files, ...client, ...example].flatMap(({ path }) =>
        read(path)
          .split('\n')
          .flatMap((line, at) =>
            line.length > 120 && /^\s*(?:\*|\/\/|\/\*)/.test(line) ? [`${path}:${at + 1} is too wide.`] : [],
          ),
      ),
    );
  });

  test('a test that a comment of src names is there', () => {
    none(
      src.flatMap(({ path }) =>
        [...read(path).matchAll(/\btest\/[\w./-]+\.ts\b/g)]
          .filter(([named]) => !existsSync(join(ROOT, named)))
          .map(([named]) => `${path} names ${named}, which does not exist.`),
      ),
    );
  });

  test('every import of ours is spelt with its .ts and leads to a file, so that node runs it as it is', () => {
    none(
      files.flatMap(({ path, imports }) =>
        imports.flatMap(({ specifier }) => {
          const target = resolveOwn(path, specifier);
          if (target === undefined) return [];
          // GraphiQL's start script runs in browsers: it is read as a file, never run here.
          if (specifier === './start.js') return [];
          if (!/\.(?:ts|json)$/.test(specifier)) return [`${path} imports ${specifier} without .ts.`];
          const isMade = target.includes('/generated/'); // made by `npm run generate`, not committed
          return isMade || existsSync(join(ROOT, target))
            ? []
            : [`${path} imports ${specifier}, which does not exist.`];
        }),
      ),
    );
  });

  test('there is one alias, and the compiler refuses syntax that has to be built', () => {
    expect(packed.imports).toEqual({ '#*': './src/*' });
    const { compilerOptions } = JSON.parse(read('tsconfig.json'));
    expect(compilerOptions).toMatchObject({ erasableSyntaxOnly: true, verbatimModuleSyntax: true, strict: true });
    expect(compilerOptions).not.toHaveProperty('paths');
  });
});

const layerOf = (path: string) => LAYERS.find(({ is }) => is.test(path));
const layer = (...names: string[]) => src.filter(({ path }) => names.includes(layerOf(path)?.name ?? ''));
const coreFolderOf = (path: string) => /^src\/core\/([^/]+)\//.exec(path)?.[1] ?? null;
const capabilityOf = (path: string) => /^src\/capabilities\/([^/]+)\//.exec(path)?.[1];
const isAllowed = (from: string, to: string) => ALLOWED.some((entry) => entry.from.test(from) && entry.to === to);

/** Every import of one of our files in src by another. */
function edges(): { from: string; to: string; isType: boolean }[] {
  return src.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, isType }) => {
      const to = resolveOwn(path, specifier);
      return to === undefined ? [] : [{ from: path, to, isType }];
    }),
  );
}

const targetsOf = (path: string) =>
  edges()
    .filter(({ from }) => from === path)
    .map(({ to }) => to);

function circles(): string[][] {
  const next = Map.groupBy(edges(), ({ from }) => from);
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path]);
    else if (!done.has(path)) {
      for (const { to } of next.get(path) ?? []) visit(to, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of next.keys()) visit(path, []);
  return found;
}
