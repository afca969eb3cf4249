/** Expected failures around second factors; all others are in domain-errors.ts. */
import { DomainError, type SecondFactorMethod } from './domain-errors.ts';

/** The first factor was right. Nothing has been opened: no session, no token, no cookie. */
export class SecondFactorRequiredError extends DomainError {
  readonly code = 'SECOND_FACTOR_REQUIRED';
  /** Continues this sign-in; of no use without a second factor. */
  readonly challengeToken: string;
  readonly methods: readonly SecondFactorMethod[];
  readonly expiresAt: Date;
  constructor(challenge: Pick<SecondFactorRequiredError, 'challengeToken' | 'methods' | 'expiresAt'>) {
    super('Please confirm with your second factor.');
    this.challengeToken = challenge.challengeToken;
    this.methods = challenge.methods;
    this.expiresAt = challenge.expiresAt;
  }
}

export class SecondFactorNotSetUpError extends DomainError {
  readonly code = 'SECOND_FACTOR_NOT_SET_UP';
  constructor() {
    super('This account has no second factor. Set one up first.');
  }
}

export class LoginExpiredError extends DomainError {
  readonly code = 'LOGIN_EXPIRED';
  constructor() {
    super('This has expired or has been completed. Please start again.');
  }
}

/** Reserved: passkeys are not taken yet. Listed already, so that the unions of sign-in do not change with them. */
export class PasskeyRejectedError extends DomainError {
  readonly code = 'PASSKEY_REJECTED';
  constructor() {
    super('This passkey was not accepted.');
  }
}

/** What InvalidCodeError says of a wrong second factor: what the person can do. */
export const INVALID_FACTOR = {
  totp: 'This code is not valid, or was used already. Enter the next one that your authenticator app shows.',
  recovery_code: 'This recovery code is not valid. It may have been used, or replaced by newer ones.',
} as const;
