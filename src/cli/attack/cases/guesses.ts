/** More wrong passwords than the budget of an account allows, over every path that leads to it. */
import type { AttackCase } from '../attack-case.ts';
import { LOGIN } from '../operations.ts';
import { Skipped } from '../skipped.ts';
import type { Answer, Target } from '../target.ts';

/** The budget of an account and network is 5. Beyond it, passwords are checked one at a time, after growing waits. */
const MOST = 6;
const WRONG = 'wrong guess number ';

/** Whether a password was checked: the answer says that it was wrong, not that there were too many. */
function isEvaluated({ status, text }: Answer): boolean {
  if (status === 429 || text.includes('TOO_MANY') || text.includes('too-many')) return false;
  return text.includes('INVALID_CREDENTIALS') || text.includes('InvalidCredentialsError') || status === 401;
}

function guess(target: Target, identifier: string, number: number, headers = {}): Promise<Answer> {
  return target.graphql(LOGIN, { input: { identifier, password: WRONG + number } }, headers);
}

/** How many wrong passwords at once the service checks for one account. */
async function burst(target: Target, identifier: string, count: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, (_, number) => guess(target, identifier, number)));
  return answers.filter(isEvaluated).length;
}

export const PARALLEL_GUESSES: AttackCase = {
  name: 'parallel guesses',
  holds: 'Forty wrong passwords sent at once get no more checks than one after another.',
  means: 'Guessers get more tries than the budget allows. Do all replicas share one database?',
  run: async (target) => {
    const evaluated = await burst(target, target.address('burst'), 40);
    return evaluated > MOST ? [`${evaluated} of 40 wrong passwords were checked.`] : [];
  },
};

/** The same account over GraphQL and the REST APIs, with paths and identifiers in different spellings. */
function roads(target: Target, email: string): (() => Promise<Answer>)[] {
  const json = { 'content-type': 'application/json' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = (path: string, headers: Record<string, string>, body: string) => () =>
    target.send(path, { method: 'POST', headers, body });
  const byEmail = JSON.stringify({ email, password: `${WRONG}x` });
  const byName = JSON.stringify({ username: email, password: `${WRONG}x` });
  const inForm = new URLSearchParams({ username: email, password: `${WRONG}x` }).toString();
  return [
    () => guess(target, email, 1),
    () => guess(target, ` ${email.toUpperCase()} `, 2),
    post('/api/auth/login/', json, byEmail),
    post('/api/auth/login', json, byEmail),
    post('/API/auth/login', json, byEmail),
    post('/api//auth/login', json, byEmail),
    post('/api/auth/%6cogin/', json, byEmail),
    post('/auth/login', json, byName),
    post('/auth/login', form, inForm),
    post('/api/login', json, byEmail),
    post('/api/login?x=1', json, byEmail),
  ];
}

export const ROADS: AttackCase = {
  name: 'guesses over all paths',
  holds: 'GraphQL, the REST APIs, and all spellings of a path or an address draw on one budget.',
  means: 'Guessers multiply their tries by the number of paths. Report it.',
  run: async (target) => {
    const email = target.address('roads');
    let evaluated = 0;
    for (let round = 0; round < 2; round++) {
      for (const road of roads(target, email)) evaluated += isEvaluated(await road()) ? 1 : 0;
    }
    return evaluated > MOST ? [`${evaluated} wrong passwords for one account were checked.`] : [];
  },
};

/** Requests that hold many guesses, in every way that GraphQL offers. */
function floods(email: string): Record<string, unknown> {
  const login = `login(input: {identifier: "${email}", password: "${WRONG}x"}) { __typename }`;
  const aliases = Array.from({ length: 20 }, (_, number) => `a${number}: ${login}`).join(' ');
  const query = `mutation { ${login} }`;
  return {
    aliases: { query: `mutation { ${aliases} }` },
    fragments: {
      query: `mutation { ...A ...B } fragment A on Mutation { a: ${login} } fragment B on Mutation { b: ${login} }`,
    },
    'several operations': { query: `mutation A { ${login} } mutation B { ${login} }`, operationName: 'A' },
    'a list of operations': Array.from({ length: 10 }, () => ({ query })),
  };
}

export const ALIAS_FLOOD: AttackCase = {
  name: 'alias flood',
  holds: 'One request checks one password, however many aliases, fragments, or operations it has.',
  means: 'One request can guess many passwords, past any rate limit of your proxy. Report it.',
  run: async (target) => {
    const found: string[] = [];
    for (const [name, body] of Object.entries(floods(target.address('aliases')))) {
      const headers = { 'content-type': 'application/json' };
      const { text } = await target.send('/graphql', { method: 'POST', headers, body: JSON.stringify(body) });
      const evaluated = text.split('InvalidCredentialsError').length - 1;
      if (evaluated > 1) found.push(`${evaluated} passwords were checked in one request with ${name}.`);
    }
    return found;
  },
};

export const FORWARDED: AttackCase = {
  name: 'spoofed IP addresses',
  holds: 'A header does not change the network of the sender.',
  means: 'Guessers can pose as any network. Check TRUSTED_PROXIES and CLIENT_IP_HEADER.',
  run: async (target) => {
    const email = target.address('forwarded');
    await burst(target, email, 10);
    let evaluated = 0;
    for (let number = 1; number <= 10; number++) {
      const ip = `203.0.113.${number}`;
      const headers = { 'x-forwarded-for': ip, 'x-real-ip': ip, forwarded: `for=${ip}`, 'cf-connecting-ip': ip };
      evaluated += isEvaluated(await guess(target, email, number, headers)) ? 1 : 0;
    }
    if (evaluated <= 1) return [];
    if (target.isLocal) throw new Skipped('the service trusts this machine as its proxy; try it from another one');
    return [`${evaluated} more passwords were checked under made-up IP addresses.`];
  },
};
