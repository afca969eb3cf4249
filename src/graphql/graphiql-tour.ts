/** Operations that GraphiQL opens with, a tab each: the first steps of an account. Each can be run as it is. */
export const GRAPHIQL_TOUR: readonly string[] = [
  `# Welcome! Four tabs, the first steps of an account:
# Register → VerifyEmail → Login → Me
#
# Press ▶: this one works as it is and emails a code.
# (In development the email is at /dev/mailbox.)

mutation Register {
  register(
    input: {
      name: "Ada Lovelace"
      email: "ada@example.com"
      password: "seven green teapots at dawn"
    }
  ) {
    __typename
    ... on RegisterSuccess {
      email
      resendAvailableAt
    }
    ... on UserError {
      code
      message
    }
    ... on ValidationError {
      fieldErrors {
        path
        code
        message
      }
    }
  }
}
`,
  `# Put the code from the email here. After too many
# wrong ones, resendVerification sends another.

mutation VerifyEmail {
  verifyEmail(input: { email: "ada@example.com", code: "000000" }) {
    __typename
    ... on VerifyEmailSuccess {
      user {
        id
        isVerified
      }
    }
    ... on UserError {
      code
      message
    }
  }
}
`,
  `# Copy the accessToken: the next tab needs it.

mutation Login {
  login(
    input: {
      identifier: "ada@example.com"
      password: "seven green teapots at dawn"
    }
  ) {
    __typename
    ... on LoginSuccess {
      tokens {
        accessToken
        refreshToken
        expiresIn
      }
      user {
        id
        name
      }
    }
    ... on UserError {
      code
      message
    }
  }
}
`,
  `# Paste the accessToken below, after "Bearer ".
# Without a token, "me" is null.

query Me {
  me {
    id
    name
    email
    isVerified
  }
}
`,
];
