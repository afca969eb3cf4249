import { describe, expect, test } from 'vitest';
import { bearerTokenOf } from '../../src/http/request.ts';

describe('the bearer token', () => {
  test.each([
    [null, null],
    ['', null],
    ['Basic abc', null],
    ['Bearerabc', null],
    ['Digest username="bearer", realm="x"', null],
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    // What no token looks like is refused later on, as any wrong token.
    ['Bearer', 'Bearer'],
    ['Bearer a b', 'a b'],
    ['Bearer  abc', ' abc'],
    ['Bearer\tabc', 'Bearer\tabc'],
    ['Bearer abc, Bearer abc', 'abc, Bearer abc'],
    ['Basic abc, Bearer abc', 'Basic abc, Bearer abc'],
  ])('of %j is %j', (header, token) => expect(bearerTokenOf(header)).toBe(token));
});
