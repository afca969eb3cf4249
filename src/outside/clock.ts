/** The current time. Everything that expires uses this clock, so that tests can move it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
