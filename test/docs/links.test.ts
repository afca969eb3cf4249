/** The documents lead to each other: every relative link to a file that exists, every anchor to a heading. */
import { existsSync, globSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, linksOf } from '../support/markdown.ts';

const DOCUMENTS = globSync(['*.md', 'docs/*.md', 'examples/**/*.md'], { exclude: ['**/node_modules'] }).sort();

test.each(DOCUMENTS)('%s leads nowhere that is not there', (document) => {
  const broken = linksOf(document)
    .filter(({ target }) => !/^[a-z]+:/.test(target))
    .flatMap(({ target, line }) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      if (!existsSync(file)) return [`${document}:${line} leads to ${path}, which is not there.`];
      if (anchor === undefined || anchorsOf(file).has(anchor)) return [];
      return [`${document}:${line} leads to ${target}, and ${file} has no such heading.`];
    });
  expect(broken).toEqual([]);
});

test('the README leads to every guide', () => {
  const guides = globSync('docs/*.md').sort();
  const linked = linksOf('README.md').map(({ target }) => relative('.', target));
  expect(guides.filter((guide) => !linked.includes(guide))).toEqual([]);
});
