import { describe, expect, test } from 'vitest';
import { scan } from '../support/imports.ts';

describe('the scanner behind these tests', () => {
  test('finds every form of import and tells types from values', () => {
    const { imports } = scan(`
      import a from './a.ts';
      import './b.ts';
      import type { C } from "./c.ts";
      import { type D, type E } from './d.ts';
      import { type F, g } from './e.ts';
      export { h } from './f.ts';
      export * from './g.ts';
      const i = await import('./h.ts');
      type J = typeof import('./i.ts');
      const worker = new Worker(new URL('./j.ts', import.meta.url));
      import json from './k.json' with { type: 'json' };
    `);
    const taken = (isType: boolean) =>
      imports.filter((each) => each.isType === isType).map(({ specifier }) => specifier);
    expect(taken(false).sort()).toEqual(
      ['a', 'b', 'e', 'f', 'g', 'h', 'j'].map((name) => `./${name}.ts`).concat('./k.json'),
    );
    expect(taken(true).sort()).toEqual(['./c.ts', './d.ts', './i.ts']);
  });

  test('is not misled by comments, strings, templates and regular expressions', () => {
    const { imports, code } = scan(
      [
        "// import a from './a.ts'",
        "/* import b from './b.ts' */",
        `const c = "import d from './d.ts'; process.env";`,
        `const e = \`process.env \${new Date().getTime()} \${\`\${f}\`} } new Response\`;`,
        "const g = /['\"`/]/.test(h) ? 1 / 2 : 'Request';",
        "export class I { code: 'UNAUTHENTICATED' }",
        `await import(\`@platform/\${j}\`);`,
        "import i from './i.ts';",
      ].join('\n'),
    );
    expect(imports).toEqual([{ specifier: './i.ts', isType: false }]);
    expect(code).toContain('new Date()');
    expect(code).not.toMatch(/process|Request|Response/);
  });
});
