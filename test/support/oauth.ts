/** A service that asks about tokens, as its HTTP client would. */
import type { Latchkey } from './latchkey.ts';

export const BILLING = 'b1lling+secret/that=is-long-enough-0001';
export const SHOP = 'sh0p-secret-that-is-long-enough-00000002';
export const SERVICE_CLIENTS = { SERVICE_CLIENTS: `billing:${BILLING}, shop:${SHOP}` };

export const basic = (name: string, secret: string) => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

/** Posts a form; signed in as the service `billing` unless `headers` say otherwise. */
export async function postForm(
  latchkey: Latchkey,
  path: '/oauth/introspect' | '/oauth/revoke',
  form: Record<string, string> | string,
  headers: Record<string, string> = { authorization: basic('billing', BILLING) },
  ip?: string,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> | null }> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  };
  const response = await latchkey.fetch(path, init, ip);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}
