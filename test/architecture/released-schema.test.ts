/** The schema does not break the clients of the last release by accident. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forbiddenChanges } from '../support/released-schema.ts';
import { none, packed, ROOT, read } from '../support/source-files.ts';

const RELEASES = 'docs/releases';

describe('the schema since the last release', () => {
  const changelog = read('CHANGELOG.md');
  const versions = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, version = '']) => version);
  const released = versions.filter((version) => version !== packed.version);

  test('every released schema is kept', () => {
    expect(readdirSync(join(ROOT, RELEASES)).sort()).toEqual(released.map((version) => `${version}.graphql`).sort());
  });

  test('breaks no client, or says what', async () => {
    const [last = expect.fail('no release')] = released;
    none(
      await forbiddenChanges({
        released: { version: last, sdl: read(`${RELEASES}/${last}.graphql`) },
        current: { version: packed.version, sdl: read('schema.graphql'), changelog },
      }),
    );
  });
});

describe('the comparison', () => {
  const compare = (sdl: string, version: string, breaking = '') =>
    forbiddenChanges({
      released: { version: '0.3.1', sdl: 'type Query { me(id: ID): String old: Int @deprecated }' },
      current: {
        version,
        sdl,
        changelog: `# Changelog\n\n## ${version}\n\n### Added\n\n- \`Query.old\`\n\n${breaking}## 0.3.1\n\n### Breaking\n\n- \`Query.me\`\n`,
      },
    });
  const announced = (path: string) => `### Breaking\n\n- \`${path}\` is gone.\n\n### Fixed\n\n- Nothing.\n\n`;

  test.each(['0.3.2', '0.4.0', '1.0.0'])('in %s something may be added', async (version) => {
    expect(await compare('type Query { me(id: ID): String old: Int new: Int! }', version)).toEqual([]);
  });

  test.each([
    ['a field is gone', 'type Query { me(id: ID): String }', 'Query.old'],
    ['a type has changed', 'type Query { me(id: ID): Int old: Int }', 'Query.me'],
    ['an argument is required', 'type Query { me(id: ID!): String old: Int }', 'Query.me.id'],
  ])('%s: only with a version that says so, and a line in the changelog', async (_, sdl, path) => {
    expect(await compare(sdl, '0.3.2', announced(path))).toEqual([expect.stringContaining('may not break')]);
    for (const version of ['0.4.0', '1.0.0']) {
      expect(await compare(sdl, version)).toEqual([expect.stringContaining(`Name \`${path}\` under "### Breaking"`)]);
      expect(await compare(sdl, version, announced(path))).toEqual([]);
    }
  });
});
