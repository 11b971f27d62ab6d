/** A share (0..1, may pass 1) in whole per cent, rounded down so that 100 means spent; 0 for less than none. */
export const wholePercent = (share: number): number => {
  // 0.29 * 100 is 28.999…; what is below 1 stays below 100.
  const whole = Math.floor(Math.max(0, share) * 100 + 1e-9);
  return share < 1 ? Math.min(99, whole) : whole;
};
