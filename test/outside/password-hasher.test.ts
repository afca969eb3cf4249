import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as fast from '@node-rs/argon2';
import * as portable from 'argon2';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { normalizePassword } from '#core/passwords/password.ts';
import { ServiceBusyError } from '#errors/domain-errors.ts';
import type { HashTurn } from '#outside/passwords/hash-queue.ts';
import { createPasswordHasher, type PasswordHasher } from '#outside/passwords/password-hasher.ts';
import type { HashJob } from '#outside/passwords/password-hasher-worker.ts';

const WEAK = { memoryKib: 64, iterations: 1, slots: 1, queue: 100 };
const WORKER = new URL('../../src/outside/passwords/password-hasher-worker.ts', import.meta.url).href;
const PASSWORD = 'correct horse battery staple';
const NO_MATCH = { matches: false, needsRehash: false };

/** Says that bcrypt takes 10 s and anything else 1 ms, and that what it hashed alone is the password of its hash. */
const SLOW_BCRYPT = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (jobs) => parentPort.postMessage(
      jobs.map(({ phc }) => ({ value: jobs.length === 1, milliseconds: phc.startsWith('$2b$') ? 10_000 : 1 }))));`)}`,
);

/** Here any text may be hashed: the rules for passwords are not under test. */
type AnyTextHasher = PasswordHasher & { hash(text: string, turn?: HashTurn): Promise<string> };

const opened: AnyTextHasher[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hasher) => hasher.close()));
});

function open(options: Partial<typeof WEAK> = {}, workerFile?: URL): AnyTextHasher {
  const hasher = createPasswordHasher({ ...WEAK, ...options }, workerFile === undefined ? {} : { workerFile });
  opened.push(hasher);
  return hasher;
}

/** The real worker, with some lines run before it. */
function workerAfter(lines: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(`${lines}\nawait import('${WORKER}');`)}`);
}

const WITHOUT_FAST_LIBRARY = workerAfter(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve: (name, context, next) => {
      if (name === '@node-rs/argon2') throw new Error('not installed');
      return next(name, context);
    },
  });`);

const DIES_OF_A_PASSWORD = workerAfter(`
  import { parentPort } from 'node:worker_threads';
  parentPort.on('message', (jobs) => { if (jobs.some(({ password }) => password === 'poison')) process.exit(1); });`);

describe.each([
  ['the fast library', undefined],
  ['the portable library', WITHOUT_FAST_LIBRARY],
])('with %s', (_, workerFile) => {
  test('a password matches its hash and no other password does', async () => {
    const hasher = open({}, workerFile);
    const phc = await hasher.hash(PASSWORD);
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await hasher.verify(phc, PASSWORD)).toEqual({ matches: true, needsRehash: false });
    expect(await hasher.verify(phc, `${PASSWORD} `)).toEqual(NO_MATCH);
    expect(await hasher.verify(phc, '')).toEqual(NO_MATCH);
  });

  test('either library verifies its hashes', async () => {
    const phc = await open({}, workerFile).hash('пароль 🦊');
    for (const { verify } of [fast, portable]) {
      expect(await verify(phc, 'пароль 🦊')).toBe(true);
      expect(await verify(phc, 'пароль')).toBe(false);
    }
  });

  test('it verifies the hashes of either library', async () => {
    const hasher = open({}, workerFile);
    for (const { hash } of [fast, portable]) {
      const phc = await hash('пароль 🦊', { memoryCost: 64, timeCost: 1, parallelism: 1 });
      expect(await hasher.verify(phc, 'пароль 🦊')).toEqual({ matches: true, needsRehash: false });
      expect(await hasher.verify(phc, 'пароль')).toEqual(NO_MATCH);
    }
  });

  test('the same password never has the same hash', async () => {
    const hasher = open({}, workerFile);
    expect(await hasher.hash(PASSWORD)).not.toBe(await hasher.hash(PASSWORD));
  });

  test('a text that is not an Argon2 PHC string matches nothing, throws nothing and costs one hash', async () => {
    const hasher = open({}, workerFile);
    const phc = await hasher.hash(PASSWORD);
    const damaged = fc.oneof(
      fc.string(),
      fc.nat(phc.length - 1).map((at) => phc.slice(0, at)),
      // No digits: a PHC string with another cost is a valid one.
      fc
        .tuple(fc.nat(phc.length - 1), fc.constantFrom('$', ',', '=', 'é', ' ', 'Z', '\0'))
        .map(([at, sign]) => `${phc.slice(0, at)}${sign}${phc.slice(at + 1)}`),
      fc.constantFrom(
        '$2b$12$abcdefghijklmnopqrstuv',
        '$argon2id$v=19$m=64,t=1,p=1,$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
      ),
      fc.constantFrom('4194305', '99999999999999999999', '0', '7').map((m) => phc.replace('m=64', `m=${m}`)),
      fc.constantFrom('101', '4294967295', '0').map((t) => phc.replace('t=1', `t=${t}`)),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        fc.pre(text !== phc);
        const runs = hasher.runs();
        expect(await hasher.verify(text, PASSWORD)).toEqual(NO_MATCH);
        expect(hasher.runs()).toBe(runs + 1);
      }),
    );
  });
});

