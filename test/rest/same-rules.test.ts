/** One table of cases, run against GraphQL and each REST API: all of them decide the same. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REST_APIS } from '#config/rest-settings.ts';
import {
  LoginDocument,
  RegisterDocument,
  ResendVerificationDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { type Answer, type RestClient, restClient } from '../support/rest.ts';

type Asked = { identifier: string; password: string; ip: string };
/** What an answer means, in the words of GraphQL; null where an API's document cannot tell it. */
type Outcome = string;
type Door = {
  name: string;
  /** Takes usernames and phone numbers too. */
  takesAnyIdentifier: boolean;
  login: (latchkey: Latchkey, asked: Asked) => Promise<Outcome>;
  register?: (latchkey: Latchkey, input: { name: string; email: string; password: string }) => Promise<Outcome>;
  verify?: (latchkey: Latchkey, input: { email: string; code: string }) => Promise<Outcome>;
  resend?: (latchkey: Latchkey, input: { email: string }) => Promise<Outcome>;
};

const BY_STATUS: Record<number, Outcome> = {
  200: 'Success',
  201: 'Success',
  400: 'ValidationError',
  429: 'TooManyAttemptsError',
  503: 'ServiceBusyError',
};
const BY_WORDS: [RegExp, Outcome][] = [
  [/verify your email|account-not-validated/, 'EmailNotVerifiedError'],
  [/has been disabled/, 'AccountDisabledError'],
  [/Invalid (credentials|username)|password is incorrect/, 'InvalidCredentialsError'],
  [/Invalid OTP|invalid-code/, 'InvalidCodeError'],
];
/** What an answer of a REST API means. */
function outcomeOf({ status, body }: Answer): Outcome {
  const words = JSON.stringify(body);
  if (status >= 400) for (const [pattern, outcome] of BY_WORDS) if (pattern.test(words)) return outcome;
  return BY_STATUS[status] ?? `${status} ${words}`;
}
const inGraphql = (typename: string): Outcome => (typename.endsWith('Success') ? 'Success' : typename);

const DOORS: Door[] = [
  {
    name: 'GraphQL',
    takesAnyIdentifier: true,
    login: async (latchkey, { ip, ...input }) =>
      inGraphql((await latchkey.ask(LoginDocument, { input }, { ip })).login.__typename),
    register: async (latchkey, input) =>
      inGraphql((await latchkey.ask(RegisterDocument, { input })).register.__typename),
    verify: async (latchkey, input) =>
      inGraphql((await latchkey.ask(VerifyEmailDocument, { input })).verifyEmail.__typename),
    resend: async (latchkey, input) =>
      inGraphql((await latchkey.ask(ResendVerificationDocument, { input })).resendVerification.__typename),
  },
  {
    name: 'ConnectX',
    takesAnyIdentifier: true,
    login: async (latchkey, { identifier, password, ip }) =>
      outcomeOf(await restClient(latchkey).post('/api/auth/login/', { email: identifier, password }, { ip })),
    register: async (latchkey, input) => outcomeOf(await restClient(latchkey).post('/api/users/', input)),
    verify: async (latchkey, { email, code }) =>
      outcomeOf(await restClient(latchkey).post('/api/auth/verify-email/', { email, otp: code })),
    resend: async (latchkey, input) =>
      outcomeOf(await restClient(latchkey).post('/api/auth/resend-verification/', input)),
  },
  {
    name: 'Organization API',
    takesAnyIdentifier: true,
    login: async (latchkey, { identifier, password, ip }) =>
      outcomeOf(await restClient(latchkey).post('/auth/login', { username: identifier, password }, { ip })),
  },
  {
    name: 'Vault API',
    takesAnyIdentifier: true,
    login: async (latchkey, { identifier, password, ip }) =>
      outcomeOf(await restClient(latchkey).post('/api/login', { email: identifier, password }, { ip })),
    register: async (latchkey, input) => outcomeOf(await restClient(latchkey).post('/api/register', input)),
  },
  {
    name: 'Token API',
    takesAnyIdentifier: true,
    login: async (latchkey, { identifier, password, ip }) =>
      outcomeOf(await restClient(latchkey).form('/auth/login', { username: identifier, password }, { ip })),
  },
];

