import type { LimitReading } from '../balancer/limits.ts';
import type { LogLevel } from '../shared/events.ts';
import { isKnownStatus } from '../shared/limit-window.ts';
import { sanitize } from '../shared/sanitize.ts';

/** A server that makes words up must neither grow us nor fill the log. */
const mostWords = 50;

/**
 * Says in the log once of each status word of a limit that nobody knows, which is then taken for no refusal, so that
 * somebody finds out what it means.
 */
export const tellUnknownWords = (
  log: (level: LogLevel, text: string) => void,
): ((accountName: string, limits: Pick<LimitReading, 'status' | 'windows'>) => void) => {
  const told = new Set<string>();
  const look = (accountName: string, place: string, word: string | null): void => {
    if (word === null || isKnownStatus(word) || told.has(word) || told.size >= mostWords) return;
    told.add(word);
    const text = `${sanitize(accountName, 64)}: the server says ${sanitize(word, 60)} of ${sanitize(place, 40)}`;
    log('warning', `${text}; ccr-tui does not know that word and takes it for no refusal`);
  };
  return (accountName, { status, windows }) => {
    look(accountName, 'its limits', status);
    for (const window of windows) look(accountName, `its ${window.id} limit`, window.status);
  };
};
