/** Malformed bodies and manipulated headers. */
import { gzipSync } from 'node:zlib';
import { type AttackCase, at } from '../attack-case.ts';
import { REQUEST_RESET } from '../operations.ts';
import { mailsTo, register } from '../people.ts';
import type { Target } from '../target.ts';

const POST = { method: 'POST' };
const JSON_TYPE = { 'content-type': 'application/json' };
const QUERY = '{"query":"{__typename}"}';
const PATHS = ['/graphql', '/api/auth/login/', '/auth/login', '/api/login', '/api/users/', '/api/register'];

/** Bodies that no documented request has; each must be refused. */
const BODIES: Record<string, { headers: Record<string, string>; body: string | Uint8Array<ArrayBuffer> }> = {
  'no JSON': { headers: JSON_TYPE, body: '{"a":' },
  'bytes that are not UTF-8': { headers: JSON_TYPE, body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]) },
  'deep nesting': { headers: JSON_TYPE, body: `${'['.repeat(20_000)}${']'.repeat(20_000)}` },
  'more than 100 kB': { headers: JSON_TYPE, body: JSON.stringify({ query: `{__typename} #${'x'.repeat(150_000)}` }) },
  'a list': { headers: JSON_TYPE, body: `[${QUERY},${QUERY}]` },
  'another charset': { headers: { 'content-type': 'application/json; charset=utf-16' }, body: QUERY },
  'a compressed body': {
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    body: new Uint8Array(gzipSync(Buffer.alloc(5_000_000, 0x20))),
  },
  XML: {
    headers: { 'content-type': 'application/xml' },
    body: '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
  },
  'a multipart form': { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--\r\n' },
  'plain text': { headers: { 'content-type': 'text/plain' }, body: QUERY },
};

export const BODY_ABUSE: AttackCase = {
  name: 'malformed bodies',
  holds: 'A malformed body is refused with 4xx, and no part of it is run or sent back.',
  means: 'Input reaches code that does not expect it. Find the path in the log, and report it.',
  run: async (target) => {
    const found: string[] = [];
    for (const path of PATHS) {
      for (const [name, { headers, body }] of Object.entries(BODIES)) {
        const { status, json } = await target.send(path, { ...POST, headers, body });
        // Paths that are switched off are 404.
        if (status < 400 || status >= 500) found.push(`${path} answered ${status} to ${name}.`);
        if (at(json, 'data', '__typename') !== undefined) found.push(`${path} ran an operation from ${name}.`);
      }
    }
    return found;
  },
};

/** The headers that every answer must have. */
const SECURITY_HEADERS = ['x-content-type-options', 'content-security-policy', 'referrer-policy'];

async function headersMissing(target: Target): Promise<string[]> {
  const answers = [
    ['/', await target.send('/')],
    ['/graphql', await target.graphql('{ __typename }')],
    ['/nothing-here', await target.send('/nothing-here')],
    ['a path that is not UTF-8', await target.send('/%ff')],
  ] as const;
  return answers.flatMap(([name, { headers }]) => {
    const missing = SECURITY_HEADERS.filter((header) => !headers.has(header));
    return missing.length > 0 ? [`The answer for ${name} has no ${missing.join(', ')}.`] : [];
  });
}

/** Links in emails begin with PUBLIC_URL, whatever a request says about its host (host header injection). */
async function hostInjected(target: Target): Promise<string[]> {
  const email = target.address('host');
  await register(target, email);
  const evil = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', origin: 'https://evil.example' };
  await target.graphql(REQUEST_RESET, { input: { email } }, evil);
  const mails = await mailsTo(target, email, 2).catch(() => []);
  const isEvil = mails.some(({ links }) => links.some((link) => link.includes('evil.example')));
  return isEvil ? ['A link in an email leads to the host that a request named.'] : [];
}

export const HEADER_ABUSE: AttackCase = {
  name: 'manipulated headers',
  holds: 'Every answer has the security headers. No request header changes the method, or where links lead.',
  means:
    'Pages can be framed or sniffed, or links in emails can lead elsewhere. Check your proxy first, then report it.',
  run: async (target) => {
    const override = { 'x-http-method-override': 'POST', 'x-method-override': 'POST' };
    const overridden = await target.send('/graphql?query=mutation%7Blogout%7B__typename%7D%7D', {
      headers: { ...override, 'x-graphql-yoga-csrf': '1' },
    });
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, number) => [`x-h${number}`, 'a'.repeat(100)]));
    const { status } = await target.send('/healthz', { headers: many });
    const large = await target.raw(`GET / HTTP/1.1\r\nHost: ${target.url.host}\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`);
    return [
      ...(await headersMissing(target)),
      ...(await hostInjected(target)),
      ...(at(overridden.json, 'data') == null ? [] : ['A header turned a GET into a mutation.']),
      ...(status >= 500 ? [`Ninety headers were answered with ${status}.`] : []),
      ...(large === '' || /^HTTP\/1\.1 4/.test(large) ? [] : ['A header of 100 kB was accepted.']),
    ];
  },
};
