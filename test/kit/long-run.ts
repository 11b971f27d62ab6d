// `npm run test:long` runs the files that import this one, and no others: there is nothing more in the rest.

const isLong = process.env['CCR_TEST_LONG'] === '1';

/** How often, how many, how far: for every run, and for the long one. */
export const inRun = <Value>(short: Value, long: Value): Value => (isLong ? long : short);

/** Runs of a property. */
export const numRuns = inRun(100, 10_000);
