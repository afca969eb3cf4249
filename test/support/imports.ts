/**
 * What a TypeScript file imports and which names its code uses, for the tests in `architecture/`. A scanner of our own:
 * it knows comments, strings, templates and regular expressions, which is all that telling code from text takes.
 */

import { isBuiltin } from 'node:module';

export type Import = {
  /** As written: `#core/session.ts`, `./mail.ts`, `hono`. */
  specifier: string;
  /** Only types are taken, so that nothing of the other file runs. */
  isType: boolean;
};

export type Source = {
  imports: readonly Import[];
  /** The file without comments and with every string emptied: where to look for names. */
  code: string;
};

/** Reads `import … from`, `import '…'`, `export … from`, `import('…')` and `new URL('./…', import.meta.url)`. */
export function scan(text: string): Source {
  const { code, strings } = codeOf(text);
  const imports: Import[] = [];
  const add = (index: string | undefined, isType: boolean) => {
    const specifier = strings[Number(index)];
    if (specifier !== undefined) imports.push({ specifier, isType });
  };
  for (const [, names = '', index] of code.matchAll(/\b(?:import|export)\b([^'=;()]*?)\bfrom\s*'(\d+)'/g)) {
    add(index, takesTypesOnly(names));
  }
  for (const [, index] of code.matchAll(/\bimport\s*'(\d+)'/g)) add(index, false);
  // Of a name that is put together when it runs, nothing can be said.
  for (const [, type, index] of code.matchAll(/(\btypeof\s+)?\bimport\s*\(\s*'(\d+)'\s*[,)]/g))
    add(index, type !== undefined);
  for (const [, index] of code.matchAll(/\bnew\s+URL\s*\(\s*'(\d+)'\s*,\s*import\.meta\.url/g)) {
    if (/\.[mc]?[jt]s$/.test(strings[Number(index)] ?? '')) add(index, false);
  }
  return { imports, code: code.replace(/'\d+'/g, "''") };
}

/** `type { A }` and `{ type A, type B }`. */
function takesTypesOnly(names: string): boolean {
  if (/^\s*type\b/.test(names)) return true;
  const listed = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1];
  const each = listed?.split(',').map((name) => name.trim());
  return each?.some((name) => name !== '') === true && each.every((name) => name === '' || name.startsWith('type '));
}

/** The code with comments left out and each string replaced by its number in `strings`, in single quotes. */
function codeOf(text: string): { code: string; strings: string[] } {
  const strings: string[] = [];
  // Braces opened inside each `${` that is still open; a template goes on where its own brace closes.
  const templates: number[] = [];
  let code = '';
  let at = 0;

  const template = () => {
    const part = /(?:[^\\`$]|\\[\s\S]|\$(?!\{))*/y;
    part.lastIndex = at;
    const content = part.exec(text)?.[0] ?? '';
    at += content.length;
    strings.push(content);
    code += `'${strings.length - 1}'`;
    if (text[at] === '$') {
      templates.push(0);
      code += '+(';
      at += 2;
    } else at += 1;
  };

  while (at < text.length) {
    const rest = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|[\s\S]/y;
    rest.lastIndex = at;
    const token = rest.exec(text)?.[0] ?? '';
    at += token.length;
    if (token.startsWith('//') || token.startsWith('/*')) code += ' ';
    else if (token.length > 1) {
      strings.push(token.slice(1, -1));
      code += `'${strings.length - 1}'`;
    } else if (token === '`') template();
    else if (token === '/' && /(?:^|[=(,:;!&|?{}[>\n]|\breturn)\s*$/.test(code)) {
      const expression = /(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])*\/[a-z]*/y;
      expression.lastIndex = at;
      at += expression.exec(text)?.[0].length ?? 0;
      code += '/./';
    } else {
      const open = templates.length - 1;
      const depth = templates[open];
      if (token === '}' && depth === 0) {
        templates.pop();
        code += ')+';
        template();
        continue;
      }
      if (depth !== undefined && token === '{') templates[open] = depth + 1;
      if (depth !== undefined && token === '}') templates[open] = depth - 1;
      code += token;
    }
  }
  return { code, strings };
}

/** The package that an import means; undefined for a file of ours and for what Node brings. */
export function packageOf({ specifier }: Import): string | undefined {
  if (/^[#.]/.test(specifier) || isBuiltin(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}
