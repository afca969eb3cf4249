import { describe, expect, test } from 'vitest';
import { negotiateLocale, parseLocale } from '#core/locale.ts';

describe('the language of a person', () => {
  test.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['FR-ca', 'fr'],
    ['es-419', 'es'],
    ['zh-Hans-CN', null],
    ['english', null],
    ['de_AT', 'de'],
    ['fr_CA.UTF-8', 'fr'],
    [' es_ES@euro ', 'es'],
    ['de.utf8', 'de'],
    ['zh_CN.GB18030', null],
    ['C', null],
    ['POSIX', null],
    ['de_', null],
    ['de_AT.', null],
    ['de"><script>', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('the tag %j is %j', (tag, locale) => {
    expect(parseLocale(tag)).toBe(locale);
  });

  test.each([
    [null, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', 'fr'],
    ['zh, ja;q=0.9', 'en'],
    ['zh, es;q=0.1', 'es'],
    ['en;q=0.2, de;q=0.3', 'de'],
    ['de;q=0, fr;q=0.1', 'fr'],
    ['en;q=0, *', 'de'],
    ['de;q=0.5, *;q=0.5', 'de'],
    ['de;q=2', 'en'],
    ['*', 'en'],
    [`${'zh,'.repeat(50_000)}de`, 'en'],
  ])('Accept-Language %j is answered in %j', (header, locale) => {
    expect(negotiateLocale(header)).toBe(locale);
  });
});
