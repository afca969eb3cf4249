/**
 * What GraphiQL opens with: a tab for each story, with its steps from top to bottom. Lines are short, so that none is
 * cut off in a small window.
 */

const ACCOUNT = `# Welcome! The first steps of an account.
# Press ▶ and choose, from top to bottom.
# Next tabs: authenticator app, organization.

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

const SECOND_FACTOR = `# Sign in with an authenticator app.
# Before: sign in, in the first tab.

# 1. Type "secret" into the app, or open
#    "qrCode" in a tab of the browser, to scan.
mutation StartTotpSetup {
  startTotpSetup {
    __typename
    ... on StartTotpSetupSuccess {
      setupToken
      secret
      qrCode
    }
    ... on UserError {
      code
      message
    }
  }
}

# 2. With "setupToken" and a code of the app.
mutation ConfirmTotpSetup {
  confirmTotpSetup(
    input: {
      setupToken: "PASTE IT HERE"
      code: "000000"
    }
  ) {
    __typename
    ... on ConfirmTotpSetupSuccess {
      recoveryCodes
      accessToken
    }
    ... on UserError {
      code
      message
    }
  }
}

# 3. Now, the password alone is not enough.
mutation LoginWithPassword {
  login(
    input: {
      identifier: "ada@example.com"
      password: "seven green teapots at dawn"
    }
  ) {
    __typename
    ... on SecondFactorRequiredError {
      challengeToken
      methods
    }
    ... on UserError {
      code
      message
    }
  }
}

# 4. With "challengeToken", and the next code:
#    each one counts once.
mutation ConfirmLogin {
  confirmLogin(
    input: {
      challengeToken: "PASTE IT HERE"
      code: "000000"
    }
  ) {
    __typename
    ... on LoginSuccess {
      tokens {
        accessToken
      }
      user {
        name
      }
      session {
        assurance
      }
    }
    ... on UserError {
      code
      message
    }
  }
}
`;

const ORGANIZATION = `# An organization with two people.
# Before: sign in, in the first tab.

# 1. Gives the id that step 2 needs.
mutation CreateOrganization {
  createOrganization(
    input: { name: "Blue Teapots" }
  ) {
    __typename
    ... on CreateOrganizationSuccess {
      organization {
        id
        slug
      }
    }
    ... on UserError {
      code
      message
    }
  }
}

# 2. Emails an invitation.
mutation InviteMember {
  inviteMember(
    input: {
      organizationId: "PASTE IT HERE"
      email: "grace@example.com"
      role: ADMIN
    }
  ) {
    __typename
    ... on InviteMemberSuccess {
      invitation {
        status
        expiresAt
      }
    }
    ... on UserError {
      code
      message
    }
  }
}

# 3. As Grace: repeat the steps of the first tab
#    with her address. Then, the code of the
#    invitation that is in the mailbox.
mutation AcceptInvitation {
  acceptInvitation(input: { code: "000000" }) {
    __typename
    ... on AcceptInvitationSuccess {
      membership {
        role
        organization {
          name
        }
      }
    }
    ... on UserError {
      code
      message
    }
  }
}

# 4. Where you act. Someone in several says where,
#    under Headers, below:
#    { "X-Organization-Id": "PASTE IT HERE" }
query CurrentOrganization {
  currentOrganization {
    organization {
      name
    }
    role
    permissions
  }
}
`;

export const GRAPHIQL_TABS = [ACCOUNT, SECOND_FACTOR, ORGANIZATION].map((query) => ({ query }));
