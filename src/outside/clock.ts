/** The time of day. Everything that expires asks it, so that tests can move it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
