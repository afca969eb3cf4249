/**
 * What the access logs of deploy/ keep of an address. Neither proxy runs here; their patterns mean the same to PCRE,
 * RE2 and JavaScript.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const PATTERNS = {
  'nginx-access-log.conf': /"~\*(\^.*)" \$latchkey_start;/,
  'caddy-access-log': /regexp "\(\?i\)(\^.*)\.\*\$" "\$\{1\}"/,
};

describe.each(Object.entries(PATTERNS))('deploy/%s', (file, place) => {
  const text = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
  const [, pattern = expect.fail('no pattern')] = place.exec(text) ?? [];
  const logged = (address: string) => new RegExp(pattern, 'i').exec(address)?.[1];

  test.each([
    ['/verify-email?token=SECRET&lang=en', '/verify-email'],
    ['/auth/reset-password?lang=en&token=SECRET', '/auth/reset-password'],
    ['/api/verify-email/SECRET', '/api/verify-email/'],
    ['/API/Verify-Email//SECRET?x=/y', '/API/Verify-Email//'],
    ['/api/exist-email/SECRET@example.com/', '/api/exist-email/'],
    ['/api/resend-email-verification?capcha=SECRET', '/api/resend-email-verification'],
    ['/docs/?next=/api/verify-email/SECRET', '/docs/'],
    ['/graphql', '/graphql'],
    ['/?SECRET', '/'],
  ])('logs %s as %s', (address, expected) => {
    expect(logged(address)).toBe(expected);
  });
});
