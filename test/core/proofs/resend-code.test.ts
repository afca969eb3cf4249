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

  test('lead elsewhere under another secret, and nowhere when they are none', () => {
    const id = uuid();
    expect(userIdOfResendCode(theirs, resendCodeOf(ours, id))).not.toBe(id);
    for (const foreign of [id, 'd2e93fb1-5541-4a90-8215-ca1ebcdcab8b']) {
      expect([null, id]).not.toContain(userIdOfResendCode(ours, foreign));
    }
    for (const none of ['', 'x', `${resendCodeOf(ours, id)}0`]) expect(userIdOfResendCode(ours, none)).toBeNull();
  });
});