describe.each(ENGINES)('the same rules at every door, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, clockStands: true });
  });
  afterAll(() => latchkey.close());

  let networks = 0;
  const network = () => `198.51.100.${++networks}`;
  const users = () => latchkey.app.parts.database.prisma.user;
  const waiting = async () => {
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    return email;
  };
  const disabled = async () => {
    const { id, email } = await latchkey.person();
    await users().update({ where: { id }, data: { disabledAt: new Date() } });
    return email;
  };

  test.each<[string, () => Promise<Omit<Asked, 'ip'>>, Outcome]>([
    [
      'the right password',
      async () => ({ identifier: (await latchkey.person()).email, password: PASSWORD }),
      'Success',
    ],
    [
      'a wrong password',
      async () => ({ identifier: (await latchkey.person()).email, password: 'wrong' }),
      'InvalidCredentialsError',
    ],
    [
      'an unknown address',
      async () => ({ identifier: latchkey.address(), password: PASSWORD }),
      'InvalidCredentialsError',
    ],
    ['no identifier at all', async () => ({ identifier: '%', password: PASSWORD }), 'InvalidCredentialsError'],
    ['an empty identifier', async () => ({ identifier: ' ', password: PASSWORD }), 'ValidationError'],
    ['an empty password', async () => ({ identifier: latchkey.address(), password: '' }), 'ValidationError'],
    [
      'an unverified account',
      async () => ({ identifier: await waiting(), password: PASSWORD }),
      'EmailNotVerifiedError',
    ],
    [
      'an unverified account and a wrong password',
      async () => ({ identifier: await waiting(), password: 'wrong' }),
      'InvalidCredentialsError',
    ],
    ['a disabled account', async () => ({ identifier: await disabled(), password: PASSWORD }), 'AccountDisabledError'],
    [
      'a disabled account and a wrong password',
      async () => ({ identifier: await disabled(), password: 'wrong' }),
      'InvalidCredentialsError',
    ],
  ])('a login with %s', async (_, make, outcome) => {
    const asked = await make();
    for (const { name, login } of DOORS) {
      expect([name, await login(latchkey, { ...asked, ip: network() })]).toEqual([name, outcome]);
    }
  });

  test('a login of a throttled account', async () => {
    for (const { name, login } of DOORS) {
      const { email: identifier } = await latchkey.person();
      const ip = network();
      for (let attempt = 0; attempt < 5; attempt++) await login(latchkey, { identifier, password: 'wrong', ip });
      for (const other of DOORS) {
        const outcome = await other.login(latchkey, { identifier, password: PASSWORD, ip });
        expect([name, other.name, outcome]).toEqual([name, other.name, 'TooManyAttemptsError']);
      }
    }
  });

  test('five failures split over GraphQL and the four APIs throttle like five in one', async () => {
    const { email: identifier } = await latchkey.person();
    const ip = network();
    for (let attempt = 0; attempt < 5; attempt++) {
      const door = DOORS[attempt % DOORS.length];
      expect(await door?.login(latchkey, { identifier, password: 'wrong', ip })).toBe('InvalidCredentialsError');
    }
    for (const { name, login } of DOORS) {
      const outcome = await login(latchkey, { identifier, password: PASSWORD, ip });
      expect([name, outcome]).toEqual([name, 'TooManyAttemptsError']);
    }
    latchkey.advance({ seconds: 2 });
    expect(await DOORS[0]?.login(latchkey, { identifier, password: PASSWORD, ip })).toBe('Success');
  });

  test('guesses at all doors at once cannot run past the budget', async () => {
    const { email: identifier } = await latchkey.person();
    const ip = network();
    const guesses = Array.from({ length: 5 }, () => DOORS).flat();
    const outcomes = await Promise.all(
      guesses.map(({ login }) => login(latchkey, { identifier, password: 'wrong', ip })),
    );
    expect(outcomes.filter((outcome) => outcome === 'InvalidCredentialsError')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 'TooManyAttemptsError')).toHaveLength(guesses.length - 5);
  });

  test('the same account under email, username and phone has one budget', async () => {
    const [username, phone] = [`ida.${engine}`, engine === 'embedded' ? '+4930555001' : '+4930555002'];
    const { email } = await latchkey.person({ username, phone });
    const names = [email, username, phone, email.toUpperCase(), phone.replace('+', '00')];
    for (const { name, login, takesAnyIdentifier } of DOORS) {
      if (!takesAnyIdentifier) continue;
      const ip = network();
      for (const identifier of names) {
        expect(await login(latchkey, { identifier, password: 'wrong', ip })).toBe('InvalidCredentialsError');
      }
      for (const identifier of names) {
        const outcome = await login(latchkey, { identifier, password: PASSWORD, ip });
        expect([name, identifier, outcome]).toEqual([name, identifier, 'TooManyAttemptsError']);
      }
      // Over all networks, an account has twenty an hour.
      latchkey.advance({ hours: 1, seconds: 1 });
    }
  });

  test.each([
    ['a good password', PASSWORD, 'Success'],
    ['a common password', 'password123', 'ValidationError'],
    ['a short password', 'xkcd936', 'ValidationError'],
    ['a password beyond all measure', 'x'.repeat(1025), 'ValidationError'],
    ['the name for a password', 'Ada Example', 'ValidationError'],
  ])('a registration with %s', async (_, password, outcome) => {
    for (const { name, register } of DOORS) {
      const answer = await register?.(latchkey, { name: 'Ada Example', email: latchkey.address(), password });
      expect([name, answer ?? outcome]).toEqual([name, outcome]);
    }
  });

  test('a registration with an address or a name that is none', async () => {
    for (const { name, register } of DOORS) {
      for (const bad of [{ email: 'ada' }, { email: 'a@b' }, { email: '' }, { name: '' }, { name: 'http://x.test' }]) {
        const input = { name: 'Ada', email: latchkey.address(), password: PASSWORD, ...bad };
        const answer = await register?.(latchkey, input);
        const asked = await DOORS[0]?.register?.(latchkey, {
          ...input,
          ...('email' in bad ? {} : { email: latchkey.address() }),
        });
        expect([name, bad, answer ?? asked]).toEqual([name, bad, asked]);
      }
    }
  });

  test('guesses at an emailed code count at every door', async () => {
    const email = await waiting();
    const { code } = await latchkey.mailTo(email);
    const wrong = code === '000000' ? '000001' : '000000';
    const doors = DOORS.filter((door) => door.verify !== undefined);
    for (let guess = 0; guess < 5; guess++) {
      expect(await doors[guess % doors.length]?.verify?.(latchkey, { email, code: wrong })).toBe('InvalidCodeError');
    }
    for (const { name, verify } of doors) {
      expect([name, await verify?.(latchkey, { email, code: code ?? '' })]).toEqual([name, 'InvalidCodeError']);
    }
  });

  test('emails requested at one door count at every other', async () => {
    const doors = DOORS.filter((door) => door.resend !== undefined);
    for (const { name, resend } of doors) {
      const email = latchkey.address();
      expect([name, await resend?.(latchkey, { email })]).toEqual([name, 'Success']);
      for (const other of doors) {
        const outcome = await other.resend?.(latchkey, { email });
        expect([name, other.name, outcome]).toEqual([name, other.name, 'TooManyAttemptsError']);
      }
    }
  });

  test('what happens at a REST API is in the audit like anything else', async () => {
    const { email, id } = await latchkey.person();
    const ip = network();
    for (const { login } of DOORS) await login(latchkey, { identifier: email, password: 'wrong', ip });
    const { auditEvent } = latchkey.app.parts.database.prisma;
    const events = await auditEvent.findMany({ where: { subjectId: id, name: 'login.failed', ipAddress: ip } });
    expect(events).toHaveLength(DOORS.length);
  });
});