test('every Unicode form of a password matches once it is normalized', async () => {
  const hasher = open();
  const phc = await hasher.hash(normalizePassword('Zo\u00eb likes caf\u00e9s') ?? '');
  for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
    const typed = normalizePassword('Zo\u00eb likes caf\u00e9s'.normalize(form));
    expect(await hasher.verify(phc, typed)).toEqual({ matches: true, needsRehash: false });
  }
});

describe('an account that is not there', () => {
  test('costs the one hash of an account that is, and never matches', async () => {
    const hasher = open();
    const phc = await hasher.hash(PASSWORD);
    const emptyPhc = await hasher.hash('');
    for (const [stored, password] of [
      [phc, PASSWORD],
      [phc, 'wrong'],
      [null, PASSWORD],
      [null, null],
      [null, ''],
      [phc, null],
      [emptyPhc, null],
    ] as const) {
      const runs = hasher.runs();
      const { matches } = await hasher.verify(stored, password);
      expect(hasher.runs()).toBe(runs + 1);
      expect(matches).toBe(stored === phc && password === PASSWORD);
    }
  });

  test('is compared with a hash of the same cost and size as the real ones', async () => {
    const channel = new BroadcastChannel('jobs');
    const jobs: HashJob[] = [];
    channel.onmessage = ({ data }) => void jobs.push(data);
    const watched = workerAfter(`
      import { parentPort } from 'node:worker_threads';
      const channel = new BroadcastChannel('jobs');
      channel.unref();
      parentPort.on('message', (given) => given.forEach((job) => channel.postMessage(job)));`);
    const hasher = open({ memoryKib: 128, iterations: 3 }, watched);
    const shape = (text: string | null | undefined) =>
      text?.replace(/[\w+/]+\$[\w+/]+$/, (t) => t.replace(/[\w+/]/g, 'x'));

    const phc = await hasher.hash(PASSWORD);
    await hasher.verify(null, PASSWORD);
    await expect.poll(() => jobs.length).toBe(2);
    channel.close();
    expect(jobs[1]?.phc).not.toBe(phc);
    expect(shape(jobs[1]?.phc)).toBe(shape(phc));
    expect(shape(phc)).toContain('m=128,t=3,p=1$xxxx');
  });
});

