/**
 * The text of one email in one language, as an operator writes it: a line with the subject, then paragraphs with an
 * empty line between them. docs/branding.md describes the format.
 *
 * A template has words and values, and nothing else: no markup, no conditions. Values reach the layout as text, and the
 * layout escapes them. A template that leaves out what an email is for is refused when it is read, not when it is sent.
 */
import { formatCount, formatMoment } from '#core/locale.ts';
import { displayName } from './display-name.ts';
import type { MailBlock } from './mail-block.ts';
import { CODE_IN_SUBJECT, kindsOf, type MailName, type MailValue } from './mail-values.ts';

/** Words, and names of values. */
type Words = readonly (string | { value: string })[];
type TemplateBlock =
  | { kind: 'paragraph' | 'warning'; words: Words }
  | { kind: 'rows'; rows: readonly { label: string; words: Words }[] }
  | { kind: 'code'; value: string }
  | { kind: 'button'; label: Words; value: string };

export type Template = { subject: Words; blocks: readonly TemplateBlock[] };
/** A mistake of a file, at a line that counts from 1. */
export type TemplateProblem = { line: number; problem: string };

const SUBJECT = /^Subject:(.*)$/;
/** Stands for a value that is unknown this time, beside others that are known. */
const UNKNOWN = '—';

type Paragraph = { line: number; lines: readonly string[] };

/** The template, and everything that is wrong with it: it may be used only if that is nothing. */
export function parseTemplate(mail: MailName, text: string): { template: Template; problems: TemplateProblem[] } {
  const problems: TemplateProblem[] = [];
  const [first, ...rest] = paragraphsOf(text);
  const [subjectLine = '', ...others] = first?.lines ?? [];
  const line = first?.line ?? 1;
  const written = SUBJECT.exec(subjectLine)?.[1]?.trim() ?? '';
  if (written === '' || others.length > 0) {
    problems.push({ line, problem: 'must begin with one line `Subject: …` and an empty line after it' });
  }
  const subject = wordsOf(written, line, problems);
  const blocks = rest.map((paragraph) => ({ line: paragraph.line, block: blockOf(paragraph, problems) }));
  if (blocks.length === 0) problems.push({ line, problem: 'has a subject and no text' });
  checkSubject(mail, subject, line, problems);
  for (const { line: at, block } of blocks) checkBlock(mail, block, at, problems);
  const template = { subject, blocks: blocks.map(({ block }) => block) };
  checkWhole(mail, template, problems);
  return { template, problems };
}

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

/** Paragraphs, each with the number of its first line. A line that begins with `#` is a comment. */
function paragraphsOf(text: string): Paragraph[] {
  const paragraphs: { line: number; lines: string[] }[] = [];
  let isInside = false;
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line.startsWith('#')) continue;
    if (line !== '' && !isInside) paragraphs.push({ line: at + 1, lines: [] });
    if (line !== '') paragraphs.at(-1)?.lines.push(line);
    isInside = line !== '';
  }
  return paragraphs;
}

function blockOf({ line, lines }: Paragraph, problems: TemplateProblem[]): TemplateBlock {
  const all = lines.join(' ');
  if (lines.every((each) => each.startsWith('|'))) {
    return { kind: 'rows', rows: lines.map((each, at) => rowOf(each, line + at, problems)) };
  }
  if (lines.every((each) => each.startsWith('>'))) {
    const words = lines.map((each) => each.slice(1).trim()).join(' ');
    return { kind: 'warning', words: wordsOf(words, line, problems) };
  }
  const [, code] = /^\{(code)\}$/.exec(all) ?? [];
  if (code !== undefined) return { kind: 'code', value: code };
  const [, label, link] = /^\[([^[\]]+)\]\(\{(\w+)\}\)$/.exec(all) ?? [];
  if (label !== undefined && link !== undefined) {
    return { kind: 'button', label: wordsOf(label, line, problems), value: link };
  }
  const marks = { '|': 'in a list, every line must begin with |', '>': 'in a warning, every line must begin with >' };
  for (const [mark, problem] of Object.entries(marks)) {
    if (lines.some((each) => each.startsWith(mark))) problems.push({ line, problem });
  }
  if (all.startsWith('[')) problems.push({ line, problem: 'a button is a paragraph `[Words]({link})` of its own' });
  return { kind: 'paragraph', words: wordsOf(all, line, problems) };
}

