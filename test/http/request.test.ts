import { describe, expect, test } from 'vitest';
import { bearerTokenOf } from '../../src/http/request.ts';

describe('the bearer token', () => {
  test.each([
    [null, null],
    ['', null],
    ['Bearer', null],
    ['Bearer ', null],
    ['Bearer abc', 'abc'],
    ['bearer   abc ', 'abc'],
    ['Basic abc', null],
    ['Bearer a b', null],
  ])('of %j is %j', (header, token) => expect(bearerTokenOf(header)).toBe(token));
});