test('a hash is to be renewed when it is weaker than those made now, and only then', async () => {
  const now = { memoryKib: 128, iterations: 2 };
  const hasher = open(now);
  const rehash = async (memoryCost: number, timeCost: number, more: fast.Options = {}) => {
    const phc = await fast.hash(PASSWORD, { memoryCost, timeCost, parallelism: 1, ...more });
    expect(await hasher.verify(phc, 'wrong')).toEqual(NO_MATCH);
    const { matches, needsRehash } = await hasher.verify(phc, PASSWORD);
    expect(matches).toBe(true);
    return needsRehash;
  };
  expect(await rehash(128, 2)).toBe(false);
  expect(await rehash(64, 2)).toBe(true);
  expect(await rehash(128, 1)).toBe(true);
  expect(await rehash(64, 4)).toBe(true);
  expect(await rehash(256, 3, { parallelism: 4 })).toBe(false);
  expect(await rehash(128, 2, { algorithm: 1 })).toBe(true);
  expect(await rehash(128, 2, { version: 0 })).toBe(true);
  expect(await rehash(128, 2, { outputLen: 16 })).toBe(true);
  expect(await rehash(128, 2, { salt: Buffer.alloc(8, 1) })).toBe(true);
});

describe('slots and line', () => {
  test('sixty-four at once are all answered, each with its own answer', async () => {
    const hasher = open({ slots: 2, memoryKib: 1024 });
    const phc = await hasher.hash(PASSWORD);
    const all = Array.from({ length: 64 }, (_, i) => hasher.verify(phc, i % 3 === 0 ? PASSWORD : `wrong ${i}`));
    expect(hasher.waiting()).toBe(62);
    const answers = await Promise.all(all);
    expect(answers.map(({ matches }) => matches)).toEqual(answers.map((_, i) => i % 3 === 0));
    expect(hasher.waiting()).toBe(0);
    expect(hasher.runs()).toBe(65);
  });

  test('beyond the line the answer is a refusal with a time to wait, at once, and later there is room again', async () => {
    const hasher = open({ slots: 2, queue: 3 });
    const accepted = Array.from({ length: 5 }, () => hasher.hash(PASSWORD));
    const refused = await hasher.verify(null, PASSWORD).catch((error) => error);
    expect(refused).toBeInstanceOf(ServiceBusyError);
    expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(Number.isInteger(refused.retryAfterSeconds)).toBe(true);
    expect(hasher.waiting()).toBe(3);
    expect(hasher.runs()).toBe(0);
    expect(await Promise.all(accepted)).toHaveLength(5);
    expect(await hasher.verify(null, PASSWORD)).toEqual(NO_MATCH);
  });

  test('who goes first has places that nobody else gets, and three turns of four', async () => {
    const hasher = open({ slots: 1, queue: 16 });
    const order: string[] = [];
    const ask = (name: string, goesFirst: boolean) =>
      hasher.hash(PASSWORD, { goesFirst }).then(
        () => order.push(name),
        () => order.push(`${name} refused`),
      );
    // The slot has the first one; fourteen wait, and there is room for those only that go first.
    const strangers = Array.from({ length: 16 }, (_, at) => ask(`stranger ${at}`, false));
    await expect(hasher.admit(async () => 1)).rejects.toBeInstanceOf(ServiceBusyError);
    const owners = Array.from({ length: 3 }, (_, at) => ask(`owner ${at}`, true));
    await Promise.all([...strangers, ...owners]);
    expect(order.filter((name) => name.includes('refused'))).toEqual(['stranger 15 refused', 'owner 2 refused']);
    const at = (name: string) => order.indexOf(name);
    expect(at('owner 1')).toBeLessThan(at('stranger 1'));
    expect(await hasher.admit(async () => 1)).toBe(1);
  });

  test('no more are admitted than can be hashed and wait, whatever they are doing', async () => {
    const hasher = open({ slots: 2, queue: 8 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const admitted = Array.from({ length: 9 }, () => hasher.admit(() => promise));
    await expect(hasher.admit(() => promise)).rejects.toBeInstanceOf(ServiceBusyError);
    resolve();
    await Promise.all(admitted);
    expect(await hasher.admit(async () => 1)).toBe(1);
    const failing = hasher.admit(() => Promise.reject(new Error('failed')));
    await expect(failing).rejects.toThrow('failed');
    expect(await Promise.all(Array.from({ length: 9 }, () => hasher.admit(async () => 1)))).toHaveLength(9);
  });

  test('those who go first do not keep the others out', async () => {
    const hasher = open({ slots: 1, queue: 100 });
    const done: boolean[] = [];
    const ask = (goesFirst: boolean) => hasher.hash(PASSWORD, { goesFirst }).then(() => done.push(goesFirst));
    await Promise.all([...Array.from({ length: 4 }, () => ask(false)), ...Array.from({ length: 80 }, () => ask(true))]);
    expect(done.lastIndexOf(false)).toBeLessThan(done.lastIndexOf(true));
  });

  test('nobody waits for the answer about a hash that takes long', async () => {
    const hasher = open({ slots: 1 }, SLOW_BCRYPT);
    const phcs = ['$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0', `$2b$12$${'a'.repeat(53)}`];
    for (const phc of phcs) await hasher.verify(phc, PASSWORD);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => hasher.verify(phcs[+(at % 8 === 7)] ?? '', '')),
    );
    const alone = answers.map(({ matches }) => matches);
    expect(alone.filter((_, at) => at % 8 === 7)).toEqual([true, true, true, true, true]);
    expect(alone.filter((isAlone) => !isAlone).length).toBeGreaterThan(20);
  });

  test('a line of none takes what the slots can take', async () => {
    const hasher = open({ slots: 1, queue: 0 });
    const first = hasher.hash(PASSWORD);
    await expect(hasher.hash(PASSWORD)).rejects.toBeInstanceOf(ServiceBusyError);
    expect(await first).toContain('$argon2id$');
  });

  test('closing rejects those who wait, answers the one being hashed, and takes no more', async () => {
    const hasher = open({ memoryKib: 4096 });
    const phcs = Array.from({ length: 4 }, () => hasher.hash(PASSWORD));
    const settled = Promise.allSettled(phcs);
    await hasher.close();
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    await expect(hasher.verify(null, PASSWORD)).rejects.toThrow('The password hasher is closed.');
    await hasher.close();
  });
});

