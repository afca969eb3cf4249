/** Our own texts as templates, for an operator who changes or translates them. */

import type { Mail } from '../mail.ts';
import type { MailBlock } from '../mail-block.ts';
import { kindsOf, type MailValue } from '../mail-values.ts';
import { shownAs } from './fill-template.ts';

/**
 * An email that was written with sample values, as the template that would write it. The values must differ from each
 * other and from every word of the text.
 */
export function printTemplate({ name, subject, blocks, values }: Mail, language: string): string {
  const kinds = kindsOf(name);
  const own = Object.fromEntries(Object.entries(values).filter(([value]) => kinds.has(value)));
  const named = (text: string) => withNames(text, own, language);
  const paragraphs = blocks.map((block) => paragraphOf(block, named, (url) => nameOf(url, values)));
  const known = [...kinds.keys()].map((value) => `{${value}}`).join(' ');
  return `# Values of this email: ${known}\nSubject: ${named(subject)}\n\n${paragraphs.join('\n\n')}\n`;
}

function paragraphOf(block: MailBlock, named: (text: string) => string, nameOfUrl: (url: string) => string): string {
  if (typeof block === 'string') return named(block);
  if ('warning' in block) return `> ${named(block.warning)}`;
  if ('rows' in block) return block.rows.map(([label, value]) => `| ${label} | ${named(value)}`).join('\n');
  if ('code' in block) return '{code}';
  return `[${block.label}]({${nameOfUrl(block.url)}})`;
}

/** The text with the names of values in place of the values; the longest first, as one may be part of another. */
function withNames(text: string, values: Mail['values'], language: string): string {
  const found = Object.entries(values)
    .flatMap(([name, value]) => entriesOf(value).map((entry) => [name, shownAs(entry, language)] as const))
    .flatMap(([name, shown]) => (shown === null ? [] : [[name, shown] as const]))
    .sort(([, one], [, other]) => other.length - one.length);
  return found.reduce((rest, [name, shown]) => rest.replaceAll(shown, `{${name}}`), text);
}

function entriesOf(value: MailValue): readonly Exclude<MailValue, readonly unknown[]>[] {
  return Array.isArray(value) ? value : [value as Exclude<MailValue, readonly unknown[]>];
}

function nameOf(url: string, values: Mail['values']): string {
  return Object.entries(values).find(([, value]) => value === url)?.[0] ?? 'link';
}
