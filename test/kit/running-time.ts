import { onTestFinished } from 'vitest';

const lookMs = 5;
/** More than this from one look to the next is time in which the thread was kept, but for what it worked meanwhile. */
const mostMs = 4 * lookMs;

/**
 * Starts to count the milliseconds in which this thread ran: neither those in which its machine gave the processor to
 * others, nor those in which it was stopped. For bounds on what a program does by itself: what it waits for or works on
 * is counted in full.
 */
export const runningTime = (): (() => number) => {
  let counted = 0;
  let at = performance.now();
  let worked = process.threadCpuUsage();
  const look = (): void => {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(worked);
    counted += Math.min(now - at, Math.max(mostMs, (user + system) / 1000));
    at = now;
    worked = process.threadCpuUsage();
  };
  const timer = setInterval(look, lookMs);
  onTestFinished(() => clearInterval(timer));
  return () => {
    look();
    return counted;
  };
};
