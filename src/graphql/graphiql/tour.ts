/** What GraphiQL opens with: the first steps of an account, each an operation that can be run as it is. */
export const GRAPHIQL_TOUR = `# Welcome! The first steps of an account.
# Press ▶ and choose, from top to bottom.

# 1. Emails a code: see Mailbox, above.
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
        message
      }
    }
  }
}

# 2. Put the code from the email here.
mutation VerifyEmail {
  verifyEmail(
    input: { email: "ada@example.com", code: "000000" }
  ) {
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

# 3. Its token then goes with every request.
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

# 4. Who you are. Without a token, "me" is null.
query Me {
  me {
    id
    name
    email
    isVerified
  }
}
`;
