/** The settings of the service that suit an app with the pages of `examples/react`. */

/** @param origin of the app, for example `http://localhost:5173` */
export function settingsFor(origin: string): Record<string, string> {
  return {
    CORS_ORIGINS: origin,
    APP_URL: `${origin}/`,
    VERIFY_EMAIL_URL: `${origin}/verify-email`,
    RESET_PASSWORD_URL: `${origin}/reset-password`,
    CHANGE_EMAIL_URL: `${origin}/change-email`,
    SIGN_IN_WITH_EMAIL_URL: `${origin}/sign-in-with-email`,
    INVITATION_URL: `${origin}/invitation`,
  };
}
