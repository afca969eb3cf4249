/** What the attacks send to GraphQL. */

const FAILURE = '__typename ... on UserError { code }';

export const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { ${FAILURE} } }`;
export const VERIFY = `mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { ${FAILURE} } }`;
export const RESEND = `mutation ($input: ResendVerificationInput!) { resendVerification(input: $input) { ${FAILURE} } }`;
export const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { ${FAILURE}
  ... on LoginSuccess { tokens { accessToken refreshToken deviceToken } } } }`;
export const REFRESH = `mutation ($input: RefreshInput!) { refresh(input: $input) { ${FAILURE}
  ... on RefreshSuccess { tokens { accessToken refreshToken } } } }`;
export const LOGOUT = `mutation ($input: LogoutInput!) { logout(input: $input) { ${FAILURE} } }`;
export const REQUEST_RESET = `mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { ${FAILURE} } }`;
export const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { ${FAILURE} } }`;
export const REQUEST_LOGIN = `mutation ($input: RequestLoginInput!) { requestLogin(input: $input) { ${FAILURE} } }`;
export const ME = '{ me { id email } }';
