/** Long enough before midnight UTC, when every budget begins anew, for a test to end on the day on which it began. */
export const awayFromMidnight = async (): Promise<void> => {
  const left = 86_400_000 - (Date.now() % 86_400_000);
  if (left < 30_000) await new Promise((resolve) => setTimeout(resolve, left + 10));
};
