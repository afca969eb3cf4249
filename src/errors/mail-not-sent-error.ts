/** Why an email was not accepted. The message contains no full email address, because it is logged. */
export class MailNotSentError extends Error {
  override readonly name = 'MailNotSentError';
  /** Whether it would be refused again: the server does not accept this recipient or this content. */
  readonly isFinal: boolean;
  constructor(message: string, { isFinal = false }: { isFinal?: boolean } = {}) {
    super(message);
    this.isFinal = isFinal;
  }
}
