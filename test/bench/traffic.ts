/** The operations that are measured: what is sent, and which answer is the right one. */

import type { Exchange } from './load.ts';
import { PASSWORD, type Person } from './seed.ts';

const ME = 'query Me { me { id name email role isVerified createdAt } }';
const LOGIN = `mutation Login($input: LoginInput!) {
  login(input: $input) { __typename ... on LoginSuccess { tokens { accessToken refreshToken deviceToken } user { id } } }
}`;
const REFRESH = `mutation Refresh($input: RefreshInput!) {
  refresh(input: $input) { __typename ... on RefreshSuccess { tokens { accessToken refreshToken } } }
}`;

export type Next = (connection: number) => Exchange;

export function hello(): Next {
  const exchange: Exchange = {
    body: JSON.stringify({ query: 'query Hello { hello }' }),
    isRight: ({ status, body }) => status === 200 && body === '{"data":{"hello":"world"}}',
  };
  return () => exchange;
}

/** Everyone in turn asks who they are. */
export function me(people: readonly Person[]): Next {
  const body = JSON.stringify({ query: ME });
  const exchanges = people.map(({ id, name, email, createdAt, accessToken }): Exchange => {
    const expected = JSON.stringify({
      data: { me: { id, name, email, role: 'customer', isVerified: true, createdAt } },
    });
    return {
      headers: { authorization: `Bearer ${accessToken}` },
      body,
      isRight: (answer) => answer.status === 200 && answer.body === expected,
    };
  });
  return inTurn(exchanges);
}

/**
 * Everyone in turn signs in on their device, each time from another network: the budgets for wrong passwords are not
 * what is measured.
 */
export function login(people: readonly Person[]): Next {
  const nextPerson = inTurn(people);
  return () => {
    const person = nextPerson();
    const { id, email: identifier, deviceToken } = person;
    const input = { identifier, password: PASSWORD, deviceToken };
    return {
      headers: { 'x-forwarded-for': randomAddress() },
      body: JSON.stringify({ query: LOGIN, variables: { input } }),
      isRight: ({ status, body }) => {
        const token = /"deviceToken":"([^"]+)"/.exec(body)?.[1];
        if (token !== undefined) person.deviceToken = token;
        return status === 200 && body.includes('"LoginSuccess"') && body.includes(`"user":{"id":"${id}"}`);
      },
    };
  };
}

/** Wrong passwords for accounts that nobody has, each from another network: what a flood of guesses is. */
export function wrongLogin(): Next {
  let guesses = 0;
  return () => ({
    headers: { 'x-forwarded-for': randomAddress() },
    body: JSON.stringify({
      query: LOGIN,
      variables: { input: { identifier: `guess${++guesses}@example.test`, password: 'a wrong password' } },
    }),
    isRight: () => true,
  });
}

/** What anyone may read. */
export function get(path: string): Next {
  const exchange: Exchange = { method: 'GET', path, isRight: ({ status }) => status === 200 };
  return () => exchange;
}

/** Everyone in turn, always with the newest token, which the person keeps for later measurements. */
export function refresh(people: readonly Person[]): Next {
  const nextPerson = inTurn(people);
  return () => {
    const person = nextPerson();
    const input = { refreshToken: person.refreshToken };
    return {
      body: JSON.stringify({ query: REFRESH, variables: { input } }),
      isRight: ({ status, body }) => {
        const successor = /"__typename":"RefreshSuccess".*"refreshToken":"([^"]+)"/.exec(body)?.[1];
        if (status !== 200 || successor === undefined || successor === input.refreshToken) return false;
        person.refreshToken = successor;
        return true;
      },
    };
  };
}

export function inTurn<T>(items: readonly T[]): () => T {
  let at = 0;
  return () => {
    const item = items[at++ % items.length];
    if (item === undefined) throw new Error('There is nobody.');
    return item;
  };
}

function randomAddress(): string {
  const byte = () => Math.floor(Math.random() * 256);
  return `10.${byte()}.${byte()}.${byte()}`;
}