describe('APIs that are switched off', () => {
  /** One address of each, which those beside it do not have. */
  const ADDRESSES: Record<(typeof REST_APIS)[number], string> = {
    connectx: '/api/auth/login/',
    organization: '/auth/refresh-token',
    vault: '/api/login',
    token: '/auth/login',
  };

  test('an API that is switched off answers 404', async () => {
    const halves = [REST_APIS.slice(0, 1), REST_APIS.slice(1)];
    for (const on of halves) {
      const latchkey = await startLatchkey({ env: { REST_APIS: on.join(', ') } });
      const api: RestClient = restClient(latchkey);
      for (const name of REST_APIS) {
        const { status, body } = await api.post(ADDRESSES[name], {});
        expect([on, name, status]).toEqual([on, name, on.includes(name) ? 400 : 404]);
        if (status === 404) expect(body).toEqual({ error: 'Not found.' });
      }
      await latchkey.close();
    }
  });

  test('with all of them off, GraphQL, health and pages stay', async () => {
    const latchkey = await startLatchkey({ env: { REST_APIS: 'none' } });
    const api = restClient(latchkey);
    for (const path of [...Object.values(ADDRESSES), '/docs', '/openapi.json']) {
      expect([path, (await api.post(path, {})).status]).toEqual([path, 404]);
    }
    expect((await api.get('/healthz')).status).toBe(200);
    await latchkey.person();
    await latchkey.close();
  });
});
