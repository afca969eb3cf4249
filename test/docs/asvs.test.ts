/**
 * docs/asvs.md judges every requirement of levels 1 and 2 of OWASP ASVS 5.0 once, and what it names as evidence is
 * there: tests by their titles, files, and settings. docs/security.md lists every key that is derived from SECRET.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import { codeOf } from '../support/markdown.ts';

/** The level of each requirement of each section, in order (OWASP ASVS 5.0.0, May 2025): 345 in all. */
const LEVELS: Record<string, string> = {
  ...{ '1.1': '22', '1.2': '1111122223', '1.3': '112222222223', '1.4': '222', '1.5': '123' },
  ...{ '2.1': '122', '2.2': '112', '2.3': '12223', '2.4': '23' },
  ...{ '3.1': '3', '3.2': '113', '3.3': '12223', '3.4': '11222233', '3.5': '11122333', '3.6': '3', '3.7': '22333' },
  ...{ '4.1': '12233', '4.2': '23333', '4.3': '22', '4.4': '1222' },
  ...{ '5.1': '2', '5.2': '112333', '5.3': '113', '5.4': '222' },
  ...{ '6.1': '122', '6.2': '111111112222', '6.3': '11223333', '6.4': '112233', '6.5': '22222333' },
  ...{ '6.6': '2223', '6.7': '33', '6.8': '2222' },
  ...{ '7.1': '222', '7.2': '1111', '7.3': '22', '7.4': '11222', '7.5': '223', '7.6': '22' },
  ...{ '8.1': '1233', '8.2': '1123', '8.3': '133', '8.4': '23' },
  ...{ '9.1': '111', '9.2': '1222' },
  ...{ '10.1': '22', '10.2': '223', '10.3': '22223', '10.4': '1111122222233333', '10.5': '22222', '10.6': '22' },
  ...{ '10.7': '222' },
  ...{ '11.1': '2233', '11.2': '22233', '11.3': '11233', '11.4': '1222', '11.5': '23', '11.6': '23', '11.7': '33' },
  ...{ '12.1': '12233', '12.2': '11', '12.3': '22223' },
  ...{ '13.1': '2333', '13.2': '222223', '13.3': '2233', '13.4': '1222233' },
  ...{ '14.1': '22', '14.2': '12223333', '14.3': '122' },
  ...{ '15.1': '12233', '15.2': '12233', '15.3': '1222222', '15.4': '3333' },
  ...{ '16.1': '2', '16.2': '22222', '16.3': '2222', '16.4': '222', '16.5': '2223' },
  ...{ '17.1': '23', '17.2': '22223333', '17.3': '22' },
};
const REQUIREMENTS = Object.entries(LEVELS).flatMap(([section, levels]) =>
  [...levels].map((level, at) => ({ number: `${section}.${at + 1}`, level })),
);

const DOCUMENT = 'docs/asvs.md';
const text = readFileSync(DOCUMENT, 'utf8');
const rows = [...text.matchAll(/^\| ([\d.]+) \| (\d) \| (.+?) \| (.+?) \| (.+) \|$/gm)].map(
  ([, number = '', level, about, judgement = '', evidence = '']) => ({ number, level, about, judgement, evidence }),
);
const JUDGEMENTS = ['met', 'partly', 'not met', 'does not apply'];

describe('the table', () => {
  test('has every requirement of levels 1 and 2 once, in order, with its level', () => {
    const ofLevel = (wanted: string) => REQUIREMENTS.filter(({ level }) => level === wanted).length;
    expect([ofLevel('1'), ofLevel('2'), ofLevel('3')]).toEqual([70, 183, 92]);
    const wanted = REQUIREMENTS.filter(({ level }) => level !== '3');
    expect(rows.map(({ number, level }) => ({ number, level }))).toEqual(wanted);
  });

  test('judges in four ways, and counts them', () => {
    const counted = JUDGEMENTS.map((each) => [each, rows.filter(({ judgement }) => judgement === each).length]);
    expect(rows.filter(({ judgement }) => !JUDGEMENTS.includes(judgement))).toEqual([]);
    expect(
      [...text.matchAll(/^\| ([a-z ]+) \| (\d+) \| \D/gm)].map(([, each, count]) => [each, Number(count)]),
    ).toEqual(counted);
  });

  test('says what is missing where something is: a deviation, or what is still open', () => {
    const listed = text.slice(text.indexOf('## Deviations'));
    const named = new Set(
      [...listed.matchAll(/^\| ([\d., ]+) \|/gm)].flatMap(([, numbers = '']) => numbers.split(', ')),
    );
    const lacking = rows.filter(({ judgement }) => ['partly', 'not met'].includes(judgement));
    expect(lacking.filter(({ number }) => !named.has(number)).map(({ number }) => number)).toEqual([]);
  });
});

describe('the evidence', () => {
  const links = [...text.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)].map(([, title = '', path = '']) => ({
    title,
    path,
  }));
  const tests = links.filter(({ title, path }) => path.endsWith('.test.ts') && title !== `\`${path}\``);
  const escaped = (part: string) => part.replaceAll('\\|', '|').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

  test('names tests by titles that they have', () => {
    expect(tests.length).toBeGreaterThan(200);
    const wrong = tests.filter(({ title, path }) => {
      const words = title.split('…').map(escaped).join('[^\\n]*');
      return !new RegExp(`(['"\`])${words}\\1`).test(source(path));
    });
    expect(wrong).toEqual([]);
  });

  test('names files that are there', () => {
    expect(links.filter(({ path }) => !existsSync(join('.', path.split('#')[0] ?? '')))).toEqual([]);
  });

  test('names settings that there are', () => {
    const settings: readonly string[] = SETTINGS.map(([name]) => name);
    const named = [DOCUMENT, 'docs/security.md'].flatMap((path) =>
      codeOf(path).flatMap(({ text: code, line }) => {
        const [, name] = /^([A-Z]+_[A-Z_]+|HSTS|SECRET|SERVICES|MAILBOX)(?:=.*)?$/.exec(code) ?? [];
        return name === undefined ? [] : [{ at: `${path}:${line}`, name }];
      }),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter(({ name }) => !settings.includes(name) && !ELSEWHERE.has(name))).toEqual([]);
  });

  /** Written like settings, and something else. */
  const ELSEWHERE = new Set(['NODE_EXTRA_CA_CERTS', 'CSRF_BLOCKED', 'SERVICE_BUSY', 'TOO_MANY_REQUESTS']);

  test('is there where something is met', () => {
    const bare = rows.filter(({ judgement, evidence }) => judgement === 'met' && !/\]\(|`/.test(evidence));
    // Nothing to show for what is absent, or what a platform gives.
    expect(bare.map(({ number }) => number)).toEqual(ABSENT);
  });

  const ABSENT = ['1.4.1', '6.2.10', '6.4.2'];
});

test('the inventory names every key that is derived from SECRET', () => {
  const labels = [...source('src/core/secrets.ts').matchAll(/(?:derive|hmacKey)\('([\w-]+)'\)/g)].map(
    ([, label]) => label,
  );
  const [, inventory = ''] = readFileSync('docs/security.md', 'utf8').split('## Keys and algorithms');
  const named = [...inventory.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
  expect(labels.length).toBeGreaterThan(11);
  expect(labels.filter((label) => !named.includes(label))).toEqual([]);
});

/** Empty if there is no such file. */
function source(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
