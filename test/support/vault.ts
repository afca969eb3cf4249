/** A client of the Vault API, as its document describes one. */
import { decodeJwt } from 'jose';
import { type Latchkey, PASSWORD } from './latchkey.ts';

export type VaultAnswer = { status: number; body: unknown; headers: Headers };
export type VaultTokens = { userToken: string; vaultToken: string };

export function vaultClient(latchkey: Latchkey) {
  const send = async (path: string, init: RequestInit, ip?: string): Promise<VaultAnswer> => {
    const response = await latchkey.fetch(path, init, ip);
    return { status: response.status, body: await response.json(), headers: response.headers };
  };
  const bearing = (bearer?: string) => (bearer === undefined ? {} : { authorization: `Bearer ${bearer}` });
  const get = (path: string, bearer?: string, ip?: string) => send(path, { headers: bearing(bearer) }, ip);
  const post = (path: string, body: unknown, bearer?: string, ip?: string) =>
    send(
      path,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearing(bearer) },
        body: JSON.stringify(body),
      },
      ip,
    );
  const register = (email: string, password = PASSWORD) =>
    post('/api/register', { email, password, name: 'Ada Example' });
  const mailedToken = async (email: string, count = 1) =>
    new URL((await latchkey.mailTo(email, count)).link ?? '').searchParams.get('token') ?? '';
  /** Somebody who registered and verified here. */
  const person = async () => {
    const email = latchkey.address();
    const registered = tokensOf(await register(email));
    const verified = tokensOf(await get(`/api/verify-email/${await mailedToken(email)}`));
    return { email, registered, ...verified };
  };
  return { get, post, register, mailedToken, person };
}

/** The tokens of an answer, which has them and nothing else. */
export function tokensOf(answer: VaultAnswer): VaultTokens {
  const { userToken, vaultToken, ...others } = answer.body as Record<string, unknown>;
  if (answer.status !== 200 || typeof userToken !== 'string' || typeof vaultToken !== 'string') {
    throw new Error(`no tokens: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  if (Object.keys(others).length > 0) throw new Error(`more than documented: ${Object.keys(others).join()}`);
  return { userToken, vaultToken };
}

/** The names of the claims of a token, in order. */
export const claimNames = (token: string) => Object.keys(decodeJwt(token)).sort();
