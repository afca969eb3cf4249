/** The command line itself: help, mistakes, exit codes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runLatchkey } from '../support/command.ts';

describe('help', () => {
  test('lists every command with its summary, and exits with 0', async () => {
    for (const typed of [['help'], ['--help'], ['-h']]) {
      const { code, stdout, stderr } = await runLatchkey(typed);
      expect([code, stderr]).toEqual([0, '']);
      for (const { name, summary } of COMMANDS) {
        expect(stdout).toContain(`  ${name}`);
        expect(stdout.replaceAll(/\s+/g, ' ')).toContain(summary);
      }
    }
  });

  test('shows the arguments and options of every command without opening anything', async () => {
    for (const { name, words = [], options = {} } of COMMANDS) {
      for (const typed of [
        [...name.split(' '), '--help'],
        ['help', ...name.split(' ')],
      ]) {
        // An invalid setting does not matter, because nothing is opened.
        const { code, stdout } = await runLatchkey(typed, { env: { PORT: 'none' } });
        expect(code).toBe(0);
        expect(stdout).toContain([name, ...words].join(' '));
        for (const option of Object.keys(options)) expect(stdout).toContain(`--${option}`);
      }
    }
  });

  test('fits 80 columns where nobody knows the width, and otherwise the terminal; examples stay in one piece', async () => {
    const helpOf = async (typed: readonly string[], columns?: number) =>
      (await runLatchkey([...typed, '--help'], columns === undefined ? {} : { columns })).stdout.trimEnd().split('\n');
    for (const { name } of [{ name: '' }, ...COMMANDS]) {
      const lines = await helpOf(name.split(' ').filter(Boolean));
      expect(lines.filter((line) => line.length > 80 && !line.includes('npm run'))).toEqual([]);
    }
    expect(await helpOf(['keys', 'list'], 60)).toEqual([
      'Usage: npm run -s latchkey -- keys list [OPTIONS]',
      '',
      'List the keys that sign access tokens, with their states.',
      '',
      '  --json  print one JSON document',
      '',
      '  next      published, so that every verifier knows it',
      '            before it starts signing',
      '  active    signs access tokens',
      '  retired   no longer signs; tokens it signed are accepted',
      '            until ACCEPTED UNTIL',
    ]);
    expect((await helpOf(['keys', 'list'], 300)).at(-1)).toBe(
      '  retired   no longer signs; tokens it signed are accepted until ACCEPTED UNTIL',
    );
  });

  test('--version shows the version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await runLatchkey(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('no command shows the list and counts as a mistake', async () => {
    expect(await runLatchkey([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('migrate') });
  });
});

describe('a mistake is reported in one line, with exit code 2', () => {
  test.each([
    [['frobnicate'], 'There is no command `frobnicate`. See `latchkey help` for the list.'],
    [['migrate', 'sideways'], '`sideways` is an unexpected argument. See `latchkey migrate --help`.'],
    [['migrate', '--sideways'], "Unknown option '--sideways'. See `latchkey migrate --help`."],
    [['migrate', 'new'], 'NAME is missing. See `latchkey migrate new --help`.'],
  ])('%j', async (typed, sentence) => {
    expect(await runLatchkey(typed)).toEqual({ code: 2, stdout: '', stderr: `${sentence}\n` });
  });
});

test('an invalid setting ends with exit code 1 and is named', async () => {
  const { code, stderr } = await runLatchkey(['migrate'], { env: { PORT: 'none' } });
  expect(code).toBe(1);
  expect(stderr).toContain('PORT');
});
