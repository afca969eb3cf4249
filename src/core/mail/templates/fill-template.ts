/** Writes an email with a template. */
import { formatCount, formatMoment } from '#core/locale.ts';
import { displayName } from '../display-name.ts';
import type { MailBlock } from '../mail-block.ts';
import { kindsOf, type MailName, type MailValue } from '../mail-values.ts';
import { type Template, type TemplateBlock, valuesIn, type Words } from './template.ts';

/** Stands for a value that is unknown this time, next to others that are known. */
const UNKNOWN = '—';

type Values = Readonly<Record<string, MailValue>>;

/**
 * What an email says with a template, with values in the language of the template. The subject is null if none of its
 * values is known: the code has expired before the email was sent.
 */
export function fillTemplate(
  { subject, blocks }: Template,
  { mail, values, language }: { mail: MailName; values: Values; language: string },
): { subject: string | null; blocks: MailBlock[] } {
  const kinds = kindsOf(mail);
  const harmless = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const isName = typeof value === 'string' && kinds.get(name)?.kind === 'name';
      return [name, isName ? displayName(value) : value];
    }),
  );
  const filled = fill(subject, harmless, language, null);
  return { subject: filled, blocks: blocks.flatMap((block) => fillBlock(block, harmless, language)) };
}

function fillBlock(block: TemplateBlock, values: Values, language: string): MailBlock[] {
  switch (block.kind) {
    case 'code': {
      const code = values[block.value];
      return typeof code === 'string' ? [{ code }] : [];
    }
    case 'button': {
      const url = String(values[block.value]);
      const label = fill(block.label, values, language, null) ?? '';
      return [{ label, url, ...(block.value !== 'link' && { isSecondary: true }) }];
    }
    case 'rows': {
      const rows = block.rows.flatMap(({ label, words }) => {
        const value = fill(words, values, language, null);
        return value === null ? [] : [[label, value] as const];
      });
      return rows.length === 0 ? [] : [{ rows }];
    }
    case 'warning':
    case 'paragraph': {
      // Of a list, each entry gets a paragraph of its own.
      const list = valuesIn(block.words)
        .map((value) => values[value])
        .find((value) => Array.isArray(value));
      const turns = Array.isArray(list) ? list.map((_, at) => at) : [null];
      return turns.flatMap((turn) => {
        const text = fill(block.words, values, language, turn);
        if (text === null) return [];
        return [block.kind === 'warning' ? { warning: text } : text];
      });
    }
  }
}

/**
 * The words with their values; null if there are values and none of them is known this time.
 *
 * @param turn which entry of lists to take
 */
function fill(words: Words, values: Values, language: string, turn: number | null): string | null {
  const own = valuesIn(words).filter((value) => value !== 'service');
  const shown = (value: string) => shownAs(entryOf(values[value], turn), language);
  if (own.length > 0 && own.every((value) => shown(value) === null)) return null;
  return words.map((word) => (typeof word === 'string' ? word : (shown(word.value) ?? UNKNOWN))).join('');
}

function entryOf(value: MailValue | undefined, turn: number | null): Exclude<MailValue, readonly unknown[]> {
  if (value === undefined) return null;
  return Array.isArray(value) ? (value[turn ?? 0] ?? null) : (value as Exclude<MailValue, readonly unknown[]>);
}

/** A value as people read it, in the language; null for one that is unknown. */
export function shownAs(value: Exclude<MailValue, readonly unknown[]>, language: string): string | null {
  if (value === null || value === '') return null;
  if (value instanceof Date) return formatMoment(value, language);
  if (typeof value === 'object') return formatCount(value.count, value.unit, language);
  return value;
}
