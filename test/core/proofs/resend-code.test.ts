import { v7 as uuid, v4, validate } from 'uuid';
import { describe, expect, test } from 'vitest';
import { resendCodeOf, userIdOfResendCode } from '#core/proofs/resend-code.ts';
import { deriveSecrets } from '#core/secrets.ts';

describe('resend codes', () => {
  const ours = { secrets: deriveSecrets('a secret that is only good for tests, 48 bytes long') };
  const theirs = { secrets: deriveSecrets('another secret that is only good for tests, longer') };

  test('are UUIDs that lead back to the one id they were made of', () => {
    // Imported people may have ids of another version.
    const ids = Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? uuid() : v4()));
    const codes = ids.map((id) => resendCodeOf(ours, id));
    expect(codes.every((code) => validate(code))).toBe(true);
    expect(new Set(codes).size).toBe(ids.length);
    expect(codes.map((code) => userIdOfResendCode(ours, code))).toEqual(ids);
    expect(codes.map((code) => userIdOfResendCode(ours, code.toUpperCase()))).toEqual(ids);
  });

  // Computed apart from this code. One that changes is refused, and people sign in once more to get another.
  test('are what they have always been', () => {
    expect(resendCodeOf(ours, '019a5f6e-0000-7000-8000-000000000000')).toBe('562f4d4e-9990-37ee-a594-9f56129659c8');
  });

  test('of ids that follow one another have nothing in common', () => {
    const first = resendCodeOf(ours, '019a5f6e-0000-7000-8000-000000000000').replaceAll('-', '');
    const second = resendCodeOf(ours, '019a5f6e-0000-7000-8000-000000000001').replaceAll('-', '');
    expect([...first].filter((digit, at) => digit === second[at]).length).toBeLessThan(12);
  });

  test('lead elsewhere under another secret, and nowhere when they are none', () => {
    const id = uuid();
    expect(userIdOfResendCode(theirs, resendCodeOf(ours, id))).not.toBe(id);
    for (const foreign of [id, 'd2e93fb1-5541-4a90-8215-ca1ebcdcab8b']) {
      expect([null, id]).not.toContain(userIdOfResendCode(ours, foreign));
    }
    for (const none of ['', 'x', `${resendCodeOf(ours, id)}0`]) expect(userIdOfResendCode(ours, none)).toBeNull();
  });
});
