import { OperatorError } from '#errors/operator-error.ts';

/** The attack could not be tried on this service; the message says why. */
export class Skipped extends OperatorError {}
