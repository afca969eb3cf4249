/** Reads a template, and says everything that is wrong with it. */
import { CODE_IN_SUBJECT, kindsOf, type MailName } from '../mail-values.ts';
import { type Template, type TemplateBlock, type TemplateProblem, valuesIn, type Words } from './template.ts';

const SUBJECT = /^Subject:(.*)$/;

type Paragraph = { line: number; lines: readonly string[] };

/** The template, and everything that is wrong with it. It may be used only if nothing is. */
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
