/**
 * A captcha provider on a free port of this machine: speaks `siteverify` over real HTTP and keeps what it was asked.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type CaptchaProvider = {
  /** For CAPTCHA_VERIFY_URL. */
  url: string;
  asked: { method: string | undefined; contentType: string | undefined; form: Record<string, string> }[];
  /** What it answers from now on; `hang` never answers. */
  answers: (answer: { status?: number; body: string; location?: string } | 'hang') => void;
  close: () => Promise<void>;
};

export async function startCaptchaProvider(): Promise<CaptchaProvider> {
  const asked: CaptchaProvider['asked'] = [];
  let next: Parameters<CaptchaProvider['answers']>[0] = { body: '{"success":true}' };
  const server = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    asked.push({ method: request.method, contentType: request.headers['content-type'], form });
    if (next === 'hang') return;
    const { status = 200, body, location } = next;
    response.writeHead(status, { 'content-type': 'application/json', ...(location && { location }) }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/siteverify`,
    asked,
    answers: (answer) => {
      next = answer;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
