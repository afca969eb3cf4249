/** The operations that are methods of `Auth` as they are: input in, if they have one, and union out. */
import type { Document } from './document.ts';
import * as operations from './generated/operations.ts';
import type { InputOf, ResultOf } from './types.ts';

/** Without the token of the person who is signed in. */
export const FOR_ANYONE = {
  register: operations.Register,
  verifyEmail: operations.VerifyEmail,
  resendVerification: operations.ResendVerification,
  requestLogin: operations.RequestLogin,
  requestPasswordReset: operations.RequestPasswordReset,
  resetPassword: operations.ResetPassword,
  undoAccountDeletion: operations.UndoAccountDeletion,
  declineInvitation: operations.DeclineInvitation,
  requestSecondFactorReset: operations.RequestSecondFactorReset,
  confirmSecondFactorReset: operations.ConfirmSecondFactorReset,
  undoSecurityChange: operations.UndoSecurityChange,
};

/** With it, if someone is signed in. */
export const FOR_VIEWERS = {
  confirmEmailChange: operations.ConfirmEmailChange,
  acceptInvitation: operations.AcceptInvitation,
  changePassword: operations.ChangePassword,
  updateProfile: operations.UpdateProfile,
  requestEmailChange: operations.RequestEmailChange,
  deleteAccount: operations.DeleteAccount,
  endSession: operations.EndSession,
  endOtherSessions: operations.EndOtherSessions,
  switchOrganization: operations.SwitchOrganization,
  issueServiceToken: operations.IssueServiceToken,
  startTotpSetup: operations.StartTotpSetup,
  removeTotp: operations.RemoveTotp,
  renewRecoveryCodes: operations.RenewRecoveryCodes,
  untrustDevice: operations.UntrustDevice,
};

/** With it, and with the refresh token, which is exchanged for one that has the proof as well. */
export const FOR_PROOF = {
  reauthenticate: operations.Reauthenticate,
  confirmTotpSetup: operations.ConfirmTotpSetup,
};

type MethodsOf<Documents> = {
  [Name in keyof Documents]: (
    ...input: [InputOf<Documents[Name]>] extends [never] ? [] : [input: InputOf<Documents[Name]>]
  ) => Promise<ResultOf<Documents[Name]>>;
};
export type Methods = MethodsOf<typeof FOR_ANYONE> & MethodsOf<typeof FOR_VIEWERS> & MethodsOf<typeof FOR_PROOF>;

type Send = <Result, Variables>(document: Document<Result, Variables>, variables: Variables) => Promise<Result>;

/** @param onResult is called with each result before it is returned */
export function methodsOf<Documents extends Record<string, string>>(
  documents: Documents,
  send: Send,
  onResult: (result: unknown) => Promise<void> = async () => {},
): MethodsOf<Documents> {
  const methods = Object.entries(documents).map(([name, document]) => {
    const method = async (input?: unknown) => {
      const { [name]: result } = await send(document as Document<Record<string, unknown>, object>, { input });
      await onResult(result);
      return result;
    };
    return [name, method];
  });
  return Object.fromEntries(methods);
}
