/**
 * Asks a server whether a password is known from data breaches, by k-anonymity: only the first 5 hexadecimal digits of
 * its SHA-1 leave this machine, and the answer lists the rest of every known password that begins so. The protocol is
 * that of Pwned Passwords (haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange), which mirrors speak as well.
 *
 * With `Add-Padding`, the answer has lines with the count 0, so that its length does not reveal the prefix to someone
 * who watches the network. Nothing here writes the password, its hash, or the prefix anywhere.
 */
import { createHash } from 'node:crypto';
import type { BreachCheckConfig } from '#config/abuse-control/breach-settings.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { NormalizedPassword } from './password-hasher.ts';

export type BreachedPasswords = {
  /** Whether the password is known; null if the server does not say. Takes 2 seconds at most, and never fails. */
  has: (password: NormalizedPassword) => Promise<boolean | null>;
};

const TIMEOUT_MS = 2000;
/** Ten times the longest answer of the public server, which has about 1,000 lines with padding. */
const MAX_ANSWER_BYTES = 512 * 1024;
/** More at once than people choose passwords, even on a large installation. */
const MAX_AT_ONCE = 50;
/** After a failure, the server is not asked for this long. */
const PAUSE_MS = 30_000;

const LINE = /^([0-9A-F]{35}):(\d{1,10})$/i;

/** Null if the check is off. */
export function createBreachedPasswords(
  config: BreachCheckConfig | null,
  { clock, log }: { clock: Clock; log: Log },
): BreachedPasswords | null {
  if (config === null) return null;
  let pausedUntil = 0;
  let asking = 0;
  return {
    has: async (password) => {
      if (clock().getTime() < pausedUntil || asking >= MAX_AT_ONCE) return null;
      asking += 1;
      try {
        return await ask(config.url, password);
      } catch (error) {
        pausedUntil = clock().getTime() + PAUSE_MS;
        log.error(
          { reason: reasonOf(error) },
          'the breach check does not answer; only the lists of the service are used',
        );
        return null;
      } finally {
        asking -= 1;
      }
    },
  };
}

async function ask(url: string, password: NormalizedPassword): Promise<boolean> {
  const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
  const response = await fetch(`${url}${digest.slice(0, 5)}`, {
    headers: { accept: 'text/plain', 'add-padding': 'true', 'user-agent': 'Latchkey' },
    // Only the server that the operator has named is asked.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new AnswerError(`the status is ${response.status}`);
  }
  return isListed(digest.slice(5), await textOf(response));
}

/** Whether the rest of the digest is among the lines. Lines with the count 0 are padding. */
function isListed(rest: string, answer: string): boolean {
  const lines = answer.split(/\r?\n/).filter((line) => line !== '');
  let isFound = false;
  for (const line of lines) {
    const [, digits, count] = LINE.exec(line) ?? [];
    // Something else answers, such as the sign-in page of a network.
    if (digits === undefined) throw new AnswerError('a line is not a hash and a count');
    if (digits.toUpperCase() === rest && Number(count) > 0) isFound = true;
  }
  return isFound;
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new AnswerError('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** The server answered something that cannot be an answer. The message has nothing of the request. */
class AnswerError extends Error {}

/** Our own words or the code of a network error: other messages may quote the URL, which contains the prefix. */
function reasonOf(error: unknown): string {
  if (error instanceof AnswerError) return error.message;
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return `nothing within ${TIMEOUT_MS} ms`;
  const code: unknown = error.cause instanceof Error ? Reflect.get(error.cause, 'code') : undefined;
  return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : 'the request failed';
}
