/** What the body of an email is made of. */

/**
 * A block of an email's body: a paragraph, one that nobody should miss, labels with values, a code to type, or a link
 * that is shown as a button and in full. A button that few readers need is less prominent.
 */
export type MailBlock =
  | string
  | { warning: string }
  | { rows: readonly (readonly [label: string, value: string])[] }
  | { code: string }
  | { label: string; url: string; isSecondary?: boolean };
