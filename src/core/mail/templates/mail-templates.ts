/**
 * The templates of an operator, by email and language: `verify-email.it.txt`. A language of their own also has the
 * words that all emails share, `frame.it.txt`.
 */
import { LOCALES } from '#core/locale.ts';
import { OperatorError } from '#errors/operator-error.ts';
import { FRAMES, type Frame } from '../frame.ts';
import { MAIL_NAMES, type MailName } from '../mail-values.ts';
import { FRAME_NAME, parseFrame } from './frame-file.ts';
import { parseTemplate } from './parse-template.ts';
import type { Template, TemplateProblem } from './template.ts';

export type MailTemplates = {
  /** The languages of our own texts, and those that the operator adds. */
  languages: readonly string[];
  /** Null if the email has no template in the language. */
  find: (mail: MailName, language: string) => Template | null;
  frame: (language: string) => Frame;
};

/** A file of TEMPLATES_DIR. `text` is null if it is not UTF-8, or too large to be a template. */
export type TemplateFile = { name: string; text: string | null };

const FILE = /^([a-z-]+)\.([a-z]{2,3})\.txt$/;
/** Other files that may be in the directory. */
const BESIDE = /^readme(\.|$)/i;

/** Fails with an OperatorError that names every mistake by file and line. */
export function readTemplates(files: readonly TemplateFile[]): MailTemplates {
  const templates = new Map<string, Template>();
  const frames = new Map<string, Frame>(Object.entries(FRAMES));
  const problems: string[] = [];
  const report = (name: string, found: readonly TemplateProblem[]) =>
    problems.push(...found.map(({ line, problem }) => `${name}:${line}: ${problem}`));
  for (const { name, text } of files) {
    if (BESIDE.test(name)) continue;
    const [, mail = '', language = ''] = FILE.exec(name) ?? [];
    if (text === null) {
      report(name, [{ line: 1, problem: 'must be text in UTF-8, of at most 64 kB' }]);
    } else if (mail === FRAME_NAME) {
      const { frame, problems: found } = parseFrame(text);
      report(name, found);
      frames.set(language, frame);
    } else if (isMailName(mail)) {
      const { template, problems: found } = parseTemplate(mail, text);
      report(name, found);
      templates.set(`${mail}.${language}`, template);
    } else report(name, [{ line: 1, problem: unknownFile(mail) }]);
  }
  const languages = new Set<string>([...LOCALES, ...[...templates.keys()].map(languageOf), ...frames.keys()]);
  for (const language of languages) {
    if (frames.has(language)) continue;
    problems.push(
      `${FRAME_NAME}.${language}.txt:1: is missing: a language that you add needs the words that all emails share`,
    );
  }
  if (problems.length > 0) {
    throw new OperatorError(`Invalid TEMPLATES_DIR:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
  return {
    languages: [...languages],
    find: (mail, language) => templates.get(`${mail}.${language}`) ?? null,
    frame: (language) => frames.get(language) ?? FRAMES.en,
  };
}

function isMailName(name: string): name is MailName {
  return MAIL_NAMES.some((known) => known === name);
}

function languageOf(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function unknownFile(mail: string): string {
  return mail === ''
    ? 'must be called EMAIL.LANGUAGE.txt, such as verify-email.en.txt'
    : `there is no email "${mail}"; there are ${[...MAIL_NAMES, FRAME_NAME].join(', ')}`;
}
