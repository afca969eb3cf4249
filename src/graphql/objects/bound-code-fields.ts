/** What requests for an email take and answer with, and what operations take that its code is given to. */
import type { BuilderTypes } from '#graphql/builder.ts';

type InputBuilder = PothosSchemaTypes.InputFieldBuilder<BuilderTypes, 'InputObject'>;
type Requested = { email: string; requestToken: string | null; resendAvailableAt: Date };

/** The field `bindCode` of a request. */
export function bindCodeField(t: InputBuilder) {
  return t.boolean({
    required: false,
    description:
      'Whether the code is to count only together with the `requestToken` of the answer, so that nobody else can ' +
      'guess at it or use up its attempts. The link works on every device all the same.',
  });
}

/** The field `requestToken` of an operation that takes the code. */
export function requestTokenField(t: InputBuilder) {
  return t.string({
    required: false,
    description: 'Instead of `email`: of the answer that it came with, if the email was requested with `bindCode`.',
  });
}

/**
 * The fields of the answer to a request.
 * @param operation that takes the code
 * @param more what differs between requests
 */
export function requestedEmailFields(
  t: PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, Requested>,
  operation: string,
  more: { otherwise?: string; resendAvailableAt?: string } = {},
) {
  const { otherwise = 'Otherwise null.', resendAvailableAt = 'When the next email can be requested.' } = more;
  return {
    email: t.exposeString('email', { description: 'The address in its canonical form, in lower case.' }),
    requestToken: t.exposeString('requestToken', {
      nullable: true,
      description: `With \`bindCode\`: give it to \`${operation}\` with the code. The same for every address. ${otherwise}`,
    }),
    resendAvailableAt: t.expose('resendAvailableAt', { type: 'DateTime', description: resendAvailableAt }),
  };
}