function rowOf(text: string, line: number, problems: TemplateProblem[]): { label: string; words: Words } {
  const [, label = '', words = ''] = /^\|([^|{}]+)\|([^|]+)\|?$/.exec(text) ?? [];
  if (label.trim() === '') problems.push({ line, problem: 'must be `| Label | {value}`' });
  return { label: label.trim(), words: wordsOf(words.trim(), line, problems) };
}

function wordsOf(text: string, line: number, problems: TemplateProblem[]): Words {
  const words = text.split(/\{(\w+)\}/).map((part, at) => (at % 2 === 0 ? part : { value: part }));
  const stray = words.find((word) => typeof word === 'string' && /[{}]/.test(word));
  if (stray !== undefined)
    problems.push({ line, problem: `has a { or } that is not part of a value such as {service}` });
  return words.filter((word) => word !== '');
}

function checkSubject(mail: MailName, subject: Words, line: number, problems: TemplateProblem[]): void {
  const kinds = kindsOf(mail);
  for (const value of valuesIn(subject)) {
    const kind = kinds.get(value)?.kind;
    if (kind === undefined) problems.push({ line, problem: unknown(mail, value) });
    else if (kind === 'code' && !CODE_IN_SUBJECT.has(mail)) {
      problems.push({ line, problem: `{${value}} must not be in the subject: lock screens show it` });
    } else if (kind === 'name') {
      problems.push({ line, problem: `{${value}} must not be in the subject: strangers can choose it` });
    } else if (kind !== 'code' && kind !== 'text' && kind !== 'moment') {
      problems.push({ line, problem: `{${value}} must not be in the subject` });
    }
  }
}

function checkBlock(mail: MailName, block: TemplateBlock, line: number, problems: TemplateProblem[]): void {
  const kinds = kindsOf(mail);
  if (block.kind === 'button' || block.kind === 'code') {
    const kind = kinds.get(block.value)?.kind;
    if (kind === undefined) problems.push({ line, problem: unknown(mail, block.value) });
    else if (block.kind === 'button' && kind !== 'link')
      problems.push({ line, problem: `{${block.value}} is not a link` });
  }
  for (const value of wordsIn(block).flatMap(valuesIn)) {
    const kind = kinds.get(value)?.kind;
    if (kind === undefined) problems.push({ line, problem: unknown(mail, value) });
    if (kind === 'link') problems.push({ line, problem: `{${value}} is a link: write \`[Words]({${value}})\`` });
    if (kind === 'code') problems.push({ line, problem: `{${value}} must be a paragraph of its own` });
    if (block.kind === 'rows' && (kind === 'texts' || kind === 'moments')) {
      problems.push({ line, problem: `{${value}} is several values: write a paragraph with it` });
    }
  }
}

/** An email without its code, its link or its warning would be sent without anyone noticing. */
function checkWhole(mail: MailName, { blocks }: Template, problems: TemplateProblem[]): void {
  const shown = new Set([
    ...blocks.flatMap((block) => ('value' in block ? [block.value] : wordsIn(block).flatMap(valuesIn))),
  ]);
  const missing = [...kindsOf(mail)].filter(([value, { isRequired }]) => isRequired && !shown.has(value));
  if (missing.length === 0) return;
  const written = missing.map(([value, { kind }]) => (kind === 'link' ? `[Words]({${value}})` : `{${value}}`));
  problems.push({ line: 1, problem: `must show ${written.join(', ')}` });
}

function unknown(mail: MailName, value: string): string {
  const known = [...kindsOf(mail).keys()].map((name) => `{${name}}`).join(', ');
  return `{${value}} is not a value of this email; it has ${known}`;
}

function wordsIn(block: TemplateBlock): Words[] {
  if (block.kind === 'rows') return block.rows.map(({ words }) => words);
  if (block.kind === 'code') return [];
  return [block.kind === 'button' ? block.label : block.words];
}

function valuesIn(words: Words): string[] {
  return words.flatMap((word) => (typeof word === 'string' ? [] : [word.value]));
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
