import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ALL_PERMISSIONS,
  isAbove,
  PERMISSIONS,
  permissionsOf,
  ROLE_PERMISSIONS,
} from '#core/organizations/permissions.ts';

describe('permissions', () => {
  test('docs/organizations.md lists the catalogue and what the built-in roles hold of it', () => {
    const rows = ALL_PERMISSIONS.map((permission) => {
      const marks = (['OWNER', 'ADMIN', 'MEMBER'] as const).map((role) =>
        ROLE_PERMISSIONS[role].includes(permission) ? '✓' : '',
      );
      return `| \`${permission}\` | ${PERMISSIONS[permission]} | ${marks.join(' | ')} |`
        .replaceAll('|  |', '| |')
        .replaceAll('|  |', '| |');
    });
    const section = readFileSync('docs/organizations.md', 'utf8').split('\n');
    const shown = section.filter((line) => /^\| `[a-z]+:[a-z]+` \|/.test(line));
    expect(shown).toEqual(rows);
  });

  test('each role holds all that the one below it holds, and nothing that is not in the catalogue counts', () => {
    for (const permission of ROLE_PERMISSIONS.MEMBER) expect(ROLE_PERMISSIONS.ADMIN).toContain(permission);
    for (const permission of ROLE_PERMISSIONS.ADMIN) expect(ROLE_PERMISSIONS.OWNER).toContain(permission);
    expect(isAbove('OWNER', 'ADMIN') && isAbove('ADMIN', 'MEMBER') && !isAbove('ADMIN', 'ADMIN')).toBe(true);
    expect([...permissionsOf('MEMBER', ['platform:own', 'constructor'])]).toEqual(ROLE_PERMISSIONS.MEMBER);
  });
});
