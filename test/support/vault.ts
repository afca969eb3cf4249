/** A client of the Vault API, as its document describes one. */
import { decodeJwt } from 'jose';
import { type Latchkey, PASSWORD } from './latchkey.ts';
import { type Answer, restClient } from './rest.ts';

export type VaultTokens = { userToken: string; vaultToken: string };

const carrying = (bearer?: string, ip?: string) => ({
  ...(bearer === undefined ? {} : { bearer }),
  ...(ip === undefined ? {} : { ip }),
});

export function vaultClient(latchkey: Latchkey) {
  const api = restClient(latchkey);
  const get = (path: string, bearer?: string, ip?: string) => api.get(path, carrying(bearer, ip));
  const post = (path: string, body: unknown, bearer?: string, ip?: string) =>
    api.post(path, body, carrying(bearer, ip));
  const register = (email: string, password = PASSWORD) =>
    post('/api/register', { email, password, name: 'Ada Example' });
  const mailedToken = async (email: string, count = 1) =>
    new URL((await latchkey.mailTo(email, count)).link ?? '').searchParams.get('token') ?? '';
  /** Someone who registered and verified here. */
  const person = async () => {
    const email = latchkey.address();
    const registered = tokensOf(await register(email));
    const verified = tokensOf(await get(`/api/verify-email/${await mailedToken(email)}`));
    return { email, registered, ...verified };
  };
  return { get, post, register, mailedToken, person };
}

/** The tokens of an answer, which has them and nothing else. */
export function tokensOf(answer: Answer): VaultTokens {
  const { userToken, vaultToken, ...others } = answer.body;
  if (answer.status !== 200 || typeof userToken !== 'string' || typeof vaultToken !== 'string') {
    throw new Error(`no tokens: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  if (Object.keys(others).length > 0) throw new Error(`more than documented: ${Object.keys(others).join()}`);
  return { userToken, vaultToken };
}

/** The names of the claims of a token, in order. */
export const claimNames = (token: string) => Object.keys(decodeJwt(token)).sort();
