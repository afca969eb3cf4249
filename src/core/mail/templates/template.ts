/**
 * The text of one email in one language, as an operator writes it: a line with the subject, then paragraphs with an
 * empty line between them. docs/branding.md describes the format.
 *
 * A template has words and values, and nothing else: no markup, no conditions. Values reach the layout as text, and the
 * layout escapes them. A template that leaves out what an email is for is refused when it is read, not when it is sent.
 */
/** Words, and names of values. */
export type Words = readonly (string | { value: string })[];
export type TemplateBlock =
  | { kind: 'paragraph' | 'warning'; words: Words }
  | { kind: 'rows'; rows: readonly { label: string; words: Words }[] }
  | { kind: 'code'; value: string }
  | { kind: 'button'; label: Words; value: string };

/** What a file says, once it has been read. */
export type Template = { subject: Words; blocks: readonly TemplateBlock[] };
/** A mistake in a file, and its line, counted from 1. */
export type TemplateProblem = { line: number; problem: string };

/** The names of the values among the words. */
export function valuesIn(words: Words): string[] {
  return words.flatMap((word) => (typeof word === 'string' ? [] : [word.value]));
}