describe('a thread that dies', () => {
  test('fails the password it had and nobody else', async () => {
    const hasher = open({ slots: 1 }, DIES_OF_A_PASSWORD);
    const answers = await Promise.allSettled(['one', 'poison', 'two', 'poison', 'three'].map((p) => hasher.hash(p)));
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(hasher.runs()).toBe(3);
  });

  test('fails nobody else of many that wait, either', async () => {
    const hasher = open({ slots: 1 }, DIES_OF_A_PASSWORD);
    const passwords = Array.from({ length: 40 }, (_, at) => (at % 10 === 5 ? 'poison' : `password ${at}`));
    const answers = await Promise.allSettled(passwords.map((password) => hasher.hash(password)));
    expect(answers.map(({ status }) => status === 'rejected')).toEqual(passwords.map((it) => it === 'poison'));
    expect(hasher.runs()).toBe(36);
  });

  test('is replaced also when it died idle', async () => {
    const hasher = open({ slots: 1 }, DIES_OF_A_PASSWORD);
    await hasher.hash('poison').catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await hasher.hash(PASSWORD)).toContain('$argon2id$');
  });

  test('does not tell the password', async () => {
    const error = await open({}, DIES_OF_A_PASSWORD)
      .hash('poison')
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('poison');
  });

  test('again and again, as where no library can be loaded, fails every password and keeps nobody waiting', async () => {
    const hasher = open({ slots: 2 }, workerAfter(`throw new Error('broken');`));
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => hasher.hash(PASSWORD)));
    expect(answers.map((answer) => answer.status === 'rejected' && answer.reason.message)).toEqual(
      answers.map(() => 'Could not hash a password: broken'),
    );
    expect(hasher.runs()).toBe(0);
  });
});

test('a command that hashes and does not close still gets its hash, and ends by itself', async () => {
  const hasherFile = new URL('../../src/outside/passwords/password-hasher.ts', import.meta.url).href;
  const script = `import { createPasswordHasher } from '${hasherFile}';
    console.log(await createPasswordHasher(${JSON.stringify(WEAK)}).hash('otters'));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
  });
  expect(await fast.verify(stdout.trim(), 'otters')).toBe(true);
});
