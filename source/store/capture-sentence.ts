import type { CaptureMode, CaptureStatus } from '../shared/capture.ts';

const kept: Readonly<Record<Exclude<CaptureMode, 'off'>, string>> = {
  errors: 'heads and bodies of requests that end badly are kept, encrypted',
  all: 'heads and bodies of all requests are kept, encrypted',
};

/** What everybody who looks should know; null when nothing is captured, as it was wished. */
export const captureSentence = ({ mode, reason }: CaptureStatus): string | null => {
  if (mode !== 'off') return `capture is on (${mode}): ${kept[mode]}${reason === null ? '' : `; ${reason}`}`;
  return reason === null ? null : `capture is off: ${reason}`;
};
